#include <math.h>
#include <string.h>
#include "kernel_set.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define SET avx512
#define LANES 16
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#include "kernel_set.inc"
#pragma clang attribute pop
