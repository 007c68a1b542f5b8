#include "subcommand.h"

#include "account_file.h"
#include "failure.h"
#include "options.h"
#include "root_directory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct user {
    unsigned uid;
    unsigned gid;
    /* As /etc/passwd has it; NULL for a number that stands there under none. */
    const char *name;
};

/* The entry of a user by its name, or else by its number. */
static bool find_user(struct account_file *file, const char *text, struct user *user)
{
    enum { NAME, PASSWORD, ID, GROUP, NEEDED };
    char *fields[NEEDED];
    unsigned number;
    bool is_number = account_number(text, &number);
    while (account_file_next(file, fields, NEEDED)) {
        if (!account_number(fields[ID], &user->uid) || !account_number(fields[GROUP], &user->gid)) continue;
        if (strcmp(fields[NAME], text) != 0 && !(is_number && user->uid == number)) continue;
        user->name = fields[NAME];
        return true;
    }
    *user = (struct user){.uid = is_number ? number : 0};
    return is_number;
}

static bool find_group(struct account_file *file, const char *text, unsigned *gid)
{
    enum { NAME, PASSWORD, ID, NEEDED };
    char *fields[NEEDED];
    if (account_number(text, gid)) return true;
    while (account_file_next(file, fields, NEEDED)) {
        if (strcmp(fields[NAME], text) == 0 && account_number(fields[ID], gid)) return true;
    }
    return false;
}

static bool is_among(const char *name, char *members)
{
    for (char *rest, *member = strtok_r(members, ",", &rest); member != NULL; member = strtok_r(NULL, ",", &rest)) {
        if (strcmp(member, name) == 0) return true;
    }
    return false;
}

static void print_groups_of(struct account_file *file, const char *name)
{
    enum { NAME, PASSWORD, ID, MEMBERS, NEEDED };
    char *fields[NEEDED];
    unsigned gid;
    const char *comma = "";
    while (account_file_next(file, fields, NEEDED)) {
        if (!account_number(fields[ID], &gid) || !is_among(name, fields[MEMBERS])) continue;
        printf("%s%u", comma, gid);
        comma = ",";
    }
}

/*
 * user --root DIR --name USER[:GROUP]: who that is by the jail's own files, as one line of JSON. A user's further groups
 * count where no group is named, as clients have it.
 */
int user_main(int argc, char **argv)
{
    struct option_value options[] = {{.name = "--root"}, {.name = "--name"}, {0}};
    if (!options_parse(argc, argv, options) || options[0].value == NULL || options[1].value == NULL) {
        fputs("usage: rund-jail user --root DIR --name USER[:GROUP]\n", stderr);
        return EXIT_USAGE;
    }
    char *name = strdup(options[1].value);
    if (name == NULL) fail(ENOMEM, "user");
    char *group = strchr(name, ':');
    if (group != NULL) *group++ = '\0';
    enter_root(options[0].value);
    struct account_file users, groups;
    account_file_read(&users, "/etc/passwd");
    account_file_read(&groups, "/etc/group");
    struct user user;
    if (!find_user(&users, name, &user)) fail_text(ENOENT, "user %s: no such user in /etc/passwd", name);
    if (group != NULL && !find_group(&groups, group, &user.gid)) {
        fail_text(ENOENT, "group %s: no such group in /etc/group", group);
    }
    printf("{\"uid\":%u,\"gid\":%u,\"groups\":[", user.uid, user.gid);
    if (group == NULL && user.name != NULL) print_groups_of(&groups, user.name);
    puts("]}");
    if (fflush(stdout) != 0) fail(errno, "user");
    /* Nothing that runs at exit may look for its files here: the root is the image's. */
    _exit(EXIT_SUCCESS);
}
