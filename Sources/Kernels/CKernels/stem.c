#include "kernels.h"
#include <string.h>

KernelStem kernel_stem(KernelWindow window, ptrdiff_t K, ptrdiff_t rows, int stream) {
    ptrdiff_t lines = (rows - 1) * window.strideH + window.R;
    return (KernelStem){.window = window, .K = K, .rowK = (K + 31) / 32 * 32, .tiles = (window.Q + 3) / 4,
                        .lines = (lines + 15) / 16 * 16, .stream = stream};
}

size_t kernel_stem_scratch(KernelStem s) { return (size_t)((8 * s.tiles + 5 + 13) * s.window.C * s.lines); }

size_t kernel_stem_filters_count(KernelStem s) { return (size_t)(13 * s.window.C * s.window.R * s.rowK); }

void kernel_stem_filters(float *packed, KernelFilters w, KernelStem s) {
    // G of F(4, 4) with the points 0, 1, −1, 2, −2, ½, ∞, and of F(4, 3) with 0, ±1, ±2, ∞ as in winograd.inc.
    static const double even[7][4] = {
        {-1.0 / 2, 0, 0, 0}, {-1.0 / 3, -1.0 / 3, -1.0 / 3, -1.0 / 3}, {1.0 / 9, -1.0 / 9, 1.0 / 9, -1.0 / 9},
        {1.0 / 36, 2.0 / 36, 4.0 / 36, 8.0 / 36}, {-1.0 / 60, 2.0 / 60, -4.0 / 60, 8.0 / 60},
        {32.0 / 45, 16.0 / 45, 8.0 / 45, 4.0 / 45}, {0, 0, 0, 1}};
    static const double odd[6][3] = {{1.0 / 4, 0, 0}, {-1.0 / 6, -1.0 / 6, -1.0 / 6}, {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                     {1.0 / 24, 1.0 / 12, 1.0 / 6}, {1.0 / 24, -1.0 / 12, 1.0 / 6}, {0, 0, 1}};
    ptrdiff_t C = s.window.C, R = s.window.R;
    memset(packed, 0, kernel_stem_filters_count(s) * sizeof(float));
    for (ptrdiff_t k = 0; k < s.K; k++)
        for (ptrdiff_t c = 0; c < C; c++)
            for (ptrdiff_t r = 0; r < R; r++) {
                const float *taps = w.at + k * w.filter + c * w.channel + r * 7 * w.tap;
                for (ptrdiff_t j = 0; j < 13; j++) {
                    double u = 0;
                    if (j < 7)
                        for (ptrdiff_t i = 0; i < 4; i++) u += even[j][i] * taps[2 * i * w.tap];
                    else
                        for (ptrdiff_t i = 0; i < 3; i++) u += odd[j - 7][i] * taps[(2 * i + 1) * w.tap];
                    packed[((j * C + c) * R + r) * s.rowK + k] = (float)u;
                }
            }
}
