/* The launcher's macOS half, with a simulated system below it; each command prints what it came to. */
#include "dns_flow.h"
#include "mount_copy.h"
#include "mount_detach.h"
#include "mount_identity.h"
#include "mount_process.h"
#include "platform.h"
#include "program_format.h"
#include "request.h"
#include "seatbelt.h"
#include "subcommand.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#if __GLIBC__ == 2 && __GLIBC_MINOR__ < 38
size_t strlcpy(char *to, const char *from, size_t size)
{
    return (size_t)snprintf(to, size, "%s", from);
}
#endif

static int failed(void)
{
    printf("%s\n", strerror(errno));
    return 1;
}

int simulated_setgroups(int count, const gid_t *groups)
{
    if (count > NGROUPS_MAX) {
        errno = EINVAL;
        return -1;
    }
    for (int i = 0; i < count; i++) printf("%s%u", i == 0 ? "" : " ", groups[i]);
    puts("");
    return 0;
}

/* The kernel's own, by the name that the library has behind its header's. */
int _getgroups(int count, gid_t *groups);
int _getgroups(int count, gid_t *groups)
{
    (void)count, (void)groups;
    return 0;
}

int _NSGetExecutablePath(char *path, uint32_t *size);
int _NSGetExecutablePath(char *path, uint32_t *size)
{
    (void)path, (void)size;
    return -1;
}

/* groups GID GROUP...: what the kernel is given. */
static int groups_main(int argc, char **argv)
{
    gid_t groups[64];
    int count = 0;
    for (int i = 2; i < argc && count < 64; i++) groups[count++] = (gid_t)atoi(argv[i]);
    return platform_set_groups((gid_t)atoi(argv[1]), groups, (size_t)count) ? 0 : failed();
}

/* detach PLACE MILLISECONDS: takes off the mount that is seen at PLACE. */
static int detach_main(int argc, char **argv)
{
    if (argc != 3) return EXIT_USAGE;
    struct mount_id id = mount_id_at("/", argv[1]);
    detach_patience(atoi(argv[2]));
    printf("%s\n", detach("/", argv[1], id.text) ? "detached" : "stays");
    printf("%s\n", mount_life(id.text) == MOUNT_IS_GONE ? "gone" : "lives");
    return 0;
}

/* copy FROM TO: TO is a name in the current folder. */
static int copy_main(int argc, char **argv)
{
    int from = argc == 3 ? open(argv[1], O_RDONLY) : -1;
    return from >= 0 && copy_file(from, AT_FDCWD, argv[2]) ? 0 : failed();
}

/* started PID */
static int started_main(int argc, char **argv)
{
    printf("%s\n", argc == 2 ? process_started((pid_t)atoi(argv[1])).text : "");
    return 0;
}

/* end PID MILLISECONDS: of the process that has that pid now. */
static int end_main(int argc, char **argv)
{
    if (argc != 3) return EXIT_USAGE;
    pid_t pid = (pid_t)atoi(argv[1]);
    struct process_start started = process_started(pid);
    printf("%s\n", process_end(pid, started.text, atoi(argv[2])) ? "gone" : "stays");
    return 0;
}

/* files HARD: the most open files of a process with that hard limit, 0 for none. */
static int files_main(int argc, char **argv)
{
    unsigned long long hard = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
    printf("%llu\n", (unsigned long long)platform_most_files(hard == 0 ? RLIM_INFINITY : (rlim_t)hard));
    return 0;
}

/* seatbelt ROOT PROFILE */
static int seatbelt_main(int argc, char **argv)
{
    if (argc != 3) return EXIT_USAGE;
    const struct request request = {.root = argv[1], .seatbelt = argv[2][0] == '\0' ? NULL : argv[2]};
    seatbelt_prepare(&request);
    fprintf(stderr, "prepared\n");
    seatbelt_apply();
    return 0;
}

/* program FILE MACHINE: what hosts of both systems say of it. */
static int program_main(int argc, char **argv)
{
    char text[512];
    struct program_head head;
    if (argc != 3 || !program_head_read(argv[1], &head)) return failed();
    for (enum host_system host = HOST_LINUX; host <= HOST_MACOS; host++) {
        bool foreign = program_is_foreign(&head, host, argv[2], text, sizeof text);
        if (!foreign && !program_interpreter(argv[1], &head, host, argv[2], text, sizeof text)) strcpy(text, "-");
        printf("%s\n", text);
    }
    return 0;
}

/* refuse PATH: ends with what is wrong with it on this host. */
static int refuse_main(int argc, char **argv)
{
    if (argc == 2) refuse_program_format("program", argv[1]);
    return 0;
}

/* rights: passes three bytes with a descriptor on; prints for each of them whether it came with it. */
static int rights_main(int argc, char **argv)
{
    int from[2], to[2], passed = argc + (argv == NULL);
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof passed)];
    } control = {.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof passed)}};
    struct iovec bytes = {.iov_base = (char[]){"abc"}, .iov_len = 3};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct flow flow;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, from) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, to) != 0) return failed();
    memcpy(CMSG_DATA(&control.header), &passed, sizeof passed);
    flow_open(&flow, from[1], to[0]);
    if (sendmsg(from[0], &message, 0) != 3 || !flow_read(&flow) || flow_waits_for_output(&flow)) return failed();
    for (int i = 0; i < 3; i++) {
        bytes.iov_len = 1;
        message.msg_controllen = sizeof control;
        if (recvmsg(to[1], &message, MSG_DONTWAIT) != 1) return failed();
        printf("%c%s", *(char *)bytes.iov_base, message.msg_controllen > 0 ? " with it\n" : "\n");
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } commands[] = {
        {"ps", ps_main},           {"kill", kill_main},         {"freeze", freeze_main},   {"thaw", thaw_main},
        {"groups", groups_main},   {"detach", detach_main},     {"copy", copy_main},       {"started", started_main},
        {"refuse", refuse_main},   {"rights", rights_main},     {"end", end_main},         {"files", files_main},     {"seatbelt", seatbelt_main}, {"program", program_main},
    };
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, argv[1]) == 0) return commands[i].run(argc - 1, argv + 1);
    }
    return EXIT_USAGE;
}
