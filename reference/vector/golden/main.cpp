// SPDX-License-Identifier: MIT
// Prints the golden numbers as the reference sees them: to be stored when the law itself changes.
#include <iostream>

#include "reference/vector/golden/generator.h"

int main() { std::cout << vexfs::vectors::golden::document(); }
