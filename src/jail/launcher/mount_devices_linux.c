#include "mount_devices.h"

#include "mount_report.h"
#include "mount_stub.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const struct {
    const char *name;
    unsigned major, minor;
} nodes[] = {{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};

static const struct {
    const char *name, *to;
} links[] = {
    {"fd", "/proc/self/fd"},
    {"stdin", "/proc/self/fd/0"},
    {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"},
    {"ptmx", "pts/ptmx"},
};

void devices_default(const struct base *base, const char *destination)
{
    struct place place;
    if (!place_find(base, destination, CREATE_DIRECTORY, &place)) give_up(errno, destination, "%s", "devices");
    int folder = openat(place.parent, place.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) give_up(errno, destination, "%s", "devices");
    for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++) {
        dev_t number = makedev(nodes[i].major, nodes[i].minor);
        if (mknodat(folder, nodes[i].name, S_IFCHR | 0666, number) != 0 && errno != EEXIST) {
            give_up(errno, destination, "device %s", nodes[i].name);
        }
    }
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        if (symlinkat(links[i].to, folder, links[i].name) != 0 && errno != EEXIST) {
            give_up(errno, destination, "link %s", links[i].name);
        }
    }
    close(folder);
    place_close(&place);
}

static unsigned number_field(const struct record *record, size_t index)
{
    return (unsigned)strtoul(record_field(record, index), NULL, 10);
}

static mode_t type_of(char letter)
{
    return letter == 'b' ? S_IFBLK : letter == 'p' ? S_IFIFO : S_IFCHR;
}

/* A node that is there already is as good when it is the same device. */
static bool same_device(const struct place *place, mode_t type, dev_t number)
{
    struct stat status;
    return fstatat(place->parent, place->name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           (status.st_mode & S_IFMT) == type && (type == S_IFIFO || status.st_rdev == number);
}

void devices_make(const struct base *base, const struct record *record)
{
    const char *path = record_field(record, 1);
    mode_t type = type_of(record_field(record, 2)[0]);
    dev_t number = makedev(number_field(record, 3), number_field(record, 4));
    struct place place;
    if (!place_find(base, path, CREATE_PARENTS, &place)) give_up(errno, path, "%s", "device");
    bool made = stub_make(base, place.path, place.parent, place.name, STUB_NODE,
                          type | (mode_t)number_field(record, 5), number);
    if (!made && (errno != EEXIST || !same_device(&place, type, number))) give_up(errno, path, "%s", "device");
    if (made && fchownat(place.parent, place.name, number_field(record, 6), number_field(record, 7),
                         AT_SYMLINK_NOFOLLOW) != 0) {
        give_up(errno, path, "%s", "device owner");
    }
    place_close(&place);
}
