#include "kernel_set.h"
#include <pthread.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

static const KernelSet *chosen;
static KernelISA chosen_isa;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static KernelISA best(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl"))
        return KERNEL_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return KERNEL_AVX2;
    return KERNEL_SCALAR;
}

static void choose(KernelISA isa) {
    KernelISA most = best();
    chosen_isa = isa < most ? isa : most;
    const KernelSet *set = chosen_isa == KERNEL_AVX512 ? &kernel_set_avx512
                           : chosen_isa == KERNEL_AVX2 ? &kernel_set_avx2
                                                       : &kernel_set_scalar;
    __atomic_store_n(&chosen, set, __ATOMIC_RELEASE);
}

static void begin(void) {
    const char *cap = getenv("WORKBENCH_ISA");
    KernelISA isa = KERNEL_AVX512;
    if (cap && strcmp(cap, "scalar") == 0) isa = KERNEL_SCALAR;
    else if (cap && strcmp(cap, "avx2") == 0) isa = KERNEL_AVX2;
    else if (cap && *cap && strcmp(cap, "avx512") != 0)
        fprintf(stderr, "WORKBENCH_ISA is scalar, avx2 or avx512, not '%s': all instruction sets are used\n", cap);
    choose(isa);
}

static inline const KernelSet *set(void) {
    const KernelSet *s = __atomic_load_n(&chosen, __ATOMIC_ACQUIRE);
    if (s) return s;
    pthread_once(&once, begin);
    return chosen;
}

KernelISA kernel_isa(void) {
    set();
    return chosen_isa;
}

KernelISA kernel_isa_select(KernelISA isa) {
    set();
    choose(isa);
    return chosen_isa;
}

#define TYPED(T, S)                                                                                                    \
    void kernel_unary_##S(KernelUnary op, T *out, ptrdiff_t so, const T *x, ptrdiff_t sx, size_t n, T p, T q) {        \
        set()->unary_##S[op](out, so, x, sx, n, p, q);                                                                 \
    }                                                                                                                  \
    void kernel_binary_##S(KernelBinary op, T *out, ptrdiff_t so, const T *a, ptrdiff_t sa, const T *b, ptrdiff_t sb,  \
                           size_t n, T p) {                                                                            \
        set()->binary_##S[op](out, so, a, sa, b, sb, n, p);                                                            \
    }                                                                                                                  \
    void kernel_compare_##S(KernelCompare op, uint8_t *out, ptrdiff_t so, const T *a, ptrdiff_t sa, const T *b,        \
                            ptrdiff_t sb, size_t n) {                                                                  \
        set()->compare_##S[op](out, so, a, sa, b, sb, n);                                                              \
    }                                                                                                                  \
    double kernel_sum_##S(const T *x, ptrdiff_t stride, size_t n) { return set()->sum_##S(x, stride, n); }             \
    void kernel_column_sum_##S(double *acc, const T *x, ptrdiff_t stride, size_t rows, size_t columns) {               \
        set()->column_sum_##S(acc, x, stride, rows, columns);                                                          \
    }                                                                                                                  \
    void kernel_softmax_##S(T *y, const T *x, size_t rows, size_t n, int log) {                                        \
        set()->softmax_##S(y, x, rows, n, log);                                                                        \
    }                                                                                                                  \
    void kernel_moments_##S(double *sum, double *sumsq, const T *x, const double *shift, size_t rows, size_t C) {      \
        set()->moments_##S(sum, sumsq, x, shift, rows, C);                                                             \
    }                                                                                                                  \
    void kernel_scale_columns_##S(T *y, const T *x, const T *scale, const T *offset, size_t rows, size_t C) {          \
        set()->scale_columns_##S(y, x, scale, offset, rows, C);                                                        \
    }                                                                                                                  \
    void kernel_norm_sums_##S(double *sumDy, double *sumDyX, const T *dy, const T *x, const double *mean, size_t rows, \
                              size_t C) {                                                                              \
        set()->norm_sums_##S(sumDy, sumDyX, dy, x, mean, rows, C);                                                     \
    }                                                                                                                  \
    void kernel_norm_backward_##S(T *dx, const T *dy, const T *x, const T *a, const T *b, const T *d, const T *mean,   \
                                  size_t rows, size_t C) {                                                             \
        set()->norm_backward_##S(dx, dy, x, a, b, d, mean, rows, C);                                                   \
    }                                                                                                                  \
    void kernel_max_pool_##S(T *y, int32_t *place, const T *x, KernelWindow w) { set()->max_pool_##S(y, place, x, w); } \
    void kernel_max_pool_backward_##S(T *dx, const T *dy, const int32_t *place, KernelWindow w) {                      \
        set()->max_pool_backward_##S(dx, dy, place, w);                                                                \
    }                                                                                                                  \
    void kernel_col2im_##S(T *dx, const T *cols, KernelWindow w, ptrdiff_t pixel, size_t first, size_t count) {        \
        set()->col2im_##S(dx, cols, w, pixel, first, count);                                                           \
    }
