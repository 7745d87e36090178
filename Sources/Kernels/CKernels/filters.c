#include "kernels.h"

void kernel_filters_turned(float *restrict out, KernelFilters w, ptrdiff_t taps, size_t filters, ptrdiff_t channels,
                           ptrdiff_t rows) {
    for (size_t i = 0; i < filters; i++) {
        const float *restrict in = w.at + (ptrdiff_t)i * w.filter;
        if (w.channel == 1)
            for (ptrdiff_t j = 0; j < taps; j++)
                for (ptrdiff_t c = 0; c < channels; c++) out[(j * rows + c) * KERNEL_PANEL + (ptrdiff_t)i] = in[j * w.tap + c];
        else
            for (ptrdiff_t c = 0; c < channels; c++)
                for (ptrdiff_t j = 0; j < taps; j++)
                    out[(j * rows + c) * KERNEL_PANEL + (ptrdiff_t)i] = in[c * w.channel + j * w.tap];
    }
}

void kernel_rows_to_panels(KernelPanels out, const float *x, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; i++)
        for (size_t c = 0; c < columns; c += KERNEL_PANEL) {
            size_t n = columns - c < KERNEL_PANEL ? columns - c : KERNEL_PANEL;
            float *to = out.at + c * out.rows + i * KERNEL_PANEL;
            const float *from = x + i * columns + c;
            for (size_t j = 0; j < n; j++) to[j] = from[j];
        }
}

void kernel_panels_to_rows(float *y, KernelPanels m, const float *bias, size_t rows, size_t columns, size_t period) {
    for (size_t i = 0; i < rows; i++)
        for (size_t c = 0; c < columns; c += KERNEL_PANEL) {
            size_t n = columns - c < KERNEL_PANEL ? columns - c : KERNEL_PANEL;
            const float *from = m.at + c * m.rows + i * KERNEL_PANEL;
            float *to = y + i * columns + c;
            const float *add = bias ? bias + c % period : NULL;
            for (size_t j = 0; j < n; j++) to[j] = add ? from[j] + add[j] : from[j];
        }
}
