#include "kernels.h"
#include <stdlib.h>

#pragma clang fp contract(off)

// y[n,p,q,g·K+k] = Σ x[n, p·strideH − padH + r·dilationH, q·strideW − padW + s·dilationW, g·C+c] · w[g·K+k, r, s, c]

#define EACH_TERM(BODY)                                                                                              \
    KernelWindow o = c.window;                                                                                       \
    ptrdiff_t CC = o.C * c.groups, KK = c.K * c.groups;                                                              \
    for (ptrdiff_t n = 0; n < c.N; n++)                                                                              \
        for (ptrdiff_t p = 0; p < o.P; p++)                                                                          \
            for (ptrdiff_t q = 0; q < o.Q; q++)                                                                      \
                for (ptrdiff_t r = 0; r < o.R; r++) {                                                                \
                    ptrdiff_t h = p * o.strideH - o.padH + r * o.dilationH;                                          \
                    if (h < 0 || h >= o.H) continue;                                                                 \
                    for (ptrdiff_t s = 0; s < o.S; s++) {                                                            \
                        ptrdiff_t v = q * o.strideW - o.padW + s * o.dilationW;                                      \
                        if (v < 0 || v >= o.W) continue;                                                             \
                        for (ptrdiff_t k = 0; k < KK; k++) {                                                         \
                            ptrdiff_t atX = ((n * o.H + h) * o.W + v) * CC + k / c.K * o.C;                          \
                            ptrdiff_t atW = ((k * o.R + r) * o.S + s) * o.C;                                         \
                            ptrdiff_t atY = ((n * o.P + p) * o.Q + q) * KK + k;                                      \
                            for (ptrdiff_t i = 0; i < o.C; i++) BODY;                                                \
                        }                                                                                            \
                    }                                                                                                \
                }

#define TYPED(T, NAME)                                                                                                  \
    void kernel_convolution_reference_##NAME(T *y, const T *x, const T *w, KernelConvolution c) {                       \
        size_t n = (size_t)(c.N * c.window.P * c.window.Q * c.K * c.groups);                                         \
        double *sum = calloc(n ? n : 1, sizeof(double));                                                             \
        if (!sum) return;                                                                                            \
        EACH_TERM(sum[atY] += (double)x[atX + i] * (double)w[atW + i])                                               \
        for (size_t i = 0; i < n; i++) y[i] = (T)sum[i];                                                             \
        free(sum);                                                                                                   \
    }                                                                                                                \
    void kernel_convolution_reference_dx_##NAME(T *dx, const T *dy, const T *w, KernelConvolution c) {                  \
        size_t n = (size_t)(c.N * c.window.H * c.window.W * c.window.C * c.groups);                                  \
        double *sum = calloc(n ? n : 1, sizeof(double));                                                             \
        if (!sum) return;                                                                                            \
        EACH_TERM(sum[atX + i] += (double)dy[atY] * (double)w[atW + i])                                              \
        for (size_t i = 0; i < n; i++) dx[i] = (T)sum[i];                                                            \
        free(sum);                                                                                                   \
    }                                                                                                                \
    void kernel_convolution_reference_dw_##NAME(T *dw, const T *x, const T *dy, KernelConvolution c) {                  \
        size_t n = (size_t)(c.K * c.groups * c.window.R * c.window.S * c.window.C);                                  \
        double *sum = calloc(n ? n : 1, sizeof(double));                                                             \
        if (!sum) return;                                                                                            \
        EACH_TERM(sum[atW + i] += (double)dy[atY] * (double)x[atX + i])                                              \
        for (size_t i = 0; i < n; i++) dw[i] = (T)sum[i];                                                            \
        free(sum);                                                                                                   \
    }
TYPED(float, f32)
TYPED(double, f64)
