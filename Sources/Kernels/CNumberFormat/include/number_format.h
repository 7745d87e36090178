// Formats one double with C's printf, which Swift cannot call (variadic).
#pragma once
#include <stddef.h>

/// Writes `value` with conversion `%*.*<conversion>` (one of e, E, f, F, g, G, a) and the given printf flags ("", "-",
/// "+", " ", "0", "#" or several) into `out`, at most `size` bytes with the final zero. Width 0 means none.
/// Returns the number of bytes the whole text needs (without the final zero), or -1 for an unknown conversion or flag.
int number_format_double(char *out, size_t size, const char *flags, int width, int precision, char conversion, double value);

/// The same for integers: conversion one of d, i, o, u, x, X. `precision` < 0 means none.
int number_format_integer(char *out, size_t size, const char *flags, int width, int precision, char conversion, long long value);

/// Reads a C decimal or hexadecimal number as strtod does in the C locale; `*used` is the number of bytes read.
double number_parse_double(const char *text, size_t *used);

/// Decimal exponent and number of significant digits (at most `digits`, 1 … 22) of a finite `value`, without its sign.
/// Up to 15 digits the value is scaled in long double and rounded to an integer, as R does, so that ties fall as R's;
/// from 16 on the digits of `%.*e` count. `*widens` is 1 if rounding to `digits` makes the exponent larger than that
/// of the value itself, which fixed notation need not show.
void number_format_significant(double value, int digits, int *exponent, int *significant, int *widens);

/// `value` rounded to `digits` significant digits, given that the larger of two parts of a complex number is `larger`.
double number_format_round_part(double value, double larger, int digits);
