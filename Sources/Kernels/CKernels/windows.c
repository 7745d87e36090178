#include "kernels.h"
#include <string.h>

void kernel_im2col(void *cols, const void *x, KernelWindow w, ptrdiff_t pixel, size_t first, size_t count, size_t unit) {
    size_t bytes = (size_t)w.C * unit, step = (size_t)pixel * unit;
    char *out = cols;
    ptrdiff_t per = w.P * w.Q;
    int whole = step == bytes && w.dilationW == 1;  // the S pixels of a window row lie one after another
    for (size_t i = 0; i < count; i++) {
        ptrdiff_t row = (ptrdiff_t)(first + i), n = row / per, p = row % per / w.Q, q = row % per % w.Q;
        ptrdiff_t v0 = q * w.strideW - w.padW;
        for (ptrdiff_t r = 0; r < w.R; r++) {
            ptrdiff_t h = p * w.strideH - w.padH + r * w.dilationH;
            if (h < 0 || h >= w.H) {
                memset(out, 0, bytes * (size_t)w.S);
                out += bytes * (size_t)w.S;
                continue;
            }
            const char *line = (const char *)x + (size_t)((n * w.H + h) * w.W) * step;
            if (whole && v0 >= 0 && v0 + w.S <= w.W) {
                memcpy(out, line + (size_t)v0 * step, bytes * (size_t)w.S);
                out += bytes * (size_t)w.S;
                continue;
            }
            for (ptrdiff_t s = 0; s < w.S; s++, out += bytes) {
                ptrdiff_t v = v0 + s * w.dilationW;
                if (v < 0 || v >= w.W) memset(out, 0, bytes);
                else memcpy(out, line + (size_t)v * step, bytes);
            }
        }
    }
}
