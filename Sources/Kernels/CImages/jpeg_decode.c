#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "images.h"

// A scan costs a pass over all coefficients however few bytes it has, so their product is bounded.
static const int64_t largest_scan_work = 2000000000;
static const int most_scans = 500;

typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf escape;
    image_status status;
    int tolerates_damage;
    char *message;
    size_t message_size;
} error_state;

static void fail(j_common_ptr info) {
    error_state *state = (error_state *)info->err;
    char text[JMSG_LENGTH_MAX];
    info->err->format_message(info, text);
    state->status = info->err->msg_code == JERR_OUT_OF_MEMORY ? IMAGE_NO_MEMORY : IMAGE_DAMAGED;
    snprintf(state->message, state->message_size, "%s", text);
    longjmp(state->escape, 1);
}

static void fail_with(error_state *state, image_status status, const char *text) {
    state->status = status;
    snprintf(state->message, state->message_size, "%s", text);
    longjmp(state->escape, 1);
}

// Cameras and editors write these; the pixels are whole all the same.
static int is_harmless(int code) {
    return code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR
        || code == JWRN_TOO_MUCH_DATA;
}

static void hear(j_common_ptr info, int level) {
    if (level >= 0) return;
    error_state *state = (error_state *)info->err;
    info->err->num_warnings++;
    if (!state->tolerates_damage && !is_harmless(info->err->msg_code)) fail(info);
}

static void stay_silent(j_common_ptr info) { (void)info; }

static void watch_scans(j_common_ptr info) {
    j_decompress_ptr jpeg = (j_decompress_ptr)info;
    int64_t work = (int64_t)jpeg->image_width * jpeg->image_height * jpeg->input_scan_number;
    if (jpeg->input_scan_number > most_scans || work > largest_scan_work) {
        fail_with((error_state *)info->err, IMAGE_TOO_LARGE, "too many scans for its size");
    }
}

static uint8_t scaled(unsigned a, unsigned b) { return (uint8_t)((a * b + 127) / 255); }

// CMYK to RGB without a colour profile. Adobe's files hold inverted inks: 255 is no ink.
static void ink_to_light(const uint8_t *ink, uint8_t *light, int32_t width, int inverted) {
    for (int32_t x = 0; x < width; x++, ink += 4, light += 3) {
        unsigned key = inverted ? ink[3] : 255u - ink[3];
        for (int c = 0; c < 3; c++) light[c] = scaled(inverted ? ink[c] : 255u - ink[c], key);
    }
}

static void light_to_gray(const uint8_t *light, uint8_t *gray, int32_t width) {
    for (int32_t x = 0; x < width; x++, light += 3) {
        gray[x] = (uint8_t)((19595u * light[0] + 38470u * light[1] + 7471u * light[2] + 32768u) >> 16);
    }
}

image_status image_decode_jpeg(
    const uint8_t *bytes, size_t count, image_decode_options options, image_pixels *image, char *message,
    size_t message_size) {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_progress_mgr progress;
    error_state state;
    // Set between setjmp and longjmp, read after: volatile.
    uint8_t *volatile pixels = NULL;
    uint8_t *volatile row = NULL;

    memset(image, 0, sizeof *image);
    if (message_size > 0) message[0] = 0;
    memset(&jpeg, 0, sizeof jpeg);
    jpeg.err = jpeg_std_error(&state.base);
    state.base.error_exit = fail;
    state.base.emit_message = hear;
    state.base.output_message = stay_silent;
    state.status = IMAGE_OK;
    state.tolerates_damage = options.tolerates_damage;
    state.message = message;
    state.message_size = message_size;
    if (setjmp(state.escape)) {
        free(pixels);
        free(row);
        jpeg_destroy_decompress(&jpeg);
        return state.status;
    }
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, bytes, count);
    progress.progress_monitor = watch_scans;
    jpeg.progress = &progress;
    jpeg_read_header(&jpeg, TRUE);

    int64_t area = (int64_t)jpeg.image_width * jpeg.image_height;
    if (area > options.pixel_limit) {
        char text[120];
        snprintf(text, sizeof text, "it claims %u x %u pixels, more than the limit of %lld", jpeg.image_width,
            jpeg.image_height, (long long)options.pixel_limit);
        fail_with(&state, IMAGE_TOO_LARGE, text);
    }
    // Each block of 64 pixels takes a bit at least with Huffman codes: fewer bytes cannot be the whole image.
    if (!options.tolerates_damage && !jpeg.arith_code && area / 512 > (int64_t)count) {
        char text[120];
        snprintf(text, sizeof text, "it claims %u x %u pixels but has %zu bytes: cut off", jpeg.image_width,
            jpeg.image_height, count);
        fail_with(&state, IMAGE_DAMAGED, text);
    }

    int ink = jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
    int channels = options.channels != 0 ? options.channels : jpeg.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
    jpeg.out_color_space = ink ? JCS_CMYK : channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg.dct_method = JDCT_ISLOW;
    jpeg.do_fancy_upsampling = TRUE;
    jpeg_start_decompress(&jpeg);

    int32_t width = (int32_t)jpeg.output_width;
    int32_t height = (int32_t)jpeg.output_height;
    size_t stride = (size_t)width * (size_t)channels;
    pixels = malloc(stride * (size_t)height);
    if (ink) row = malloc((size_t)width * 7);
    if (pixels == NULL || (ink && row == NULL)) fail_with(&state, IMAGE_NO_MEMORY, "no memory for its pixels");
    while (jpeg.output_scanline < jpeg.output_height) {
        uint8_t *target = pixels + stride * jpeg.output_scanline;
        JSAMPROW line = ink ? row : target;
        jpeg_read_scanlines(&jpeg, &line, 1);
        if (ink) {
            uint8_t *light = channels == 1 ? row + (size_t)width * 4 : target;
            ink_to_light(row, light, width, jpeg.saw_Adobe_marker);
            if (channels == 1) light_to_gray(light, target, width);
        }
    }
    jpeg_finish_decompress(&jpeg);
    image->width = width;
    image->height = height;
    image->channels = channels;
    image->warnings = (int32_t)state.base.num_warnings;
    image->pixels = pixels;
    free(row);
    jpeg_destroy_decompress(&jpeg);
    return IMAGE_OK;
}
