#include "number_format.h"
#include <math.h>
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

static const long double powers[] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
                                     1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
                                     1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
enum { largest_power = 27 };

void number_format_significant(double value, int digits, int *exponent, int *significant, int *widens) {
    *exponent = 0;
    *significant = 1;
    *widens = 0;
    double magnitude = fabs(value);
    if (magnitude == 0) return;
    if (digits < 1) digits = 1;
    if (digits > 15) {
        char text[64];
        if (digits > 22) digits = 22;
        snprintf(text, sizeof text, "%#.*e", digits - 1, magnitude);
        *exponent = (int)strtol(text + digits + 2, NULL, 10);
        int count = digits;
        while (count > 1 && text[count] == '0') count--;
        *significant = count;
        return;
    }
    int scale = (int)floor(log10(magnitude)) - digits + 1;
    long double scaled = magnitude;
    if (scale > -10 && scale < 10) {
        if (scale > 0) scaled /= powers[scale];
        else if (scale < 0) scaled *= powers[-scale];
    } else if (scale <= -324) {
        scaled = (magnitude * 1e+303L) / powl(10.0L, (long double)(scale + 303));
    } else {
        scaled /= powl(10.0L, (long double)scale);
    }
    if (scaled < powers[digits - 1]) {
        scaled *= 10.0L;
        scale--;
    }
    double whole = (double)nearbyintl(scaled);
    int count = digits;
    for (int i = 0; i < digits; i++) {
        whole /= 10.0;
        if (whole != floor(whole)) break;
        count--;
    }
    if (count == 0) {
        count = 1;
        scale++;
    }
    *exponent = scale + digits - 1;
    *significant = count;
    *widens = *exponent > 0 && *exponent <= largest_power && magnitude < (double)powers[*exponent];
}

double number_format_round_part(double value, double larger, int digits) {
    if (digits > 15 || larger == 0) return value;
    int places = digits - 1 - (int)floor(log10(larger));
    if (places > 306) {
        long double first = 1.0e4L, second = powl(10.0L, (long double)(places - 4));
        return (double)(nearbyintl((long double)value * first * second) / second / first);
    }
    if (places > 0) {
        long double power = powl(10.0L, (long double)places);
        return (double)(nearbyintl((long double)value * power) / power);
    }
    long double power = powl(10.0L, (long double)-places);
    return (double)(nearbyintl((long double)value / power) * power);
}
