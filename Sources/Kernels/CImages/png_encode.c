#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "images.h"

typedef struct {
    uint8_t *bytes;
    size_t count;
    size_t capacity;
    image_status status;
    char *message;
    size_t message_size;
} writing;

static void fail(png_structp png, png_const_charp text) {
    writing *state = png_get_error_ptr(png);
    if (state->status == IMAGE_OK) state->status = IMAGE_UNSUPPORTED;
    snprintf(state->message, state->message_size, "%s", text);
    longjmp(png_jmpbuf(png), 1);
}

static void stay_silent(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void append(png_structp png, png_bytep bytes, size_t size) {
    writing *state = png_get_io_ptr(png);
    if (size > state->capacity - state->count) {
        size_t capacity = state->capacity * 2 > state->count + size ? state->capacity * 2 : state->count + size;
        uint8_t *larger = realloc(state->bytes, capacity);
        if (larger == NULL) {
            state->status = IMAGE_NO_MEMORY;
            png_error(png, "no memory");
        }
        state->bytes = larger;
        state->capacity = capacity;
    }
    memcpy(state->bytes + state->count, bytes, size);
    state->count += size;
}

static void flush(png_structp png) { (void)png; }

image_status image_encode_png(
    const uint8_t *pixels, int32_t width, int32_t height, int32_t channels, int32_t level, uint8_t **encoded,
    size_t *count, char *message, size_t message_size) {
    static const int colour_types[5] = {
        0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
    writing state = {NULL, 0, 0, IMAGE_OK, message, message_size};

    *encoded = NULL;
    *count = 0;
    if (message_size > 0) message[0] = 0;
    if (channels < 1 || channels > 4) {
        snprintf(message, message_size, "a PNG holds 1 to 4 channels, not %d", channels);
        return IMAGE_UNSUPPORTED;
    }
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &state, fail, stay_silent);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    if (info == NULL) {
        png_destroy_write_struct(&png, NULL);
        snprintf(message, message_size, "no memory");
        return IMAGE_NO_MEMORY;
    }
    if (setjmp(png_jmpbuf(png))) {
        free(state.bytes);
        png_destroy_write_struct(&png, &info);
        return state.status;
    }
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_write_fn(png, &state, append, flush);
    png_set_compression_level(png, level);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, colour_types[channels], PNG_INTERLACE_NONE,
        PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int32_t y = 0; y < height; y++) {
        png_write_row(png, pixels + (size_t)width * (size_t)channels * (size_t)y);
    }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    *encoded = state.bytes;
    *count = state.count;
    return IMAGE_OK;
}
