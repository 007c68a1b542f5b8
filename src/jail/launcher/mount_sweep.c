/*
 * `rund-jail sweep`: ends what an init has left behind and takes back the jail's mounts. As soon as the jail is empty it
 * answers `swept empty`, or `swept REASON` when something is left; then come the notes and the exit status of `umount`.
 */
#include "subcommand.h"

#include "jail.h"
#include "kill_jail.h"
#include "mount_record.h"
#include "mount_undo.h"
#include "options.h"
#include "unread.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

enum { ROOT, UID, JOURNAL, TIMEOUT, OUTPUTS, COUNT };

static int usage(void)
{
    fputs("usage: rund-jail sweep --root DIR | --uid N --journal FILE --timeout MILLISECONDS --outputs N\n", stderr);
    return EXIT_USAGE;
}

static const char *sweep(const char *root, const char *uid, long timeout)
{
    struct jail jail;
    if (!jail_open(&jail, root, uid)) return "the root cannot be opened";
    return kill_until_gone(&jail, 0, timeout) ? "empty" : "SIGKILL does not end them";
}

int sweep_main(int argc, char **argv)
{
    struct option_value options[] = {
        {.name = "--root"}, {.name = "--uid"}, {.name = "--journal"}, {.name = "--timeout"}, {.name = "--outputs"}, {0},
    };
    if (!options_parse(argc, argv, options) || !jail_is_named(options[ROOT].value, options[UID].value)) return usage();
    for (int i = JOURNAL; i < COUNT; i++) {
        if (options[i].value == NULL) return usage();
    }
    long timeout, outputs;
    if (!option_number(&options[TIMEOUT], INT_MAX, &timeout)) return EXIT_USAGE;
    if (!option_number(&options[OUTPUTS], MOST_OUTPUTS, &outputs)) return EXIT_USAGE;
    const char *result = sweep(options[ROOT].value, options[UID].value, timeout);
    await_readers(outputs);
    record_append(STDOUT_FILENO, "swept", result, (char *)NULL);
    return undo_journal(options[JOURNAL].value);
}
