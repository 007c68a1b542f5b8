#include "root_directory.h"

#include "failure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool is_own_root(const struct stat *directory)
{
    struct stat own;
    if (stat("/", &own) != 0) return true;
    return own.st_dev == directory->st_dev && own.st_ino == directory->st_ino;
}

void enter_home(const char *path)
{
    struct stat status;
    /* First into the directory and then the check, and the chroot, on ".", so that all of them see the same one. */
    if (chdir(path) != 0 || stat(".", &status) != 0) fail(errno, "root %s", path);
    if (is_own_root(&status)) fail_text(EINVAL, "root %s: is the root of the host", path);
}

void enter_root(const char *path)
{
    enter_home(path);
    if (chroot(".") != 0) fail(errno, "chroot %s", path);
    if (chdir("/") != 0) fail(errno, "chdir /");
}

/* Errors show in the chdir that follows, with a better text. */
static void make_directories(const char *path)
{
    char *copy = strdup(path);
    if (copy == NULL) fail(ENOMEM, "cwd %s", path);
    for (char *slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0755);
        *slash = '/';
    }
    mkdir(copy, 0755);
    free(copy);
}

bool enter_working_directory(const char *path, bool make)
{
    if (chdir(path) == 0) return true;
    if (errno == ENOENT && make) {
        mode_t mask = umask(0);
        make_directories(path);
        umask(mask);
        if (chdir(path) == 0) return true;
    }
    if (errno == EACCES || errno == EPERM) return false;
    fail(errno, "cwd %s", path);
}
