// The door of libFuzzer as a library (compiler-rt, libclang_rt.fuzzer_no_main).
#ifndef WORKBENCH_FUZZER_H
#define WORKBENCH_FUZZER_H

#include <stddef.h>
#include <stdint.h>

/// Feeds inputs to a callback as the arguments say, until their time is up or one ends the process.
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*callback)(const uint8_t *data, size_t size));

/// A file that exists in memory only (Linux; the C library declares it for C alone).
int memfd_create(const char *name, unsigned int flags);

#endif
