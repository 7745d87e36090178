#include <stdlib.h>

#include "images.h"

void image_release(uint8_t *bytes) { free(bytes); }
