#include "shim_arguments.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/* containerd's identifiers are at most this long (its identifiers package). */
enum { LONGEST_IDENTIFIER = 76 };

static const char **text_flag(struct shim_arguments *arguments, const char *name, const char **ignored)
{
    if (strcmp(name, "namespace") == 0) return &arguments->namespace;
    if (strcmp(name, "id") == 0) return &arguments->id;
    if (strcmp(name, "address") == 0) return &arguments->address;
    if (strcmp(name, "bundle") == 0) return &arguments->bundle;
    if (strcmp(name, "publish-binary") == 0) return ignored;
    return NULL;
}

/* Letters and digits, with single separators between them. */
static bool is_identifier(const char *text)
{
    if (text == NULL || strlen(text) > LONGEST_IDENTIFIER) return false;
    bool word = false;
    for (; *text != '\0'; text++) {
        bool separator = strchr("._-", *text) != NULL;
        if (separator ? !word : !isalnum((unsigned char)*text)) return false;
        word = !separator;
    }
    return word;
}

/* Absolute, and the same after cleaning: the socket's name is derived from the cleaned path. */
static bool is_clean_path(const char *path)
{
    if (path == NULL || path[0] != '/' || path[1] == '\0') return false;
    for (const char *at = path; *at != '\0';) {
        size_t length = strcspn(at + 1, "/");
        if (length == 0 || (length == 1 && at[1] == '.') || (length == 2 && strncmp(at + 1, "..", 2) == 0)) return false;
        at += 1 + length;
    }
    return true;
}

bool shim_arguments_read(struct shim_arguments *arguments, char **argv)
{
    *arguments = (struct shim_arguments){.name = argv[0]};
    char **at = argv + 1;
    for (; *at != NULL && (*at)[0] == '-'; at++) {
        if (strcmp(*at, "-debug") == 0) {
            arguments->debug = true;
            continue;
        }
        const char *ignored;
        const char **value = text_flag(arguments, *at + 1, &ignored);
        if (value == NULL || at[1] == NULL) return false;
        *value = *++at;
    }
    if (*at == NULL || at[1] != NULL) return false;
    arguments->action = *at;
    return is_identifier(arguments->id) && is_identifier(arguments->namespace) && is_clean_path(arguments->address) &&
           (arguments->bundle == NULL || is_clean_path(arguments->bundle));
}
