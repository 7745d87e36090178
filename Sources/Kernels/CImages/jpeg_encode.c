#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "images.h"

typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf escape;
    char *message;
    size_t message_size;
} error_state;

static void fail(j_common_ptr info) {
    error_state *state = (error_state *)info->err;
    char text[JMSG_LENGTH_MAX];
    info->err->format_message(info, text);
    snprintf(state->message, state->message_size, "%s", text);
    longjmp(state->escape, 1);
}

static void stay_silent(j_common_ptr info) { (void)info; }

image_status image_encode_jpeg(
    const uint8_t *pixels, int32_t width, int32_t height, int32_t channels, int32_t quality, int32_t chroma,
    uint8_t **encoded, size_t *count, char *message, size_t message_size) {
    struct jpeg_compress_struct jpeg;
    error_state state;
    unsigned char *buffer = NULL;
    unsigned long length = 0;

    *encoded = NULL;
    *count = 0;
    if (message_size > 0) message[0] = 0;
    if (channels != 1 && channels != 3) {
        snprintf(message, message_size, "a JPEG holds 1 or 3 channels, not %d", channels);
        return IMAGE_UNSUPPORTED;
    }
    memset(&jpeg, 0, sizeof jpeg);
    jpeg.err = jpeg_std_error(&state.base);
    state.base.error_exit = fail;
    state.base.output_message = stay_silent;
    state.message = message;
    state.message_size = message_size;
    if (setjmp(state.escape)) {
        // The destination owns its buffer through `buffer` only once it is finished; what it grew before is lost to
        // free() here because the pointer is not written back, so it is finished by hand.
        if (jpeg.dest != NULL) jpeg.dest->term_destination(&jpeg);
        free(buffer);
        jpeg_destroy_compress(&jpeg);
        return IMAGE_UNSUPPORTED;
    }
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &buffer, &length);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = channels;
    jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    jpeg.dct_method = JDCT_ISLOW;
    if (channels == 3) {
        jpeg.comp_info[0].h_samp_factor = chroma;
        jpeg.comp_info[0].v_samp_factor = chroma;
    }
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW line = (JSAMPROW)(pixels + (size_t)width * (size_t)channels * jpeg.next_scanline);
        jpeg_write_scanlines(&jpeg, &line, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    *encoded = buffer;
    *count = length;
    return IMAGE_OK;
}
