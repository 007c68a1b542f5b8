/*
 * The gate of a process that waits without the shim that made it: a socket in a folder of root's, where whoever connects
 * takes the shim's place. It answers as long as the process has not been started, and that tells whether it has.
 */
#ifndef RUND_GATE_H
#define RUND_GATE_H

#include "control.h"

/* Makes the gate, before the process enters its jail; fails (failure.h) when it cannot. Returns the listening descriptor. */
int gate_open(const char *path);
/*
 * Waits for a caller that says `start`; `control` is the line to it then, and failures are reported there. One that hangs up
 * without a word only wanted to know.
 */
void gate_wait(int gate, struct control *control);

#endif
