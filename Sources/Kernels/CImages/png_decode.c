#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "images.h"

// Text and profile chunks are never needed; a few megabytes are more than any honest one has.
static const png_alloc_size_t largest_chunk = 8 << 20;
// Deflate cannot expand more than this.
static const int64_t largest_expansion = 1032;

typedef struct {
    const uint8_t *bytes;
    size_t count;
    size_t position;
    int warnings;
    image_status status;
    char *message;
    size_t message_size;
} reading;

static void fail(png_structp png, png_const_charp text) {
    reading *state = png_get_error_ptr(png);
    if (state->status == IMAGE_OK) state->status = IMAGE_DAMAGED;
    snprintf(state->message, state->message_size, "%s", text);
    longjmp(png_jmpbuf(png), 1);
}

static void hear(png_structp png, png_const_charp text) {
    reading *state = png_get_error_ptr(png);
    (void)text;
    state->warnings++;
}

static void take(png_structp png, png_bytep target, size_t size) {
    reading *state = png_get_io_ptr(png);
    if (size > state->count - state->position) png_error(png, "cut off");
    memcpy(target, state->bytes + state->position, size);
    state->position += size;
}

image_status image_decode_png(
    const uint8_t *bytes, size_t count, image_decode_options options, image_pixels *image, char *message,
    size_t message_size) {
    reading state = {bytes, count, 0, 0, IMAGE_OK, message, message_size};
    // Set between setjmp and longjmp, read after: volatile.
    uint8_t *volatile pixels = NULL;

    memset(image, 0, sizeof *image);
    if (message_size > 0) message[0] = 0;
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &state, fail, hear);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    if (info == NULL) {
        png_destroy_read_struct(&png, NULL, NULL);
        snprintf(message, message_size, "no memory");
        return IMAGE_NO_MEMORY;
    }
    if (setjmp(png_jmpbuf(png))) {
        free(pixels);
        png_destroy_read_struct(&png, &info, NULL);
        return state.status;
    }
    png_set_read_fn(png, &state, take);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_chunk_malloc_max(png, largest_chunk);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
    if (options.tolerates_damage) png_set_crc_action(png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
    png_read_info(png, info);

    int64_t width = png_get_image_width(png, info);
    int64_t height = png_get_image_height(png, info);
    // Both are below 2^31, so the product fits.
    if (width * height > options.pixel_limit) {
        char text[120];
        snprintf(text, sizeof text, "it claims %lld x %lld pixels, more than the limit of %lld", (long long)width,
            (long long)height, (long long)options.pixel_limit);
        state.status = IMAGE_TOO_LARGE;
        png_error(png, text);
    }
    int64_t stored = (int64_t)png_get_rowbytes(png, info) * height;
    if (stored / largest_expansion > (int64_t)count) {
        char text[120];
        snprintf(text, sizeof text, "it claims %lld x %lld pixels but has %zu bytes: cut off", (long long)width,
            (long long)height, count);
        png_error(png, text);
    }

    png_set_expand(png);
    png_set_scale_16(png);
    int colours = png_get_color_type(png, info);
    int has_colour = (colours & PNG_COLOR_MASK_COLOR) != 0;
    int has_alpha = (colours & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS) != 0;
    int drops_alpha = options.channels != 0;
    int makes_colour = !has_colour && (options.channels == 3 || (options.channels == 0 && has_alpha));
    if (has_alpha && drops_alpha) png_set_strip_alpha(png);
    if (makes_colour) png_set_gray_to_rgb(png);
    if (has_colour && options.channels == 1) {
        png_set_rgb_to_gray_fixed(png, PNG_ERROR_ACTION_NONE, 29900, 58700);
    }
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);

    int channels = png_get_channels(png, info);
    size_t stride = png_get_rowbytes(png, info);
    if (stride != (size_t)width * (size_t)channels) {
        state.status = IMAGE_UNSUPPORTED;
        png_error(png, "its pixels do not have 8 bits a channel");
    }
    pixels = malloc(stride * (size_t)height);
    if (pixels == NULL) {
        state.status = IMAGE_NO_MEMORY;
        png_error(png, "no memory for its pixels");
    }
    for (int pass = 0; pass < passes; pass++) {
        for (int64_t y = 0; y < height; y++) png_read_row(png, pixels + stride * (size_t)y, NULL);
    }
    png_read_end(png, NULL);
    image->width = (int32_t)width;
    image->height = (int32_t)height;
    image->channels = channels;
    image->warnings = state.warnings;
    image->pixels = pixels;
    png_destroy_read_struct(&png, &info, NULL);
    return IMAGE_OK;
}
