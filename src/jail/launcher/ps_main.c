#include "subcommand.h"

#include "jail.h"
#include "json_text.h"
#include "options.h"
#include "process_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void print_process(pid_t pid, const struct process_details *details)
{
    printf("{\"pid\":%ld,\"ppid\":%ld,\"uid\":%lu,\"state\":\"%c\",\"threads\":%lu", (long)pid, (long)details->parent,
           (unsigned long)details->uid, details->state, details->threads);
    printf(",\"rss\":%" PRIu64 ",\"memory\":%" PRIu64, details->resident_bytes, details->memory_bytes);
    printf(",\"user\":%" PRIu64 ",\"system\":%" PRIu64, details->user_microseconds, details->system_microseconds);
    printf(",\"childUser\":%" PRIu64 ",\"childSystem\":%" PRIu64 ",\"command\":", details->child_user_microseconds,
           details->child_system_microseconds);
    json_print_text(details->command);
    puts("}");
}

/* ps --root DIR | --uid N: one line of JSON for each process of the jail. */
int ps_main(int argc, char **argv)
{
    struct option_value options[] = {{.name = "--root"}, {.name = "--uid"}, {0}};
    if (!options_parse(argc, argv, options) || !jail_is_named(options[0].value, options[1].value)) {
        fputs("usage: rund-jail ps --root DIR | --uid N\n", stderr);
        return EXIT_USAGE;
    }
    struct jail jail;
    struct process_list list;
    if (!jail_open(&jail, options[0].value, options[1].value)) return EXIT_FAILURE;
    if (!process_list_all(&list)) {
        perror("process table");
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < list.count; i++) {
        struct process_details details;
        if (list.pids[i] == getpid() || !process_in_jail(&jail, list.pids[i])) continue;
        if (!process_describe(list.pids[i], &details)) continue;
        print_process(list.pids[i], &details);
        free(details.command);
    }
    free(list.pids);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
