#include "json_text.h"

#include <stdio.h>

/* The length of the well-formed UTF-8 sequence at `at`, or 0. */
static int sequence_length(const unsigned char *at)
{
    if (at[0] < 0x80) return 1;
    int length = at[0] >= 0xc2 && at[0] <= 0xdf ? 2 : (at[0] & 0xf0) == 0xe0 ? 3 : at[0] >= 0xf0 && at[0] <= 0xf4 ? 4 : 0;
    for (int i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) return 0;
    }
    /* Overlong forms, surrogates and what lies above U+10FFFF. */
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f)) return 0;
    if ((at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f)) return 0;
    return length;
}

static void print_ascii(unsigned char character)
{
    if (character == '"' || character == '\\') printf("\\%c", character);
    else if (character < 0x20 || character == 0x7f) printf("\\u%04x", character);
    else putchar(character);
}

void json_print_text(const char *text)
{
    putchar('"');
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        int length = sequence_length(at);
        if (length == 1) print_ascii(*at);
        else if (length == 0) fputs("\\ufffd", stdout);
        else fwrite(at, 1, (size_t)length, stdout);
        at += length == 0 ? 1 : length;
    }
    putchar('"');
}
