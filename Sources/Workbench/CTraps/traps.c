#define _GNU_SOURCE
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "traps.h"

enum { most = 1000 };

// Texts that a handler may be writing just now must not change under it: a new pair takes the place of the old one.
struct texts {
    char before[most];
    char after[most];
};
static struct texts pairs[2];
static _Atomic(struct texts *) current;

static const struct {
    int number;
    const char *name;
} traps[] = {
    {SIGILL, "SIGILL"}, {SIGTRAP, "SIGTRAP"}, {SIGSEGV, "SIGSEGV"},
    {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"},   {SIGABRT, "SIGABRT"},
};
enum { count = sizeof traps / sizeof *traps };
static struct sigaction earlier[count];
static int keeps_earlier;

static void say(const char *text) {
    ssize_t ignored = write(2, text, strlen(text));
    (void)ignored;
}

static void on_trap(int number) {
    const struct texts *texts = atomic_load(&current);
    for (int i = 0; i < count; i++) {
        if (traps[i].number != number) continue;
        if (texts) {
            say(texts->before);
            say(traps[i].name);
            say(texts->after);
        }
        if (keeps_earlier) {
            sigaction(number, &earlier[i], NULL);
        } else {
            signal(number, SIG_DFL);
        }
    }
    // What trapped traps again on return; what another process sent does not come again by itself.
    raise(number);
}

// The program ends itself on its first thread, and only there; a pipe that nobody reads may end it anywhere.
static void on_end(int status, void *unused) {
    (void)unused;
    const struct texts *texts = atomic_load(&current);
    if (!texts || syscall(SYS_gettid) == getpid() || status == 128 + SIGPIPE) return;
    say("\nworkbench: compiled code ended the process (exit");
    say(texts->after);
    _exit(status ? status : 1);
}

// A stack for handlers of the calling thread, if it has none: without one the trap of a full stack ends the process unsaid.
// It is as long-lived as the thread, which is the one that evaluates.
static void give_stack(void) {
    stack_t known;
    if (sigaltstack(NULL, &known) != 0 || !(known.ss_flags & SS_DISABLE)) return;
    enum { bytes = 1 << 16 };
    stack_t stack = {.ss_sp = malloc(bytes), .ss_flags = 0, .ss_size = bytes};
    if (stack.ss_sp) sigaltstack(&stack, NULL);
}

void workbench_say_traps(const char *before, const char *after, int keeps) {
    give_stack();
    struct texts *known = atomic_load(&current);
    struct texts *next = known == &pairs[0] ? &pairs[1] : &pairs[0];
    strncpy(next->before, before, most - 1);
    strncpy(next->after, after, most - 1);
    next->before[most - 1] = next->after[most - 1] = 0;
    keeps_earlier = keeps;
    atomic_store(&current, next);
    if (known) return;
    on_exit(on_end, NULL);
    struct sigaction action;
    sigemptyset(&action.sa_mask);
    action.sa_handler = on_trap;
    // On a stack of its own where the thread has one: the trap may be that the stack is full.
    action.sa_flags = SA_ONSTACK;
    for (int i = 0; i < count; i++) sigaction(traps[i].number, &action, &earlier[i]);
}
