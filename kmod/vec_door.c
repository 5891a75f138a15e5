// SPDX-License-Identifier: GPL-2.0-only
/* The files query and update below a collection's .vexfs (docs/vectors.md, "Doors"). */
#include <linux/slab.h>
#include <linux/uio.h>

#include "reference/contract/door.h"
#include "vec_coll.h"

/* One for each open file description. */
struct vexfs_door {
	struct mutex lock;	/* protects what follows */
	struct inode *inode;	/* held by the file */
	struct vexfs_coll *coll;
	bool update;
	u8 *request;
	u32 staged;		/* bytes of the request */
	u32 room;
	u8 *reply;		/* NULL until the request was executed */
	u32 reply_length;
	u32 given;		/* bytes of the reply that were read */
};

static int vexfs_door_open(struct inode *inode, struct file *file, bool update)
{
	struct vexfs_coll *coll = vexfs_i(inode)->coll;
	struct vexfs_door *door;

	if (vexfs_coll_gone(coll))
		return -ESTALE;
	door = kzalloc(sizeof(*door), GFP_KERNEL);
	if (!door)
		return -ENOMEM;
	mutex_init(&door->lock);
	kref_get(&coll->ref);
	door->inode = inode;
	door->coll = coll;
	door->update = update;
	file->private_data = door;
	file->f_mode |= FMODE_CAN_ODIRECT;
	return stream_open(inode, file);
}

static int vexfs_query_open(struct inode *inode, struct file *file)
{
	return vexfs_door_open(inode, file, false);
}

static int vexfs_update_open(struct inode *inode, struct file *file)
{
	return vexfs_door_open(inode, file, true);
}

static int vexfs_door_release(struct inode *inode, struct file *file)
{
	struct vexfs_door *door = file->private_data;

	kvfree(door->request);
	kvfree(door->reply);
	vexfs_coll_put(door->coll);
	kfree(door);
	return 0;
}

/* Room for a request of that many bytes. */
static int vexfs_door_widen(struct vexfs_door *door, u32 bytes)
{
	u32 room = min_t(u64, max(2ULL * door->room, round_up((u64)bytes, VEXFS_BLOCK_SIZE)),
			 VEXFS_MESSAGE_MAX);
	u8 *wider;

	if (bytes <= door->room)
		return 0;
	wider = kvmalloc(room, GFP_KERNEL);
	if (!wider)
		return -ENOMEM;
	if (door->staged)
		memcpy(wider, door->request, door->staged);
	kvfree(door->request);
	door->request = wider;
	door->room = room;
	return 0;
}

static ssize_t vexfs_door_stage(struct vexfs_door *door, struct iov_iter *from)
{
	size_t length = iov_iter_count(from);
	int err;

	if (vexfs_coll_gone(door->coll))
		return -ESTALE;
	if (!length)
		return 0;
	if (door->reply) {
		kvfree(door->reply);
		door->reply = NULL;
		door->staged = 0;
	}
	length = min_t(size_t, length, VEXFS_MESSAGE_MAX - door->staged);
	if (!length)
		return -EFBIG;
	err = vexfs_door_widen(door, door->staged + length);
	if (err)
		return err;
	length = copy_from_iter(door->request + door->staged, length, from);
	door->staged += length;
	return length ? length : -EFAULT;
}

static ssize_t vexfs_door_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct vexfs_door *door = iocb->ki_filp->private_data;
	ssize_t done;

	mutex_lock(&door->lock);
	done = vexfs_door_stage(door, from);
	mutex_unlock(&door->lock);
	return done;
}

static ssize_t vexfs_door_give(struct vexfs_door *door, struct iov_iter *to)
{
	size_t length;
	int err;

	if (vexfs_coll_gone(door->coll))
		return -ESTALE;
	if (!iov_iter_count(to) || (!door->reply && !door->staged))
		return 0;
	if (!door->reply) {
		err = vexfs_door_execute(door->inode, door->update, door->request, door->staged,
					 &door->reply, &door->reply_length);
		if (err)
			return err;
		door->given = 0;
	}
	length = min_t(size_t, door->reply_length - door->given, iov_iter_count(to));
	if (!length)
		return 0;
	length = copy_to_iter(door->reply + door->given, length, to);
	door->given += length;
	return length ? length : -EFAULT;
}

static ssize_t vexfs_door_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct vexfs_door *door = iocb->ki_filp->private_data;
	ssize_t done;

	mutex_lock(&door->lock);
	done = vexfs_door_give(door, to);
	mutex_unlock(&door->lock);
	return done;
}

const struct file_operations vexfs_query_fops = {
	.open = vexfs_query_open,
	.release = vexfs_door_release,
	.read_iter = vexfs_door_read,
	.write_iter = vexfs_door_write,
	.fsync = vexfs_dot_fsync,
};

const struct file_operations vexfs_update_fops = {
	.open = vexfs_update_open,
	.release = vexfs_door_release,
	.read_iter = vexfs_door_read,
	.write_iter = vexfs_door_write,
	.fsync = vexfs_dot_fsync,
};
