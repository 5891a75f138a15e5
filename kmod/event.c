// SPDX-License-Identifier: GPL-2.0-only
/* Semantic events and the ring that keeps them (docs/format.md, "Events"). */
#include "vexfs.h"

static struct vexfs_event *vexfs_buffer(struct vexfs_sb_info *sbi)
{
	return (struct vexfs_event *)sbi->event_buffer;
}

u64 vexfs_ring_block(const struct vexfs_sb_info *sbi, u64 position)
{
	return sbi->ring_start + position / VEXFS_BLOCK_SIZE % sbi->ring_blocks;
}

u64 vexfs_oldest_position(const struct vexfs_sb_info *sbi, u64 ring_head)
{
	u64 last = ring_head ? (ring_head - 1) / VEXFS_BLOCK_SIZE : 0;

	if (last + 1 <= sbi->ring_blocks)
		return 0;
	return (last - sbi->ring_blocks + 1) * VEXFS_BLOCK_SIZE;
}

/* Starts the record of the running unit; fields and vexfs_event_end follow. */
void vexfs_event_begin(struct vexfs_sb_info *sbi, u16 type, u64 ino, u64 parent)
{
	struct vexfs_event *event = vexfs_buffer(sbi);

	memset(sbi->event_buffer, 0, sizeof(sbi->event_buffer));
	event->type = cpu_to_le16(type);
	event->ino = cpu_to_le64(ino);
	event->parent = cpu_to_le64(parent);
}

void vexfs_event_bytes(struct vexfs_sb_info *sbi, u16 tag, const void *bytes, unsigned int length)
{
	struct vexfs_event *event = vexfs_buffer(sbi);
	unsigned int used = le16_to_cpu(event->payload);
	struct vexfs_event_field *field;

	field = (void *)(sbi->event_buffer + sizeof(*event) + used);
	field->tag = cpu_to_le16(tag);
	field->length = cpu_to_le16(length);
	memcpy(field + 1, bytes, length);
	event->payload = cpu_to_le16(used + sizeof(*field) + ALIGN(length, 4));
}

void vexfs_event_u32(struct vexfs_sb_info *sbi, u16 tag, unsigned int count, const u32 *values)
{
	__le32 raw[4];
	unsigned int i;

	for (i = 0; i < count; i++)
		raw[i] = cpu_to_le32(values[i]);
	vexfs_event_bytes(sbi, tag, raw, count * sizeof(*raw));
}

void vexfs_event_u64(struct vexfs_sb_info *sbi, u16 tag, unsigned int count, const u64 *values)
{
	__le64 raw[4];
	unsigned int i;

	for (i = 0; i < count; i++)
		raw[i] = cpu_to_le64(values[i]);
	vexfs_event_bytes(sbi, tag, raw, count * sizeof(*raw));
}

/* The event that led to this one. */
void vexfs_event_cause(struct vexfs_sb_info *sbi, u64 cause)
{
	vexfs_buffer(sbi)->cause = cpu_to_le64(cause);
}

/* Where a record of this length goes in the ring; enters a new block if it must. */
static u8 *vexfs_ring_room(struct vexfs_sb_info *sbi, u64 *head, unsigned int length)
{
	struct vexfs_image *image;
	unsigned int offset = *head % VEXFS_BLOCK_SIZE;

	if (offset + length > VEXFS_BLOCK_SIZE) {
		*head += VEXFS_BLOCK_SIZE - offset;
		offset = 0;
	}
	if (!offset) {
		image = vexfs_take_spare(sbi, vexfs_ring_block(sbi, *head), VEXFS_KIND_RING);
	} else {
		image = vexfs_find_image(sbi, vexfs_ring_block(sbi, *head));
		vexfs_touch(sbi, image);
	}
	return image->data + offset;
}

/* Completes the record and puts it into the ring. image_lock held for writing; cannot fail. */
void vexfs_event_end(struct vexfs_sb_info *sbi, u64 unit, s64 now)
{
	struct vexfs_event *event = vexfs_buffer(sbi);
	struct vexfs_state *state = sbi->unit.state;
	unsigned int length = ALIGN(sizeof(*event) + le16_to_cpu(event->payload),
				    VEXFS_EVENT_ALIGN);
	u64 head = le64_to_cpu(state->ring_head);

	event->magic = cpu_to_le32(VEXFS_EVENT_MAGIC);
	event->sequence = state->next_event;
	event->flags = cpu_to_le16(VEXFS_EVF_ATOMIC | VEXFS_EVF_TRANSACTIONAL);
	event->priority = VEXFS_EVENT_PRIORITY_NORMAL;
	event->clock = sbi->opt.manual_clock ? VEXFS_EVENT_CLOCK_MANUAL :
					       VEXFS_EVENT_CLOCK_SYSTEM;
	event->length = cpu_to_le16(length);
	event->time = cpu_to_le64(now);
	event->transaction = cpu_to_le64(sbi->sequence);
	event->epoch = cpu_to_le64(sbi->epoch);
	memcpy(&event->clock_volume, sbi->uuid, sizeof(event->clock_volume));
	event->clock_counter = event->sequence;
	event->unit = cpu_to_le64(unit);
	event->crc = cpu_to_le32(vexfs_crc(sbi, le64_to_cpu(event->sequence), event, length,
					   offsetof(struct vexfs_event, crc)));
	memcpy(vexfs_ring_room(sbi, &head, length), event, length);
	state->ring_head = cpu_to_le64(head + length);
	le64_add_cpu(&state->next_event, 1);
	atomic64_inc(&sbi->stats.events);
}
