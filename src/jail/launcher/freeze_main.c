#include "subcommand.h"

#include "freeze_jail.h"
#include "jail.h"
#include "number.h"
#include "options.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The time is over and processes run: all of them again. */
enum { EXIT_RUNNING = 3 };
/* Of the options; the last has a name for each command. */
enum { ROOT, UID, TIMEOUT, EXCEPT = TIMEOUT };

/* freeze --root DIR | --uid N --timeout MILLISECONDS: stops a jail; prints the pids of those that were stopped before. */
int freeze_main(int argc, char **argv)
{
    struct option_value options[] = {{.name = "--root"}, {.name = "--uid"}, {.name = "--timeout"}, {0}};
    bool parsed = options_parse(argc, argv, options) && jail_is_named(options[ROOT].value, options[UID].value);
    if (!parsed || options[TIMEOUT].value == NULL) {
        fputs("usage: rund-jail freeze --root DIR | --uid N --timeout MILLISECONDS\n", stderr);
        return EXIT_USAGE;
    }
    long timeout;
    struct jail jail;
    struct pid_set bystanders = {0};
    if (!option_number(&options[TIMEOUT], INT_MAX, &timeout)) return EXIT_USAGE;
    if (!jail_open(&jail, options[ROOT].value, options[UID].value)) return EXIT_FAILURE;
    bool frozen = freeze_jail(&jail, timeout, &bystanders);
    for (size_t i = 0; frozen && i < bystanders.count; i++) printf("%ld\n", (long)bystanders.pids[i]);
    free(bystanders.pids);
    if (!frozen) return EXIT_RUNNING;
    if (fflush(stdout) == 0) return EXIT_SUCCESS;
    /* Nobody would know of the freeze, so nobody would end it. */
    thaw_jail(&jail, &(struct pid_set){0});
    return EXIT_FAILURE;
}

/* Numbers with commas between them; overwrites the commas. */
static bool parse_pids(char *text, struct pid_set *pids)
{
    for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ",")) {
        uint64_t pid;
        if (!parse_number(word, INT_MAX, &pid)) {
            fprintf(stderr, "--except %s: invalid number\n", word);
            return false;
        }
        if (!pid_set_add(pids, (pid_t)pid)) return false;
    }
    return true;
}

/* thaw --root DIR | --uid N [--except PID,PID]: lets a jail go on. */
int thaw_main(int argc, char **argv)
{
    struct option_value options[] = {{.name = "--root"}, {.name = "--uid"}, {.name = "--except"}, {0}};
    if (!options_parse(argc, argv, options) || !jail_is_named(options[ROOT].value, options[UID].value)) {
        fputs("usage: rund-jail thaw --root DIR | --uid N [--except PID,PID,...]\n", stderr);
        return EXIT_USAGE;
    }
    struct pid_set except = {0};
    char *list = strdup(options[EXCEPT].value == NULL ? "" : options[EXCEPT].value);
    bool parsed = list != NULL && parse_pids(list, &except);
    free(list);
    struct jail jail;
    int status = EXIT_USAGE;
    if (parsed) status = jail_open(&jail, options[ROOT].value, options[UID].value) ? EXIT_SUCCESS : EXIT_FAILURE;
    if (status == EXIT_SUCCESS && !thaw_jail(&jail, &except)) {
        perror("process table");
        status = EXIT_FAILURE;
    }
    free(except.pids);
    return status;
}
