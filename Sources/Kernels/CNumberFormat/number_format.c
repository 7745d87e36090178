#include "number_format.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int build(char *pattern, size_t size, const char *flags, int precision, const char *length, char conversion,
                 const char *allowed) {
    if (conversion == 0 || strchr(allowed, conversion) == NULL || strspn(flags, "-+ 0#") != strlen(flags) ||
        strlen(flags) > 8)
        return -1;
    int n = precision < 0 ? snprintf(pattern, size, "%%%s*%s%c", flags, length, conversion)
                          : snprintf(pattern, size, "%%%s*.*%s%c", flags, length, conversion);
    return n > 0 && (size_t)n < size ? 0 : -1;
}

int number_format_double(char *out, size_t size, const char *flags, int width, int precision, char conversion,
                         double value) {
    char pattern[32];
    if (build(pattern, sizeof pattern, flags, precision, "", conversion, "eEfFgGaA") != 0) return -1;
    return precision < 0 ? snprintf(out, size, pattern, width, value) : snprintf(out, size, pattern, width, precision, value);
}

int number_format_integer(char *out, size_t size, const char *flags, int width, int precision, char conversion,
                          long long value) {
    char pattern[32];
    if (build(pattern, sizeof pattern, flags, precision, "ll", conversion, "diouxX") != 0) return -1;
    return precision < 0 ? snprintf(out, size, pattern, width, value) : snprintf(out, size, pattern, width, precision, value);
}

double number_parse_double(const char *text, size_t *used) {
    char *end = NULL;
    double value = strtod(text, &end);
    *used = (size_t)(end - text);
    return value;
}
