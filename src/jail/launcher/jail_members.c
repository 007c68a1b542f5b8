#include "jail_members.h"

#include <stdlib.h>
#include <unistd.h>

static int by_pid(const void *a, const void *b)
{
    const struct jail_member *left = a, *right = b;
    return (left->pid > right->pid) - (left->pid < right->pid);
}

static int by_depth(const void *a, const void *b)
{
    const struct jail_member *left = a, *right = b;
    if (left->depth != right->depth) return left->depth > right->depth ? 1 : -1;
    return by_pid(a, b);
}

/* `members` is in the order of pids. What was read while processes came and went may even be a ring. */
static size_t depth_of(const struct jail_members *members, const struct jail_member *member)
{
    size_t depth = 0;
    while (depth < members->count) {
        struct jail_member key = {.pid = member->activity.parent};
        member = bsearch(&key, members->list, members->count, sizeof key, by_pid);
        if (member == NULL) break;
        depth++;
    }
    return depth;
}

bool jail_members_look(const struct jail *jail, struct jail_members *members)
{
    struct process_list all;
    *members = (struct jail_members){0};
    if (!process_list_all(&all)) return false;
    members->list = malloc((all.count + 1) * sizeof *members->list);
    for (size_t i = 0; members->list != NULL && i < all.count; i++) {
        struct jail_member member = {.pid = all.pids[i]};
        if (member.pid <= 1 || member.pid == getpid() || !process_in_jail(jail, member.pid)) continue;
        if (process_observe(member.pid, &member.activity)) members->list[members->count++] = member;
    }
    free(all.pids);
    if (members->list == NULL) return false;
    qsort(members->list, members->count, sizeof *members->list, by_pid);
    for (size_t i = 0; i < members->count; i++) members->list[i].depth = depth_of(members, &members->list[i]);
    qsort(members->list, members->count, sizeof *members->list, by_depth);
    return true;
}
