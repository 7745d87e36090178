// Starts a program in a terminal of its own; Swift's Glibc lacks posix_openpt.
#ifndef WORKBENCH_PSEUDO_TERMINAL_H
#define WORKBENCH_PSEUDO_TERMINAL_H

#include <sys/types.h>

/// Starts a program with a new terminal as its standard streams; returns the other end, or -1.
int pseudo_terminal_start(
    const char *program, char *const words[], char *const environment[], int columns, int rows, pid_t *child);

#endif
