#include "images.h"
#include <math.h>

// The same source for every instruction set: explicit fused operations and no contraction keep the bits equal.
#if defined(__x86_64__)
#define EACH_ISA __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define EACH_ISA
#endif

#pragma STDC FP_CONTRACT OFF

EACH_ISA
void image_affine_nearest(
    const float *theta, int32_t width, int32_t height, int32_t out_width, int32_t out_height, int32_t *source) {
    const float half_width = (float)width / 2.0f;
    const float half_height = (float)height / 2.0f;
    const float left = -(float)out_width * 0.5f + 0.5f;
    const float top = -(float)out_height * 0.5f + 0.5f;
    const float a = theta[0], b = theta[1], c = theta[2], d = theta[3], e = theta[4], f = theta[5];
    const float last_column = (float)width - 1.0f;
    const float last_row = (float)height - 1.0f;
    for (int32_t row = 0; row < out_height; row++) {
        const float y = top + (float)row;
        int32_t *line = source + (size_t)row * (size_t)out_width;
        for (int32_t column = 0; column < out_width; column++) {
            const float x = left + (float)column;
            const float grid_x = __builtin_fmaf(y, b, x * a) + c;
            const float grid_y = __builtin_fmaf(y, e, x * d) + f;
            const float place_x = __builtin_rintf((grid_x + 1.0f) * half_width - 0.5f);
            const float place_y = __builtin_rintf((grid_y + 1.0f) * half_height - 0.5f);
            const int inside = place_x >= 0.0f && place_x <= last_column && place_y >= 0.0f && place_y <= last_row;
            // Outside numbers may be too large for an int, so they are replaced before the conversion.
            const int32_t from_x = (int32_t)(inside ? place_x : 0.0f);
            const int32_t from_y = (int32_t)(inside ? place_y : 0.0f);
            line[column] = inside ? from_y * width + from_x : -1;
        }
    }
}

EACH_ISA
void image_table_planes(
    const uint8_t *pixels, int32_t channels, const int32_t *source, size_t count, const float *table, float *planes) {
    if (channels == 3) {
        const float *red = table, *green = table + 257, *blue = table + 514;
        float *to_red = planes, *to_green = planes + count, *to_blue = planes + 2 * count;
        for (size_t i = 0; i < count; i++) {
            const int64_t from = source ? source[i] : (int64_t)i;
            if (from < 0) {
                to_red[i] = red[256];
                to_green[i] = green[256];
                to_blue[i] = blue[256];
            } else {
                const uint8_t *pixel = pixels + from * 3;
                to_red[i] = red[pixel[0]];
                to_green[i] = green[pixel[1]];
                to_blue[i] = blue[pixel[2]];
            }
        }
        return;
    }
    for (int32_t c = 0; c < channels; c++) {
        const float *row = table + (size_t)c * 257;
        for (size_t i = 0; i < count; i++) {
            const int64_t from = source ? source[i] : (int64_t)i;
            planes[(size_t)c * count + i] = from < 0 ? row[256] : row[pixels[from * channels + c]];
        }
    }
}
