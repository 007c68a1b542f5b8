#include "number.h"

bool take_number(const char **text, uint64_t limit, uint64_t *number)
{
    const char *at = *text;
    uint64_t value = 0;
    if (*at < '0' || *at > '9') return false;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (digit > limit || value > (limit - digit) / 10) return false;
        value = value * 10 + digit;
    }
    if (*at != '\0' && *at != ' ') return false;
    *text = *at == ' ' ? at + 1 : at;
    *number = value;
    return true;
}

bool parse_number(const char *text, uint64_t limit, uint64_t *number)
{
    const char *rest = text;
    return take_number(&rest, limit, number) && *rest == '\0' && rest[-1] != ' ';
}
