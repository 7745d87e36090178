#include "kernels.h"
#include <math.h>

static inline int64_t whole(double x) {
    // Casting what int64 cannot hold is undefined in C; x86's instruction gives the smallest int64.
    return x >= -9223372036854775808.0 && x < 9223372036854775808.0 ? (int64_t)x : INT64_MIN;
}

#define F_F32(x) ((float)(x))
#define F_F64(x) ((double)(x))
#define F_I32(x) ((int32_t)(x))
#define F_I64(x) ((int64_t)(x))
#define F_U8(x) ((uint8_t)(x))
#define F_BOOL(x) ((uint8_t)((x) != 0))
#define F_I8(x) ((int8_t)(x))
#define F_I16(x) ((int16_t)(x))
#define W_I32(x) ((int32_t)whole(x))
#define W_I64(x) (whole(x))
#define W_U8(x) ((uint8_t)whole(x))
#define W_I8(x) ((int8_t)whole(x))
#define W_I16(x) ((int16_t)whole(x))

#define LOOP(TO, FROM, EXPR)                                                              \
    {                                                                                     \
        TO *o = out;                                                                      \
        const FROM *p = x;                                                                \
        if (outStride == 1 && stride == 1) {                                              \
            for (size_t i = 0; i < n; i++) o[i] = EXPR(p[i]);                             \
        } else {                                                                          \
            for (size_t i = 0; i < n; i++, o += outStride, p += stride) *o = EXPR(*p);    \
        }                                                                                 \
        return;                                                                           \
    }
#define FROM_INT(TO, T, EXPR)                              \
    switch (from) {                                        \
    case KERNEL_F32: case KERNEL_F64: break;               \
    case KERNEL_I32: LOOP(T, int32_t, EXPR)                \
    case KERNEL_I64: LOOP(T, int64_t, EXPR)                \
    case KERNEL_U8: case KERNEL_BOOL: LOOP(T, uint8_t, EXPR) \
    case KERNEL_I8: LOOP(T, int8_t, EXPR)                  \
    case KERNEL_I16: LOOP(T, int16_t, EXPR)                \
    }
#define FROM_ALL(TO, T, EXPR, FLOATEXPR)                                        \
    case TO:                                                                    \
        if (from == KERNEL_F32) LOOP(T, float, FLOATEXPR)                       \
        if (from == KERNEL_F64) LOOP(T, double, FLOATEXPR)                      \
        FROM_INT(TO, T, EXPR)                                                   \
        break;

void kernel_convert(KernelType to, void *out, ptrdiff_t outStride, KernelType from, const void *x, ptrdiff_t stride,
                    size_t n) {
    switch (to) {
        FROM_ALL(KERNEL_F32, float, F_F32, F_F32)
        FROM_ALL(KERNEL_F64, double, F_F64, F_F64)
        FROM_ALL(KERNEL_I32, int32_t, F_I32, W_I32)
        FROM_ALL(KERNEL_I64, int64_t, F_I64, W_I64)
        FROM_ALL(KERNEL_U8, uint8_t, F_U8, W_U8)
        FROM_ALL(KERNEL_BOOL, uint8_t, F_BOOL, F_BOOL)
        FROM_ALL(KERNEL_I8, int8_t, F_I8, W_I8)
        FROM_ALL(KERNEL_I16, int16_t, F_I16, W_I16)
    }
}

// A side of few rows or columns is walked along the other one, so that few lines of the cache are open at a time;
// large ones are cut into tiles.
enum { TRANSPOSE_TILE = 16 };

static inline __attribute__((always_inline)) void by_rows(uint32_t *out, ptrdiff_t outRow, const uint32_t *x,
                                                          ptrdiff_t xRow, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            out[(ptrdiff_t)i * outRow + (ptrdiff_t)j] = x[(ptrdiff_t)j * xRow + (ptrdiff_t)i];
}

static inline __attribute__((always_inline)) void by_columns(uint32_t *out, ptrdiff_t outRow, const uint32_t *x,
                                                             ptrdiff_t xRow, size_t rows, size_t columns) {
    for (size_t j = 0; j < columns; j++)
        for (size_t i = 0; i < rows; i++)
            out[(ptrdiff_t)i * outRow + (ptrdiff_t)j] = x[(ptrdiff_t)j * xRow + (ptrdiff_t)i];
}

void kernel_transpose_32(uint32_t *out, ptrdiff_t outRow, const uint32_t *x, ptrdiff_t xRow, size_t rows,
                         size_t columns) {
    if (columns == 3) return by_rows(out, outRow, x, xRow, rows, 3);
    if (columns <= 8) return by_rows(out, outRow, x, xRow, rows, columns);
    if (rows == 9) return by_columns(out, outRow, x, xRow, 9, columns);
    if (rows <= 12) return by_columns(out, outRow, x, xRow, rows, columns);
    for (size_t i = 0; i < rows; i += TRANSPOSE_TILE)
        for (size_t j = 0; j < columns; j += TRANSPOSE_TILE)
            by_rows(out + (ptrdiff_t)i * outRow + (ptrdiff_t)j, outRow, x + (ptrdiff_t)j * xRow + (ptrdiff_t)i, xRow,
                    rows - i < TRANSPOSE_TILE ? rows - i : TRANSPOSE_TILE,
                    columns - j < TRANSPOSE_TILE ? columns - j : TRANSPOSE_TILE);
}
