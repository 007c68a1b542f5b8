#include "jail.h"

#include "number.h"
#include "process_table.h"

#include <stdint.h>
#include <stdio.h>

static bool open_user(struct jail *jail, const char *uid)
{
    uint64_t number;
    if (!parse_number(uid, UINT32_MAX - 1, &number) || number == 0) {
        fprintf(stderr, "uid %s: is no user of a jail\n", uid);
        return false;
    }
    jail->by_user = true;
    jail->user = (uid_t)number;
    return true;
}

bool jail_is_named(const char *root, const char *uid)
{
    return (root == NULL) != (uid == NULL);
}

bool jail_open(struct jail *jail, const char *root, const char *uid)
{
    *jail = (struct jail){0};
    return uid != NULL ? open_user(jail, uid) : jail_root_open(&jail->root, root);
}

bool process_in_jail(const struct jail *jail, pid_t pid)
{
    return jail->by_user ? process_has_user(pid, jail->user) : process_has_root(pid, &jail->root);
}
