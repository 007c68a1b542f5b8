#include "shim_paths.h"

#include "sha256.h"

#include <limits.h>
#include <stdio.h>

#ifdef __APPLE__
const char shim_socket_folder[] = "/var/run/containerd/s";
#else
const char shim_socket_folder[] = "/run/containerd/s";
#endif

/* containerd's own derivation (pkg/shim: CreateSocketAddress). */
bool shim_socket_path(const struct shim_arguments *arguments, char *path, size_t size)
{
    char name[PATH_MAX], digest[SHA256_HEX_SIZE];
    int length = snprintf(name, sizeof name, "%s/%s/%s", arguments->address, arguments->namespace, arguments->id);
    if (length < 0 || (size_t)length >= sizeof name) return false;
    sha256_hex(name, (size_t)length, digest);
    return (size_t)snprintf(path, size, "%s/%s", shim_socket_folder, digest) < size;
}

bool shim_bundle_path(const char *bundle, const char *name, char *path, size_t size)
{
    return (size_t)snprintf(path, size, "%s/%s", bundle, name) < size;
}
