#include "subcommand.h"

#include "jail.h"
#include "kill_jail.h"
#include "options.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROOT, UID, SIGNAL, EXCEPT, UNTIL_GONE, TIMEOUT };
/* With --until-gone: the time is over and processes are left. */
enum { EXIT_LEFT = 3 };

static int usage(void)
{
    fputs("usage: rund-jail kill --root DIR | --uid N --signal N [--except PID]\n"
          "       rund-jail kill --root DIR | --uid N --until-gone --timeout MILLISECONDS [--except PID]\n",
          stderr);
    return EXIT_USAGE;
}

int kill_main(int argc, char **argv)
{
    struct option_value options[] = {
        {.name = "--root"},
        {.name = "--uid"},
        {.name = "--signal"},
        {.name = "--except"},
        {.name = "--until-gone", .is_switch = true},
        {.name = "--timeout"},
        {0},
    };
    if (!options_parse(argc, argv, options) || !jail_is_named(options[ROOT].value, options[UID].value)) return usage();
    bool until_gone = options[UNTIL_GONE].value != NULL;
    if ((options[TIMEOUT].value != NULL) != until_gone || (options[SIGNAL].value == NULL) != until_gone) return usage();
    long signal = 0, except = 0, timeout = 0;
    if (options[SIGNAL].value != NULL && !option_number(&options[SIGNAL], NSIG - 1, &signal)) return EXIT_USAGE;
    if (options[EXCEPT].value != NULL && !option_number(&options[EXCEPT], INT_MAX, &except)) return EXIT_USAGE;
    if (options[TIMEOUT].value != NULL && !option_number(&options[TIMEOUT], INT_MAX, &timeout)) return EXIT_USAGE;
    struct jail jail;
    if (!jail_open(&jail, options[ROOT].value, options[UID].value)) return EXIT_FAILURE;
    if (until_gone) return kill_until_gone(&jail, (pid_t)except, timeout) ? EXIT_SUCCESS : EXIT_LEFT;
    size_t count;
    if (!kill_jail(&jail, (int)signal, (pid_t)except, &count)) {
        perror("process table");
        return EXIT_FAILURE;
    }
    printf("%zu\n", count);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
