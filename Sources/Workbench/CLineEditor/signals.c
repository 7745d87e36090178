#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "line_editor.h"
#include "signal_pipe.h"

static volatile int interrupt_flag;
static volatile sig_atomic_t ending_signal;
static volatile sig_atomic_t has_prompt;
static volatile sig_atomic_t is_reading;
static int pipe_ends[2] = {-1, -1};

// Whichever thread a signal hits, the one that reads the prompt wakes up: it waits for this pipe as well.
static void tell(char what) {
    int saved = errno;
    if (pipe_ends[1] >= 0) {
        ssize_t ignored = write(pipe_ends[1], &what, 1);
        (void)ignored;
    }
    errno = saved;
}

// Ctrl-C that came while the last one was not answered yet, and how many make it sure that nobody listens.
static volatile sig_atomic_t unanswered;
enum { enough = 2 };

static void on_interrupt(int number) {
    static const char still[] = "\nWhat runs has not answered Ctrl-C yet. Ctrl-\\ ends the workbench at once: "
                                "what is not saved is lost.\n";
    (void)number;
    if (is_reading) {
        tell('i');
        return;
    }
    if (!has_prompt && interrupt_flag) _exit(130);
    unanswered = interrupt_flag ? unanswered + 1 : 0;
    if (unanswered == enough) {
        int saved = errno;
        ssize_t ignored = write(2, still, sizeof still - 1);
        (void)ignored;
        errno = saved;
    }
    interrupt_flag = 1;
}

// Code of a compiled plug-in that never comes back hears nothing: this is the way out, once it has been said.
static void on_quit(int number) {
    if (!is_reading && interrupt_flag && unanswered >= enough) _exit(128 + number);
}

// Seconds after which the program ends without having been able to end by itself.
enum { patience = 9 };

static void on_end(int number) {
    // A terminal that closes tells it from the system and from the shell in it, and others say SIGTERM and SIGHUP at
    // once: a second one must not cut off what the first has begun to save. The alarm ends what does not end.
    if (ending_signal) return;
    ending_signal = number;
    interrupt_flag = 1;
    alarm(patience);
    tell('t');
}

static void on_alarm(int number) {
    (void)number;
    if (ending_signal) _exit(128 + ending_signal);
}

static void on_resize(int number) {
    (void)number;
    if (is_reading) tell('w');
}

static void on_suspend(int number) {
    (void)number;
    if (is_reading) {
        tell('z');
    } else {
        // As if no handler were there.
        signal(SIGTSTP, SIG_DFL);
        raise(SIGTSTP);
    }
}

static void on_continue(int number) {
    (void)number;
    if (has_prompt) signal(SIGTSTP, on_suspend);
}

static void handle(int number, void (*handler)(int), int flags) {
    struct sigaction action;
    sigemptyset(&action.sa_mask);
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigaction(number, &action, NULL);
}

void workbench_install_signals(int interactive) {
    has_prompt = interactive;
    if (pipe_ends[0] < 0 && pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) pipe_ends[0] = pipe_ends[1] = -1;
    handle(SIGPIPE, SIG_IGN, 0);
    // A file beyond the limit of the shell (ulimit -f) is a write that fails, no end of the session.
    handle(SIGXFSZ, SIG_IGN, 0);
    handle(SIGTERM, on_end, 0);
    // nohup starts a program with this one ignored: it stays so.
    struct sigaction hangup;
    if (sigaction(SIGHUP, NULL, &hangup) != 0 || hangup.sa_handler != SIG_IGN) handle(SIGHUP, on_end, 0);
    handle(SIGALRM, on_alarm, SA_RESTART);
    // No SA_RESTART: a computation that waits for the system must come back and look at the flag.
    handle(SIGINT, on_interrupt, 0);
    if (interactive) {
        handle(SIGWINCH, on_resize, SA_RESTART);
        handle(SIGTSTP, on_suspend, SA_RESTART);
        handle(SIGCONT, on_continue, SA_RESTART);
        handle(SIGQUIT, on_quit, SA_RESTART);
    }
}

int *workbench_interrupt_flag(void) { return (int *)&interrupt_flag; }
int workbench_signal_received(void) { return ending_signal; }

int signal_pipe(void) { return pipe_ends[0]; }
void signals_while_reading(int reading) { is_reading = reading; }
void signals_suspend(void) {
    signal(SIGTSTP, SIG_DFL);
    raise(SIGTSTP);
    signal(SIGTSTP, on_suspend);
}
