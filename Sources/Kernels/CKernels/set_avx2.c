#include <math.h>
#include <string.h>
#include "kernel_set.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define SET avx2
#define LANES 8
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "kernel_set.inc"
#pragma clang attribute pop
