#include "mount_awaited.h"

#include "clock.h"
#include "mount_journal.h"
#include "mount_report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How long a mount may take, and how often it is looked for when nothing tells. */
enum { MOUNT_MILLISECONDS = 10000, LOOK_MILLISECONDS = 10 };

static struct mount_id top_of(const struct place *place)
{
    struct mount_id id = {""};
    int fd = place_open(place);
    if (fd < 0) return id;
    id = mount_id_of(fd);
    close(fd);
    return id;
}

void awaited_begin(struct awaited *awaited, const struct base *base, const char *path, const char *destination)
{
    *awaited = (struct awaited){.base = base, .destination = destination};
    awaited->deadline = clock_milliseconds() + MOUNT_MILLISECONDS;
    if (!place_find(base, path, CREATE_DIRECTORY, &awaited->place)) give_up(errno, destination, "%s", "mount point");
    if (awaited->place.name[0] == '\0') give_up(0, destination, "%s", "the root cannot be a mount point");
    awaited->before = top_of(&awaited->place);
    journal_step("mount", base->path, awaited->place.path, awaited->before.text);
}

const char *awaited_path(const struct awaited *awaited, char path[AWAITED_PATH_SIZE])
{
    const char *base = strcmp(awaited->base->path, "/") == 0 ? "" : awaited->base->path;
    snprintf(path, AWAITED_PATH_SIZE, "%s%s", base, awaited->place.path);
    return path;
}

bool awaited_is_there(struct awaited *awaited)
{
    awaited->id = top_of(&awaited->place);
    if (awaited->id.text[0] != '\0' && strcmp(awaited->id.text, awaited->before.text) != 0) return true;
    if (clock_milliseconds() > awaited->deadline) give_up(0, awaited->destination, "%s", "no mount after ten seconds");
    mount_table_await(LOOK_MILLISECONDS);
    return false;
}

size_t awaited_done(struct awaited *awaited)
{
    return journal_step("mounted", awaited->base->path, awaited->place.path, awaited->id.text);
}
