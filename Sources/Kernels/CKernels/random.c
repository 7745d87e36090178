#include "kernels.h"
#include <math.h>
#include <string.h>

#pragma clang fp contract(off)

// MARK: mt19937 (Matsumoto & Nishimura 1998), 32 bits

void kernel_random_seed(KernelGenerator *g, uint64_t seed) {
    memset(g, 0, sizeof *g);
    g->seed = seed;
    g->state[0] = (uint32_t)seed;
    for (uint32_t j = 1; j < 624; j++) g->state[j] = 1812433253u * (g->state[j - 1] ^ (g->state[j - 1] >> 30)) + j;
    g->left = 1;
    g->next = 0;
    g->seeded = 1;
}

static inline uint32_t twist(uint32_t u, uint32_t v) {
    uint32_t mixed = (u & 0x80000000u) | (v & 0x7fffffffu);
    return (mixed >> 1) ^ (v & 1 ? 0x9908b0dfu : 0);
}

static void refill(KernelGenerator *g) {
    uint32_t *p = g->state;
    g->left = 624;
    g->next = 0;
    for (int j = 0; j < 624 - 397; j++) p[j] = p[j + 397] ^ twist(p[j], p[j + 1]);
    for (int j = 624 - 397; j < 623; j++) p[j] = p[j - 227] ^ twist(p[j], p[j + 1]);
    p[623] = p[396] ^ twist(p[623], p[0]);
}

