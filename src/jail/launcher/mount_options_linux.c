#include "mount_options.h"

#include "mount_report.h"

#include <errno.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>

struct word {
    const char *name;
    unsigned long set;
    unsigned long clear;
};

/* Kinds of access times exclude one another. */
#define ANY_ATIME (MS_NOATIME | MS_RELATIME | MS_STRICTATIME)

static const struct word words[] = {
    {"defaults", 0, 0},
    {"auto", 0, 0},
    {"noauto", 0, 0},
    {"nofail", 0, 0},
    {"_netdev", 0, 0},
    {"ro", MS_RDONLY, 0},
    {"rw", 0, MS_RDONLY},
    {"nosuid", MS_NOSUID, 0},
    {"suid", 0, MS_NOSUID},
    {"nodev", MS_NODEV, 0},
    {"dev", 0, MS_NODEV},
    {"noexec", MS_NOEXEC, 0},
    {"exec", 0, MS_NOEXEC},
    {"sync", MS_SYNCHRONOUS, 0},
    {"async", 0, MS_SYNCHRONOUS},
    {"dirsync", MS_DIRSYNC, 0},
    {"mand", MS_MANDLOCK, 0},
    {"nomand", 0, MS_MANDLOCK},
    {"noatime", MS_NOATIME, ANY_ATIME},
    {"atime", 0, MS_NOATIME},
    {"nodiratime", MS_NODIRATIME, 0},
    {"diratime", 0, MS_NODIRATIME},
    {"relatime", MS_RELATIME, ANY_ATIME},
    {"norelatime", 0, MS_RELATIME},
    {"strictatime", MS_STRICTATIME, ANY_ATIME},
    {"nostrictatime", 0, MS_STRICTATIME},
    {"lazytime", MS_LAZYTIME, 0},
    {"nolazytime", 0, MS_LAZYTIME},
    {"iversion", MS_I_VERSION, 0},
    {"noiversion", 0, MS_I_VERSION},
    {"silent", MS_SILENT, 0},
    {"loud", 0, MS_SILENT},
    {"nosymfollow", MS_NOSYMFOLLOW, 0},
    {"symfollow", 0, MS_NOSYMFOLLOW},
};

static const struct word propagations[] = {
    {"private", MS_PRIVATE, 0},
    {"rprivate", MS_PRIVATE | MS_REC, 0},
    {"slave", MS_SLAVE, 0},
    {"rslave", MS_SLAVE | MS_REC, 0},
    {"shared", MS_SHARED, 0},
    {"rshared", MS_SHARED | MS_REC, 0},
    {"unbindable", MS_UNBINDABLE, 0},
    {"runbindable", MS_UNBINDABLE | MS_REC, 0},
};

static const struct word recursive_words[] = {
    {"rro", MOUNT_ATTR_RDONLY, 0},
    {"rrw", 0, MOUNT_ATTR_RDONLY},
    {"rnosuid", MOUNT_ATTR_NOSUID, 0},
    {"rsuid", 0, MOUNT_ATTR_NOSUID},
    {"rnodev", MOUNT_ATTR_NODEV, 0},
    {"rdev", 0, MOUNT_ATTR_NODEV},
    {"rnoexec", MOUNT_ATTR_NOEXEC, 0},
    {"rexec", 0, MOUNT_ATTR_NOEXEC},
    {"rnodiratime", MOUNT_ATTR_NODIRATIME, 0},
    {"rdiratime", 0, MOUNT_ATTR_NODIRATIME},
    {"rnoatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
    {"ratime", 0, MOUNT_ATTR__ATIME},
    {"rrelatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"rnorelatime", 0, MOUNT_ATTR__ATIME},
    {"rstrictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {"rnostrictatime", 0, MOUNT_ATTR__ATIME},
    {"rnosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    {"rsymfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
};

/* What would need work that is not done here; dropping it silently would change what the jail sees. */
static const char *const refused[] = {"remount", "loop", "idmap", "ridmap", "tmpcopyup", "copy-symlink", "src-nofollow"};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct word *find(const struct word *table, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i].name, name) == 0) return &table[i];
    }
    return NULL;
}

static bool take_word(struct mount_options *options, const char *name)
{
    const struct word *word = find(words, COUNT(words), name);
    if (word != NULL) {
        options->set = (options->set & ~word->clear) | word->set;
        options->clear = (options->clear & ~word->set) | word->clear;
        return true;
    }
    word = find(propagations, COUNT(propagations), name);
    if (word != NULL && options->propagation_count < COUNT(options->propagation)) {
        options->propagation[options->propagation_count++] = word->set;
        return true;
    }
    word = find(recursive_words, COUNT(recursive_words), name);
    if (word != NULL) {
        options->recursive_set = (options->recursive_set & ~word->clear) | word->set;
        options->recursive_clear = (options->recursive_clear & ~word->set) | word->clear;
    }
    return word != NULL;
}

static void append_data(struct mount_options *options, const char *word)
{
    size_t length = strlen(options->data);
    char *data = realloc(options->data, length + strlen(word) + 2);
    if (data == NULL) give_up(ENOMEM, "mount", "options");
    if (length > 0) data[length++] = ',';
    memcpy(data + length, word, strlen(word) + 1);
    options->data = data;
}

static void read_option(struct mount_options *options, const char *name, const char *destination)
{
    if (name[0] == '\0' || strncasecmp(name, "x-", 2) == 0) return;
    for (size_t i = 0; i < COUNT(refused); i++) {
        if (strcmp(refused[i], name) == 0) give_up(EOPNOTSUPP, destination, "option \"%s\"", name);
    }
    if (strcmp(name, "bind") == 0) return;
    if (strcmp(name, "rbind") == 0) options->recursive_bind = true;
    else if (!take_word(options, name)) append_data(options, name);
}

void mount_options_read(struct mount_options *options, const struct record *record, size_t first,
                        const char *destination)
{
    *options = (struct mount_options){.data = calloc(1, 1)};
    if (options->data == NULL) give_up(ENOMEM, "mount", "options");
    for (size_t i = first; i < record->count; i++) read_option(options, record->fields[i], destination);
}

bool mount_options_read_only(const struct mount_options *options)
{
    return (options->set & MS_RDONLY) != 0 || (options->recursive_set & MOUNT_ATTR_RDONLY) != 0;
}
