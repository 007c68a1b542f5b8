#ifndef RUND_OPTIONS_H
#define RUND_OPTIONS_H

#include <stdbool.h>

struct option_value {
    const char *name;
    /* Stays NULL when the option was not given. */
    const char *value;
    /* Takes no value; `value` becomes its name. */
    bool is_switch;
};

/* Fills a list that ends with a NULL name; prints why and returns false for anything else on the command line. */
bool options_parse(int argc, char **argv, struct option_value *options);
/* A number of an option that was given; prints why and returns false for what is none. */
bool option_number(const struct option_value *option, long limit, long *number);

#endif
