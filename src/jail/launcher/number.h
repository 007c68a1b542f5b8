/* Decimal numbers as the shim sends them: digits only, nothing around them, no silent overflow. */
#ifndef RUND_NUMBER_H
#define RUND_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Reads digits up to a space or the end of the text, not above `limit`; moves `text` behind the number and a space. */
bool take_number(const char **text, uint64_t limit, uint64_t *number);
/* The whole text is one number. */
bool parse_number(const char *text, uint64_t limit, uint64_t *number);

#endif
