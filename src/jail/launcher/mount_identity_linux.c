#include "mount_identity.h"

#include "mount_path.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than C libraries' headers: linux/stat.h and linux/mount.h of Linux 6.8. The offset is that of stx_mnt_id. */
enum { MOUNT_ID_OFFSET = 0x90 };
enum { LASTING_ID_WANTED = 0x4000, STATMOUNT_CALL = 457, BASICS_WANTED = 2 };

struct lasting_id_request {
    uint32_t size;
    uint32_t spare;
    uint64_t id;
    uint64_t wanted;
};

/* 0 where the system has none. */
static uint64_t lasting_id_of(int fd)
{
    struct statx status;
    uint64_t id;
    if (statx(fd, "", AT_EMPTY_PATH, LASTING_ID_WANTED, &status) != 0) return 0;
    memcpy(&id, (const char *)&status + MOUNT_ID_OFFSET, sizeof id);
    return (status.stx_mask & LASTING_ID_WANTED) != 0 ? id : 0;
}

enum mount_life mount_life(const char *id)
{
    const char *slash = strchr(id, '/');
    if (slash == NULL) return MOUNT_LIFE_UNKNOWN;
    struct lasting_id_request request = {.size = sizeof request, .id = strtoull(slash + 1, NULL, 10), .wanted = BASICS_WANTED};
    uint64_t answer[64];
    if (syscall(STATMOUNT_CALL, &request, answer, sizeof answer, 0) == 0) return MOUNT_LIVES;
    return errno == ENOENT ? MOUNT_IS_GONE : MOUNT_LIFE_UNKNOWN;
}

struct mount_id mount_id_of(int fd)
{
    struct mount_id id = {""};
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return id;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return id;
    text[length] = '\0';
    const char *found = strstr(text, "mnt_id:");
    if (found == NULL) return id;
    unsigned long long reused = strtoull(found + strlen("mnt_id:"), NULL, 10);
    unsigned long long lasting = lasting_id_of(fd);
    if (lasting == 0) snprintf(id.text, sizeof id.text, "%llu", reused);
    else snprintf(id.text, sizeof id.text, "%llu/%llu", reused, lasting);
    return id;
}

struct mount_id mount_id_at(const char *base_path, const char *path)
{
    struct base base = {.path = base_path, .fd = open(base_path, O_PATH | O_DIRECTORY | O_CLOEXEC)};
    struct mount_id top = {""};
    struct place place;
    if (base.fd < 0) return top;
    if (place_find_exact(&base, path, &place)) {
        int fd = place_open(&place);
        if (fd >= 0) top = mount_id_of(fd);
        if (fd >= 0) close(fd);
        place_close(&place);
    }
    close(base.fd);
    return top;
}

/* The kernel writes space, tab, newline and backslash in paths as three octal digits. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0';) {
        bool escaped = from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' && from[2] <= '7' &&
                       from[3] >= '0' && from[3] <= '7';
        if (escaped) {
            *to++ = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
}

static bool parse_entry(char *line, struct mount_entry *entry)
{
    char *rest = NULL;
    const char *id = strtok_r(line, " ", &rest), *parent = strtok_r(NULL, " ", &rest);
    const char *device = strtok_r(NULL, " ", &rest), *root = strtok_r(NULL, " ", &rest);
    char *path = strtok_r(NULL, " ", &rest);
    if (id == NULL || parent == NULL || device == NULL || root == NULL || path == NULL) return false;
    unescape(path);
    if (strlen(path) >= sizeof entry->path) return false;
    snprintf(entry->id, sizeof entry->id, "%s", id);
    snprintf(entry->parent, sizeof entry->parent, "%s", parent);
    snprintf(entry->path, sizeof entry->path, "%s", path);
    return true;
}

bool mount_table_read(struct mount_table *table)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t size = 0, capacity = 0;
    table->count = 0;
    table->entries = NULL;
    if (file == NULL) return false;
    while (getline(&line, &size, file) > 0) {
        if (table->count == capacity) {
            capacity = capacity == 0 ? 64 : capacity * 2;
            struct mount_entry *entries = realloc(table->entries, capacity * sizeof *entries);
            if (entries == NULL) break;
            table->entries = entries;
        }
        if (parse_entry(line, &table->entries[table->count])) table->count++;
    }
    free(line);
    fclose(file);
    return true;
}

/* The kernel tells of a change of this file as an exceptional condition. */
void mount_table_await(int milliseconds)
{
    static struct pollfd table = {.fd = -1, .events = POLLPRI};
    if (table.fd < 0) table.fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    poll(&table, 1, milliseconds);
}
