#pragma once
// The kernels that exist once for each instruction set: the same C text (the .inc files) compiled for each of them, and
// a table of what came out. The scalar set is the reference the others are tested against.
#include "kernels.h"

typedef struct {
    const char *name;
    void (*unary_f32[KERNEL_UNARY_COUNT])(float *, ptrdiff_t, const float *, ptrdiff_t, size_t, float, float);
    void (*unary_f64[KERNEL_UNARY_COUNT])(double *, ptrdiff_t, const double *, ptrdiff_t, size_t, double, double);
    void (*binary_f32[KERNEL_BINARY_COUNT])(float *, ptrdiff_t, const float *, ptrdiff_t, const float *, ptrdiff_t,
                                            size_t, float);
    void (*binary_f64[KERNEL_BINARY_COUNT])(double *, ptrdiff_t, const double *, ptrdiff_t, const double *, ptrdiff_t,
                                            size_t, double);
    void (*compare_f32[KERNEL_COMPARE_COUNT])(uint8_t *, ptrdiff_t, const float *, ptrdiff_t, const float *, ptrdiff_t,
                                              size_t);
    void (*compare_f64[KERNEL_COMPARE_COUNT])(uint8_t *, ptrdiff_t, const double *, ptrdiff_t, const double *,
                                              ptrdiff_t, size_t);
#define SET_TYPED(T, S)                                                                                               \
    double (*sum_##S)(const T *, ptrdiff_t, size_t);                                                                  \
    void (*column_sum_##S)(double *, const T *, ptrdiff_t, size_t, size_t);                                           \
    void (*softmax_##S)(T *, const T *, size_t, size_t, int);                                                         \
    void (*moments_##S)(double *, double *, const T *, const double *, size_t, size_t);                               \
    void (*scale_columns_##S)(T *, const T *, const T *, const T *, size_t, size_t);                                  \
    void (*norm_sums_##S)(double *, double *, const T *, const T *, const double *, size_t, size_t);                  \
    void (*norm_backward_##S)(T *, const T *, const T *, const T *, const T *, const T *, const T *, size_t, size_t); \
    void (*max_pool_##S)(T *, int32_t *, const T *, KernelWindow);                                                    \
    void (*max_pool_backward_##S)(T *, const T *, const int32_t *, KernelWindow);                                     \
    void (*col2im_##S)(T *, const T *, KernelWindow, ptrdiff_t, size_t, size_t);
    SET_TYPED(float, f32)
    SET_TYPED(double, f64)
#undef SET_TYPED
    void (*adam_f32)(float *, const float *, float *, float *, size_t, KernelAdam);
    void (*panel_product)(KernelPanels, KernelPanels, KernelPanels, size_t, size_t, size_t, size_t, int);
    void (*panel_product_turned)(KernelPanels, KernelPanels, KernelPanels, size_t, size_t, size_t, size_t, int);
    void (*winograd_input[KERNEL_TILING_COUNT])(KernelPanels, const float *, KernelTiles, size_t, size_t);
    void (*winograd_slope)(KernelPanels, const float *, KernelTiles, size_t, size_t);
    void (*winograd_output[KERNEL_TILING_COUNT])(float *, KernelPanels, const float *, KernelTiles, size_t, size_t,
                                                 ptrdiff_t, ptrdiff_t);
    ptrdiff_t (*winograd_moments)(double *, double *, const float *, const double *, KernelTiles, size_t, size_t,
                                  ptrdiff_t, ptrdiff_t);
    void (*winograd_back)(float *, KernelPanels, KernelTiles, size_t, size_t, ptrdiff_t, ptrdiff_t);
    void (*winograd_filter)(KernelPanels, KernelFilters, size_t, ptrdiff_t);
    void (*winograd_filter_turned[KERNEL_TILING_COUNT])(KernelPanels, KernelFilters, size_t, ptrdiff_t);
    void (*winograd_filter_back)(KernelFilters, KernelPanels, size_t, ptrdiff_t, int);
    void (*winograd_output_pool)(float *, uint8_t *, KernelPanels, const float *, const float *, KernelTiles, size_t,
                                 size_t, ptrdiff_t, ptrdiff_t);
    void (*winograd_slope_pool)(KernelPanels, const float *, const uint8_t *, const float *, KernelTiles, size_t, size_t);
    void (*pool_forward)(float *, uint8_t *, const float *, const float *, const float *, KernelImages, size_t, size_t);
    void (*pool_spread)(float *, const float *, const uint8_t *, KernelImages, size_t, size_t);
    void (*pool_gather)(float *, const float *, const uint8_t *, KernelImages, size_t, size_t);
    void (*pool_sums)(double *, const float *, const uint8_t *, const float *, size_t, size_t);
    void (*norm_pool_sums)(double *, double *, const float *, const uint8_t *, const float *, const double *,
                           KernelImages, size_t, size_t);
    void (*norm_pool_backward)(float *, double *, const float *, const uint8_t *, const float *, const float *, const float *,
                               const float *, const float *, KernelImages, size_t, size_t);
    void (*norm_relu)(float *, const float *, const float *, const float *, size_t, size_t);
    void (*norm_add_relu)(float *, const float *, const float *, const float *, const float *, size_t, size_t);
    void (*norm_relu_sums)(double *, double *, const float *, const float *, const float *, const double *, size_t,
                           size_t);
    void (*norm_relu_backward)(float *, const float *, const float *, const float *, const float *, const float *,
                               const float *, const float *, size_t, size_t);
    void (*direct_forward)(float *, const float *, const float *, const float *, KernelDirect, ptrdiff_t, ptrdiff_t,
                           float *);
    void (*stem_forward)(float *, const float *, const float *, const float *, KernelStem, ptrdiff_t, ptrdiff_t, float *);
    void (*direct_pooled)(float *, uint8_t *, const float *, const float *, const float *, const float *, KernelDirect,
                          ptrdiff_t, ptrdiff_t, float *);
    void (*direct_weight)(float *, const float *, const float *, KernelDirect, ptrdiff_t, ptrdiff_t, float *);
    void (*direct_pooled_weight)(float *, const float *, const float *, const uint8_t *, const float *, KernelDirect,
                                 ptrdiff_t, ptrdiff_t, float *);
} KernelSet;

extern const KernelSet kernel_set_scalar, kernel_set_avx2, kernel_set_avx512;
