#pragma once

#include <stddef.h>
#include <stdint.h>

// JPEG and PNG in and out. libjpeg and libpng report errors by longjmp, which must not cross Swift frames: it stays in
// these functions, which return a code and write one line of explanation.

/// How a call ended.
typedef enum {
    IMAGE_OK = 0,
    /// The bytes are no image of this kind, or are damaged or cut off.
    IMAGE_DAMAGED = 1,
    /// More pixels than allowed.
    IMAGE_TOO_LARGE = 2,
    /// A kind of image that cannot be turned into 8-bit pixels.
    IMAGE_UNSUPPORTED = 3,
    /// No memory for the pixels.
    IMAGE_NO_MEMORY = 4,
} image_status;

/// Pixels in rows from the top, 8 bits a channel, channels interleaved, no padding.
typedef struct {
    int32_t width;
    int32_t height;
    /// 1 gray, 2 gray and alpha, 3 red green blue, 4 with alpha.
    int32_t channels;
    /// Complaints of the decoder that left the pixels usable.
    int32_t warnings;
    /// `width * height * channels` bytes from malloc; release with image_release.
    uint8_t *pixels;
} image_pixels;

/// What a decoder does with what it finds.
typedef struct {
    /// 0: as stored; 1: gray; 3: red green blue, gray replicated, alpha dropped.
    int32_t channels;
    /// Nonzero: damaged data is filled in as the library does it and counted as warnings, instead of being an error.
    int32_t tolerates_damage;
    /// Largest width * height.
    int64_t pixel_limit;
} image_decode_options;

/// Decodes a JPEG: baseline or progressive; accurate integer DCT and smooth chroma, as libjpeg does by default.
image_status image_decode_jpeg(
    const uint8_t *bytes, size_t count, image_decode_options options, image_pixels *image, char *message,
    size_t message_size);

/// Decodes a PNG of any colour type and depth to 8 bits.
image_status image_decode_png(
    const uint8_t *bytes, size_t count, image_decode_options options, image_pixels *image, char *message,
    size_t message_size);

/// Encodes 1 or 3 channels as a baseline JPEG; `quality` 1 … 100; `chroma` 1 keeps colours at full resolution, 2 halves
/// it. `*encoded` comes from malloc.
image_status image_encode_jpeg(
    const uint8_t *pixels, int32_t width, int32_t height, int32_t channels, int32_t quality, int32_t chroma,
    uint8_t **encoded, size_t *count, char *message, size_t message_size);

/// Encodes 1 … 4 channels as an 8-bit PNG; `level` of compression 0 … 9. `*encoded` comes from malloc.
image_status image_encode_png(
    const uint8_t *pixels, int32_t width, int32_t height, int32_t channels, int32_t level, uint8_t **encoded,
    size_t *count, char *message, size_t message_size);

/// Releases pixels or encoded bytes.
void image_release(uint8_t *bytes);
// MARK: Moving pixels (pixels.c)

/// Where each pixel of an affine map without interpolation comes from, in single precision as libtorch computes it:
/// centre of the output pixel, times the map, divided by half the size, then grid_sample's own way back to pixels.
///
/// theta is row-major 2 x 3 and already divided by half the input's width (first row) and height (second row).
/// source gets row * width + column of the input, or -1 outside of it; halves go to the even neighbour.
void image_affine_nearest(
    const float *theta, int32_t width, int32_t height, int32_t out_width, int32_t out_height, int32_t *source);

/// Writes count floats for each channel: table[c * 257 + byte], or table[c * 257 + 256] where source is -1.
///
/// source NULL takes the pixels as they come.
void image_table_planes(
    const uint8_t *pixels, int32_t channels, const int32_t *source, size_t count, const float *table, float *planes);

