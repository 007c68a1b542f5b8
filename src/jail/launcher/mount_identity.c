#include "mount_identity.h"

#ifdef __linux__

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    if (found != NULL) snprintf(id.text, sizeof id.text, "%llu", strtoull(found + strlen("mnt_id:"), NULL, 10));
    return id;
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

const struct mount_entry *mount_table_find(const struct mount_table *table, const char *id)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->entries[i].id, id) == 0) return &table->entries[i];
    }
    return NULL;
}

void mount_table_free(struct mount_table *table)
{
    free(table->entries);
    table->entries = NULL;
    table->count = 0;
}

#endif
