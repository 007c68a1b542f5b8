#ifndef RUND_DESCRIPTOR_LIMIT_H
#define RUND_DESCRIPTOR_LIMIT_H

/* Allows as many open files as may be: a walk through a tree has some open for each of its levels. */
void raise_descriptor_limit(void);

#endif
