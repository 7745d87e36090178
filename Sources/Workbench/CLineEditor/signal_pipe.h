// What the line editor needs of the signal handlers.
#ifndef WORKBENCH_SIGNAL_PIPE_H
#define WORKBENCH_SIGNAL_PIPE_H

// Readable when a signal came while the prompt was read: one letter each, i interrupt, t end, w resize, z suspend.
int signal_pipe(void);
// Whether signals are to be told through the pipe.
void signals_while_reading(int reading);
// Stops the process as Ctrl-Z does; returns when it goes on.
void signals_suspend(void);

#endif
