#include "kernels.h"
#include <zlib.h>

uint32_t kernel_checksum(uint32_t before, const void *bytes, size_t count) {
    uLong sum = before;
    const Bytef *rest = bytes;
    // crc32() counts in 32 bits.
    while (count > 0) {
        uInt part = count > (1u << 30) ? (1u << 30) : (uInt)count;
        sum = crc32(sum, rest, part);
        rest += part;
        count -= part;
    }
    return (uint32_t)sum;
}
