#include "capabilities.h"

#include "failure.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST = 64 };

static uint64_t bit(int capability)
{
    return (uint64_t)1 << capability;
}

void capabilities_bound(const uint64_t sets[CAPABILITY_SETS])
{
    /* The kernel knows no more from the first on for which it has no answer. */
    for (int capability = 0; capability < MOST; capability++) {
        int held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        if (held < 0) break;
        if (held == 0 || (sets[BOUNDING] & bit(capability)) != 0) continue;
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) fail(errno, "capabilities: bounding set");
    }
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) fail(errno, "capabilities: keep");
}

static uint64_t held_by_us(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &header, data) != 0) fail(errno, "capabilities");
    return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

static void set(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    for (int half = 0; half < _LINUX_CAPABILITY_U32S_3; half++) {
        data[half].effective = (uint32_t)(effective >> 32 * half);
        data[half].permitted = (uint32_t)(permitted >> 32 * half);
        data[half].inheritable = (uint32_t)(inheritable >> 32 * half);
    }
    if (syscall(SYS_capset, &header, data) != 0) fail(errno, "capabilities");
}

/* One that is not both permitted and inheritable cannot be ambient; as with runc it is left out. */
static void set_ambient(uint64_t ambient)
{
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) fail(errno, "capabilities: ambient set");
    for (int capability = 0; capability < MOST; capability++) {
        if ((ambient & bit(capability)) == 0) continue;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) fail(errno, "capabilities: ambient set");
    }
}

void capabilities_set(const uint64_t sets[CAPABILITY_SETS])
{
    uint64_t held = held_by_us();
    uint64_t permitted = sets[PERMITTED] & held, inheritable = sets[INHERITABLE] & held;
    set(sets[EFFECTIVE] & permitted, permitted, inheritable);
    set_ambient(sets[AMBIENT] & permitted & inheritable);
}
