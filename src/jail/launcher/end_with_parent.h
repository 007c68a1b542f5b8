#ifndef RUND_END_WITH_PARENT_H
#define RUND_END_WITH_PARENT_H

/*
 * Has this process killed when the one that started it ends: what it makes would be in the way of the next one, which has
 * looked for leftovers already. macOS knows no such thing; there the leftover is found at the start after that.
 */
void end_with_parent(void);

#endif
