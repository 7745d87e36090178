#include "kernels.h"
#include <string.h>

KernelDirect kernel_direct(KernelWindow window, ptrdiff_t K, int stream) {
    // Four pixels are computed together, and 16 numbers more than a filter row may be read.
    ptrdiff_t columns = (window.Q + 3) / 4 * 4;
    ptrdiff_t length = ((columns - 1) * window.strideW + window.S) * window.C + 16;
    return (KernelDirect){.window = window, .K = K, .rowK = (K + 15) / 16 * 16, .length = length, .stream = stream};
}

size_t kernel_direct_scratch(KernelDirect d, ptrdiff_t rows) {
    ptrdiff_t inputs = (rows - 1) * d.window.strideH + d.window.R;
    return (size_t)((inputs + 4) * d.length + d.window.Q * d.rowK);
}

void kernel_direct_filters(float *packed, KernelFilters w, KernelDirect d) {
    ptrdiff_t taps = d.window.R * d.window.S, C = d.window.C;
    memset(packed, 0, (size_t)(taps * C * d.rowK) * sizeof(float));
    for (ptrdiff_t k = 0; k < d.K; k++)
        for (ptrdiff_t j = 0; j < taps; j++)
            for (ptrdiff_t c = 0; c < C; c++)
                packed[(j * C + c) * d.rowK + k] = w.at[k * w.filter + c * w.channel + j * w.tap];
}
