#include "kernels.h"
#include <math.h>
#include <string.h>

static inline int64_t whole(double x) {
    // Casting what int64 cannot hold is undefined in C; x86's instruction gives the smallest int64.
    return x >= -9223372036854775808.0 && x < 9223372036854775808.0 ? (int64_t)x : INT64_MIN;
}

static inline int32_t whole32(double x) {
    // The same for int32, through which libtorch makes the smaller types.
    return x >= -2147483648.0 && x < 2147483648.0 ? (int32_t)x : INT32_MIN;
}

#define F_F32(x) ((float)(x))
#define F_F64(x) ((double)(x))
#define F_I32(x) ((int32_t)(x))
#define F_I64(x) ((int64_t)(x))
#define F_U8(x) ((uint8_t)(x))
#define F_BOOL(x) ((uint8_t)((x) != 0))
#define F_I8(x) ((int8_t)(x))
#define F_I16(x) ((int16_t)(x))
#define W_I32(x) (whole32(x))
#define W_I64(x) (whole(x))
#define W_U8(x) ((uint8_t)whole32(x))
#define W_I8(x) ((int8_t)whole32(x))
#define W_I16(x) ((int16_t)whole32(x))

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
    case KERNEL_F16: case KERNEL_BF16: break;              \
    }
#define FROM_ALL(TO, T, EXPR, FLOATEXPR)                                        \
    case TO:                                                                    \
        if (from == KERNEL_F32) LOOP(T, float, FLOATEXPR)                       \
        if (from == KERNEL_F64) LOOP(T, double, FLOATEXPR)                      \
        FROM_INT(TO, T, EXPR)                                                   \
        break;

static void convert(KernelType to, void *out, ptrdiff_t outStride, KernelType from, const void *x, ptrdiff_t stride,
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
        case KERNEL_F16: case KERNEL_BF16: break;
    }
}

static inline uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return bits;
}

static inline float float_of(uint32_t bits) {
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

// IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction; to the nearest, ties to even.
static inline uint16_t to_f16(float x) {
    uint32_t bits = bits_of(x), sign = bits >> 16 & 0x8000, rest = bits & 0x7FFFFFFF;
    if (rest > 0x7F800000) return (uint16_t)(sign | 0x7E00);
    if (rest >= 0x477FF000) return (uint16_t)(sign | 0x7C00);  // 65520 and more round to infinity
    if (rest < 0x38800000) {
        // Below 2^-14 there are multiples of 2^-24: adding 0.5 leaves them, rounded, in the lowest bits.
        return (uint16_t)(sign | (bits_of(float_of(rest) + 0.5f) - bits_of(0.5f)));
    }
    return (uint16_t)(sign | ((rest + 0xFFF + (rest >> 13 & 1) - 0x38000000) >> 13));
}

static inline float from_f16(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 0x3FF;
    if (exponent == 0) return (sign ? -1.0f : 1.0f) * (float)fraction * 0x1p-24f;
    if (exponent == 31) return float_of(sign | 0x7F800000 | fraction << 13);
    return float_of(sign | (exponent + 112) << 23 | fraction << 13);
}

static inline uint16_t to_bf16(float x) {
    uint32_t bits = bits_of(x);
    if ((bits & 0x7FFFFFFF) > 0x7F800000) return 0x7FC0;
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

static inline float from_bf16(uint16_t half) { return float_of((uint32_t)half << 16); }

static int is_half(KernelType type) { return type == KERNEL_F16 || type == KERNEL_BF16; }

static size_t size_of(KernelType type) {
    switch (type) {
    case KERNEL_F32: case KERNEL_I32: return 4;
    case KERNEL_F64: case KERNEL_I64: return 8;
    case KERNEL_U8: case KERNEL_BOOL: case KERNEL_I8: return 1;
    case KERNEL_I16: case KERNEL_F16: case KERNEL_BF16: return 2;
    }
    return 1;
}

// From and to half precision by way of single precision, a piece at a time.
static void convert_halves(KernelType to, void *out, ptrdiff_t outStride, KernelType from, const void *x,
                           ptrdiff_t stride, size_t n) {
    enum { PIECE = 256 };
    float piece[PIECE];
    for (size_t done = 0; done < n; done += PIECE) {
        size_t m = n - done < PIECE ? n - done : PIECE;
        const char *source = (const char *)x + (ptrdiff_t)done * stride * (ptrdiff_t)size_of(from);
        char *target = (char *)out + (ptrdiff_t)done * outStride * (ptrdiff_t)size_of(to);
        const uint16_t *h = (const uint16_t *)source;
        uint16_t *o = (uint16_t *)target;
        if (from == KERNEL_F16) for (size_t i = 0; i < m; i++) piece[i] = from_f16(h[(ptrdiff_t)i * stride]);
        else if (from == KERNEL_BF16) for (size_t i = 0; i < m; i++) piece[i] = from_bf16(h[(ptrdiff_t)i * stride]);
        else convert(KERNEL_F32, piece, 1, from, source, stride, m);
        if (to == KERNEL_F16) for (size_t i = 0; i < m; i++) o[(ptrdiff_t)i * outStride] = to_f16(piece[i]);
        else if (to == KERNEL_BF16) for (size_t i = 0; i < m; i++) o[(ptrdiff_t)i * outStride] = to_bf16(piece[i]);
        else convert(to, target, outStride, KERNEL_F32, piece, 1, m);
    }
}

void kernel_convert(KernelType to, void *out, ptrdiff_t outStride, KernelType from, const void *x, ptrdiff_t stride,
                    size_t n) {
    if (is_half(to) || is_half(from)) convert_halves(to, out, outStride, from, x, stride, n);
    else convert(to, out, outStride, from, x, stride, n);
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
