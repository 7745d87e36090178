#include <math.h>
#include <string.h>
#include "kernel_set.h"

#define SET scalar
#define LANES 4
// The reference: no contraction, so that every compiler gives the same bits.
#pragma clang fp contract(off)
#include "kernel_set.inc"
