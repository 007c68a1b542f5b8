#include "credentials.h"

#include "failure.h"
#include "platform.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void verify(const struct request *request)
{
    if (getuid() != request->uid || geteuid() != request->uid) fail_text(EPERM, "setuid %u: did not take effect", request->uid);
    if (getgid() != request->gid || getegid() != request->gid) fail_text(EPERM, "setgid %u: did not take effect", request->gid);
    if (request->uid != 0 && setuid(0) == 0) fail_text(EPERM, "setuid %u: can be undone", request->uid);
}

/* Every group we have is one we asked for: the kernel may merge or sort them, but add none. */
static void verify_groups(const struct request *request)
{
    int count = platform_get_groups(0, NULL);
    if (count < 0) fail(errno, "getgroups");
    gid_t *groups = calloc((size_t)count + 1, sizeof *groups);
    if (groups == NULL) fail(ENOMEM, "getgroups");
    count = platform_get_groups(count, groups);
    if (count < 0) fail(errno, "getgroups");
    for (int i = 0; i < count; i++) {
        size_t j = 0;
        while (j < request->group_count && request->groups[j] != groups[i]) j++;
        if (j == request->group_count && groups[i] != request->gid) fail_text(EPERM, "group %u: is left over", groups[i]);
    }
    free(groups);
}

void credentials_apply(const struct request *request)
{
    settings_before_user(&request->settings);
    if (!platform_set_groups(request->gid, request->groups, request->group_count)) fail(errno, "setgroups");
    if (setgid(request->gid) != 0) fail(errno, "setgid %u", request->gid);
    if (setuid(request->uid) != 0) fail(errno, "setuid %u", request->uid);
    verify(request);
    verify_groups(request);
    settings_as_user(&request->settings);
}
