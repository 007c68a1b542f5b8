#include "own_bytes.h"

#include <stdint.h>
#include <sys/attr.h>
#include <unistd.h>

bool may_share_bytes(const char *path)
{
    (void)path;
    return true;
}

struct __attribute__((packed, aligned(4))) private_size {
    uint32_t length;
    off_t bytes;
};

unsigned long long own_bytes(int folder, const char *name, unsigned long long allocated)
{
    struct attrlist wanted = {.bitmapcount = ATTR_BIT_MAP_COUNT, .forkattr = ATTR_CMNEXT_PRIVATESIZE};
    struct private_size answer;
    int result = getattrlistat(folder, name, &wanted, &answer, sizeof answer, FSOPT_NOFOLLOW | FSOPT_ATTR_CMN_EXTENDED);
    bool known = result == 0 && answer.length == sizeof answer && answer.bytes >= 0;
    return known && (unsigned long long)answer.bytes < allocated ? (unsigned long long)answer.bytes : allocated;
}
