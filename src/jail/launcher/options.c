#include "options.h"

#include "number.h"

#include <stdio.h>
#include <string.h>

static struct option_value *find(struct option_value *options, const char *name)
{
    for (; options->name != NULL; options++) {
        if (strcmp(options->name, name) == 0) return options;
    }
    return NULL;
}

bool options_parse(int argc, char **argv, struct option_value *options)
{
    for (int i = 1; i < argc; i++) {
        struct option_value *option = find(options, argv[i]);
        bool whole = option != NULL && (option->is_switch || i + 1 < argc);
        if (!whole) {
            fprintf(stderr, "%s: %s: %s\n", argv[0], argv[i], option == NULL ? "unknown option" : "needs a value");
            return false;
        }
        option->value = option->is_switch ? option->name : argv[++i];
    }
    return true;
}

bool option_number(const struct option_value *option, long limit, long *number)
{
    uint64_t value;
    if (!parse_number(option->value, (uint64_t)limit, &value)) {
        fprintf(stderr, "%s %s: invalid number\n", option->name, option->value);
        return false;
    }
    *number = (long)value;
    return true;
}
