#ifndef RUND_CLOCK_H
#define RUND_CLOCK_H

#include <stdint.h>

/* Milliseconds of a clock that is never set. */
int64_t clock_milliseconds(void);

#endif
