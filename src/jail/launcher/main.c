#include "shim_front.h"
#include "socket_stdio.h"
#include "subcommand.h"

#include <stdio.h>
#include <string.h>

struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
};

static const struct subcommand subcommands[] = {
    {"exec", exec_main},
    {"ps", ps_main},
    {"kill", kill_main},
    {"daemon", daemon_main},
    {"freeze", freeze_main},
    {"thaw", thaw_main},
    {"fifos", fifos_main},
    {"discard", discard_main},
    {"unread", unread_main},
    {"user", user_main},
    {"tree", tree_main},
    {"clone", clone_main},
    {"usage", usage_main},
    {"remove", remove_main},
    {"sync", sync_main},
    {"trees", trees_main},
    {"lock", lock_main},
    {"diff", diff_main},
    {"mount", mount_main},
    {"umount", umount_main},
    {"sweep", sweep_main},
    {"dns", dns_main},
};

int main(int argc, char **argv)
{
    if (argc > 0 && is_shim_name(argv[0])) return shim_front(argc, argv);
    int taken = take_socket_stdio(argc, argv);
    if (taken < 0) return EXIT_USAGE;
    argc -= taken;
    argv += taken;
    const char *name = argc > 1 ? argv[1] : "";
    for (size_t i = 0; i < sizeof subcommands / sizeof subcommands[0]; i++) {
        if (strcmp(subcommands[i].name, name) == 0) return subcommands[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "rund-jail: unknown command \"%s\"\n", name);
    return EXIT_USAGE;
}
