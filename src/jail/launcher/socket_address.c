#include "socket_address.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool socket_address_from_folder(const char *path, struct sockaddr_un *address)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (name[0] == '\0' || strlen(name) >= sizeof address->sun_path) {
        errno = name[0] == '\0' ? EINVAL : ENAMETOOLONG;
        return false;
    }
    strcpy(address->sun_path, name);
    if (slash == NULL) return true;
    /* With its slash, so that the folder of "/name" is "/". */
    char *folder = strndup(path, (size_t)(name - path));
    if (folder == NULL) return false;
    bool there = chdir(folder) == 0;
    int error = errno;
    free(folder);
    errno = error;
    return there;
}