TYPED(float, f32)
TYPED(double, f64)

void kernel_adam_f32(float *p, const float *g, float *m, float *v, size_t n, KernelAdam s) {
    set()->adam_f32(p, g, m, v, n, s);
}

void kernel_panel_product(KernelPanels c, KernelPanels a, KernelPanels b, size_t places, size_t rows, size_t depth,
                          size_t width, int add) {
    set()->panel_product(c, a, b, places, rows, depth, width, add);
}

void kernel_panel_product_turned(KernelPanels c, KernelPanels a, KernelPanels b, size_t places, size_t rows,
                                 size_t depth, size_t width, int add) {
    set()->panel_product_turned(c, a, b, places, rows, depth, width, add);
}

void kernel_winograd_input(KernelPanels v, const float *x, KernelTiles g, size_t first, size_t count) {
    set()->winograd_input[g.tiling](v, x, g, first, count);
}

void kernel_winograd_slope(KernelPanels z, const float *dy, KernelTiles g, size_t first, size_t count) {
    set()->winograd_slope(z, dy, g, first, count);
}

void kernel_winograd_output(float *y, KernelPanels m, const float *bias, KernelTiles g, size_t first, size_t count,
                            ptrdiff_t from, ptrdiff_t channels) {
    set()->winograd_output[g.tiling](y, m, bias, g, first, count, from, channels);
}

ptrdiff_t kernel_winograd_moments(double *sum, double *squares, const float *y, const double *shift, KernelTiles g,
                                  size_t first, size_t count, ptrdiff_t from, ptrdiff_t channels) {
    return set()->winograd_moments(sum, squares, y, shift, g, first, count, from, channels);
}

void kernel_winograd_back(float *dx, KernelPanels m, KernelTiles g, size_t first, size_t count, ptrdiff_t from,
                          ptrdiff_t channels) {
    set()->winograd_back(dx, m, g, first, count, from, channels);
}

void kernel_winograd_filter(KernelPanels u, KernelFilters w, size_t filters, ptrdiff_t channels) {
    set()->winograd_filter(u, w, filters, channels);
}

void kernel_winograd_filter_turned(KernelPanels u, KernelFilters w, size_t filters, ptrdiff_t channels,
                                   KernelTiling tiling) {
    set()->winograd_filter_turned[tiling](u, w, filters, channels);
}

void kernel_winograd_filter_back(KernelFilters dw, KernelPanels m, size_t filters, ptrdiff_t channels, int add) {
    set()->winograd_filter_back(dw, m, filters, channels, add);
}

void kernel_winograd_output_pool(float *y, uint8_t *place, KernelPanels m, const float *bias, const float *factor,
                                 KernelTiles g, size_t first, size_t count, ptrdiff_t from, ptrdiff_t channels) {
    set()->winograd_output_pool(y, place, m, bias, factor, g, first, count, from, channels);
}

