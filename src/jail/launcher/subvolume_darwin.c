#include "subvolume.h"

#include <errno.h>

/*
 * One clonefile(2) of a folder would be the like, but it splits hard links, takes set-id bits away, and Apple's manual advises
 * against it.
 */

bool subvolume_create(const char *path)
{
    (void)path;
    errno = ENOTSUP;
    return false;
}

bool subvolume_copy(int from, const char *path)
{
    (void)from;
    return subvolume_create(path);
}

bool subvolume_remove(const char *path)
{
    return subvolume_create(path);
}

bool subvolumes_sync(const char *path)
{
    return subvolume_create(path);
}
