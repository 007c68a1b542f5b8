#ifndef RUND_SIGNALS_H
#define RUND_SIGNALS_H

/*
 * Every signal to its default and none blocked: what runs the shim ignores some (SIGPIPE, SIGXFSZ), and ignored
 * signals survive exec. SIGPIPE stays ignored until allow_broken_pipe_signal, so that a shim that dies while we
 * answer it shows as an error.
 */
void reset_signals(void);
void allow_broken_pipe_signal(void);

#endif