void kernel_winograd_slope_pool(KernelPanels z, const float *dy, const uint8_t *place, const float *factor,
                                KernelTiles g, size_t first, size_t count) {
    set()->winograd_slope_pool(z, dy, place, factor, g, first, count);
}

void kernel_pool_forward(float *y, uint8_t *place, const float *x, const float *scale, const float *offset,
                         KernelImages g, size_t first, size_t count) {
    set()->pool_forward(y, place, x, scale, offset, g, first, count);
}

void kernel_pool_spread(float *dx, const float *dy, const uint8_t *place, KernelImages g, size_t first, size_t count) {
    set()->pool_spread(dx, dy, place, g, first, count);
}

void kernel_pool_gather(float *y, const float *x, const uint8_t *place, KernelImages g, size_t first, size_t count) {
    set()->pool_gather(y, x, place, g, first, count);
}

void kernel_pool_sums(double *acc, const float *dy, const uint8_t *place, const float *factor, size_t rows, size_t C) {
    set()->pool_sums(acc, dy, place, factor, rows, C);
}

void kernel_norm_pool_sums(double *sumDy, double *sumDyX, const float *dy, const uint8_t *place, const float *x,
                           const double *mean, KernelImages g, size_t first, size_t count) {
    set()->norm_pool_sums(sumDy, sumDyX, dy, place, x, mean, g, first, count);
}

void kernel_norm_pool_backward(float *dx, double *sums, const float *dy, const uint8_t *place, const float *x,
                               const float *a, const float *b, const float *d, const float *mean, KernelImages g,
                               size_t first, size_t count) {
    set()->norm_pool_backward(dx, sums, dy, place, x, a, b, d, mean, g, first, count);
}

void kernel_norm_relu(float *y, const float *x, const float *other, const float *scale, const float *offset,
                      size_t rows, size_t C) {
    if (other) set()->norm_add_relu(y, x, other, scale, offset, rows, C);
    else set()->norm_relu(y, x, scale, offset, rows, C);
}

void kernel_norm_relu_sums(double *sumDy, double *sumDyX, const float *dy, const float *y, const float *x,
                           const double *mean, size_t rows, size_t C) {
    set()->norm_relu_sums(sumDy, sumDyX, dy, y, x, mean, rows, C);
}

void kernel_norm_relu_backward(float *dx, const float *dy, const float *y, const float *x, const float *a,
                               const float *b, const float *d, const float *mean, size_t rows, size_t C) {
    set()->norm_relu_backward(dx, dy, y, x, a, b, d, mean, rows, C);
}

void kernel_direct_forward(float *y, const float *x, const float *w, const float *bias, KernelDirect d,
                           ptrdiff_t first, ptrdiff_t rows, float *scratch) {
    set()->direct_forward(y, x, w, bias, d, first, rows, scratch);
}

void kernel_stem_forward(float *y, const float *x, const float *w, const float *bias, KernelStem s, ptrdiff_t first,
                         ptrdiff_t rows, float *scratch) {
    set()->stem_forward(y, x, w, bias, s, first, rows, scratch);
}

void kernel_direct_pooled(float *y, uint8_t *place, const float *x, const float *w, const float *bias,
                          const float *factor, KernelDirect d, ptrdiff_t first, ptrdiff_t rows, float *scratch) {
    set()->direct_pooled(y, place, x, w, bias, factor, d, first, rows, scratch);
}

void kernel_direct_weight(float *sums, const float *x, const float *dy, KernelDirect d, ptrdiff_t first,
                          ptrdiff_t rows, float *scratch) {
    set()->direct_weight(sums, x, dy, d, first, rows, scratch);
}

void kernel_direct_pooled_weight(float *sums, const float *x, const float *dy, const uint8_t *place,
                                 const float *factor, KernelDirect d, ptrdiff_t first, ptrdiff_t rows,
                                 float *scratch) {
    set()->direct_pooled_weight(sums, x, dy, place, factor, d, first, rows, scratch);
}
