#include "home.h"

#include "account_file.h"

#include <string.h>

char *home_of(uid_t uid)
{
    enum { ID = 2, HOME = 5, NEEDED };
    char *fields[NEEDED];
    const char *home = "/";
    struct account_file file;
    account_file_read(&file, "/etc/passwd");
    while (account_file_next(&file, fields, NEEDED)) {
        unsigned id;
        if (!account_number(fields[ID], &id) || id != uid || fields[HOME][0] != '/') continue;
        home = fields[HOME];
        break;
    }
    char *copy = strdup(home);
    account_file_free(&file);
    return copy;
}