uint32_t kernel_random_32(KernelGenerator *g) {
    if (--g->left <= 0 || g->next >= 624) refill(g);
    uint32_t y = g->state[g->next++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    y ^= y >> 18;
    return y;
}

uint64_t kernel_random_64(KernelGenerator *g) {
    uint64_t high = kernel_random_32(g);
    return high << 32 | kernel_random_32(g);
}

static inline float unit_f32(KernelGenerator *g) { return (float)(kernel_random_32(g) & 0xffffffu) * 0x1p-24f; }
double kernel_random_double(KernelGenerator *g) {
    return (double)(kernel_random_64(g) & 0x1fffffffffffffull) * 0x1p-53;
}

void kernel_random_uniform_f32(KernelGenerator *g, float *out, size_t n, double from, double to) {
    float a = (float)from, span = (float)to - (float)from;
    for (size_t i = 0; i < n; i++) out[i] = fmaf(unit_f32(g), span, a);
}

void kernel_random_uniform_f64(KernelGenerator *g, double *out, size_t n, double from, double to) {
    for (size_t i = 0; i < n; i++) out[i] = fma(kernel_random_double(g), to - from, from);
}

void kernel_random_bernoulli(KernelGenerator *g, uint8_t *out, size_t n, double p) {
    for (size_t i = 0; i < n; i++) out[i] = kernel_random_double(g) < p;
}

// MARK: Normal numbers

double kernel_random_normal(KernelGenerator *g, double mean, double std) {
    if (g->hasNormalDouble) {
        g->hasNormalDouble = 0;
        return g->normalDouble * std + mean;
    }
    double u1 = kernel_random_double(g), u2 = kernel_random_double(g);
    double r = sqrt(-2.0 * log1p(-u2)), theta = 2.0 * M_PI * u1;
    g->normalDouble = r * sin(theta);
    g->hasNormalDouble = 1;
    return r * cos(theta) * std + mean;
}

// Single-precision log and sine/cosine after Moshier's Cephes, with the fused multiply-adds that libtorch's vector
// build has: glibc's results differ from these in the last bit of some numbers, and seeds are to give the same weights.
static float cephes_log(float x) {
    if (x < 1.17549435e-38f) x = 1.17549435e-38f;
    uint32_t bits;
    memcpy(&bits, &x, 4);
    float e = (float)((int)(bits >> 23) - 127) + 1.0f;
    bits = (bits & 0x807fffffu) | 0x3f000000u;
    memcpy(&x, &bits, 4);
    if (x < 0.707106781186547524f) {
        e -= 1.0f;
        x = (x - 1.0f) + x;
    } else {
        x = x - 1.0f;
    }
    float z = x * x;
    float y = 7.0376836292e-2f;
    y = fmaf(y, x, -1.1514610310e-1f);
    y = fmaf(y, x, 1.1676998740e-1f);
    y = fmaf(y, x, -1.2420140846e-1f);
    y = fmaf(y, x, 1.4249322787e-1f);
    y = fmaf(y, x, -1.6668057665e-1f);
    y = fmaf(y, x, 2.0000714765e-1f);
    y = fmaf(y, x, -2.4999993993e-1f);
    y = fmaf(y, x, 3.3333331174e-1f);
    y = y * x;
    y = fmaf(y, z, e * -2.12194440e-4f);
    y = fmaf(-0.5f, z, y);
    x = x + y;
    return fmaf(e, 0.693359375f, x);
}

static void cephes_sincos(float x, float *sine, float *cosine) {
    uint32_t sign = 0;
    if (x < 0) {
        sign = 0x80000000u;
        x = -x;
    }
    int32_t j = (int32_t)(x * 1.27323954473516f);
    j = (j + 1) & ~1;
    float y = (float)j;
    uint32_t signSine = sign ^ ((uint32_t)(j & 4) << 29);
    uint32_t signCosine = (uint32_t)(~(j - 2) & 4) << 29;
    int polynomial = (j & 2) != 0;
    x = fmaf(y, -0.78515625f, x);
    x = fmaf(y, -2.4187564849853515625e-4f, x);
    x = fmaf(y, -3.77489497744594108e-8f, x);
    float z = x * x;
    float c = 2.443315711809948e-5f;
    c = fmaf(c, z, -1.388731625493765e-3f);
    c = fmaf(c, z, 4.166664568298827e-2f);
    c = c * z;
    c = fmaf(c, z, -(z * 0.5f));
    c = c + 1.0f;
    float s = -1.9515295891e-4f;
    s = fmaf(s, z, 8.3321608736e-3f);
    s = fmaf(s, z, -1.6666654611e-1f);
    s = s * z;
    s = fmaf(s, x, x);
    float a = polynomial ? c : s, b = polynomial ? s : c;
    uint32_t bits;
    memcpy(&bits, &a, 4);
    bits ^= signSine;
    memcpy(sine, &bits, 4);
    memcpy(&bits, &b, 4);
    bits ^= signCosine;
    memcpy(cosine, &bits, 4);
}

static void block_f32(float *data, float mean, float std) {
    for (int j = 0; j < 8; j++) {
        float u1 = 1.0f - data[j], u2 = data[j + 8], s, c;
        float radius = sqrtf(-2.0f * cephes_log(u1));
        cephes_sincos(6.283185307179586f * u2, &s, &c);
        data[j] = fmaf(radius * c, std, mean);
        data[j + 8] = fmaf(radius * s, std, mean);
    }
}

static void block_f64(double *data, double mean, double std) {
    for (int j = 0; j < 8; j++) {
        double u1 = 1 - data[j], u2 = data[j + 8];
        double radius = sqrt(-2 * log(u1)), theta = 2.0 * M_PI * u2;
        data[j] = radius * cos(theta) * std + mean;
        data[j + 8] = radius * sin(theta) * std + mean;
    }
}

void kernel_random_normal_f32(KernelGenerator *g, float *out, size_t n, double mean, double std) {
    if (n < 16) {
        for (size_t i = 0; i < n; i++) out[i] = (float)kernel_random_normal(g, mean, std);
        return;
    }
    for (size_t i = 0; i < n; i++) out[i] = unit_f32(g);
    for (size_t i = 0; i + 15 < n; i += 16) block_f32(out + i, (float)mean, (float)std);
    if (n % 16) {
        float *last = out + n - 16;
        for (int i = 0; i < 16; i++) last[i] = unit_f32(g);
        block_f32(last, (float)mean, (float)std);
    }
}

void kernel_random_normal_f64(KernelGenerator *g, double *out, size_t n, double mean, double std) {
    if (n < 16) {
        for (size_t i = 0; i < n; i++) out[i] = kernel_random_normal(g, mean, std);
        return;
    }
    for (size_t i = 0; i < n; i++) out[i] = kernel_random_double(g);
    for (size_t i = 0; i + 15 < n; i += 16) block_f64(out + i, mean, std);
    if (n % 16) {
        double *last = out + n - 16;
        for (int i = 0; i < 16; i++) last[i] = kernel_random_double(g);
        block_f64(last, mean, std);
    }
}
