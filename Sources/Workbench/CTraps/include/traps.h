// What a process says before a trap in compiled code ends it.
#ifndef WORKBENCH_TRAPS_H
#define WORKBENCH_TRAPS_H

#ifdef __cplusplus
extern "C" {
#endif

/// From now on SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE and SIGABRT write a line to standard error before they end the
/// process as they would without: the name of the signal between two texts. Called again, it changes the texts.
///
/// exit() on another thread than the first writes such a line, too, and ends the process with a status that is not 0. The
/// calling thread gets a stack for handlers, so that a full stack is said as well.
///
/// Handlers of before (Swift's backtraces, which wait at a terminal) come back only if `keeps` is not 0.
void workbench_say_traps(const char *before, const char *after, int keeps);

#ifdef __cplusplus
}
#endif

#endif
