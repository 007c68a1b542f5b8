#ifndef RUND_JSON_TEXT_H
#define RUND_JSON_TEXT_H

/* Prints a string of JSON. Bytes that are no UTF-8 become U+FFFD: a process names itself as it likes. */
void json_print_text(const char *text);

#endif
