#include "program_format.h"

#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { HEAD = 256 };

/* As mach-o/loader.h, mach-o/fat.h and elf.h have them; neither system has the other's headers. */
enum { MACH_X86_64 = 0x01000007, MACH_ARM64 = 0x0100000c, ELF_X86_64 = 62, ELF_ARM64 = 183, MOST_FAT = 30 };
static const unsigned char elf[] = {0x7f, 'E', 'L', 'F'}, mach_32[] = {0xce, 0xfa, 0xed, 0xfe},
                           mach_64[] = {0xcf, 0xfa, 0xed, 0xfe}, fat[] = {0xca, 0xfe, 0xba, 0xbe};

struct program {
    unsigned char head[HEAD + 1];
    size_t size;
};

static bool read_head(const char *path, struct program *program)
{
    struct stat status;
    memset(program, 0, sizeof *program);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t size = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? read(fd, program->head, HEAD) : -1;
    close(fd);
    program->size = size < 0 ? 0 : (size_t)size;
    return program->size >= 20;
}

static bool starts_with(const struct program *program, const unsigned char magic[4])
{
    return memcmp(program->head, magic, 4) == 0;
}

static const char *mach_machine(const struct program *program)
{
    const unsigned char *at = program->head + 4;
    uint32_t type = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    return type == MACH_ARM64 ? "arm64" : type == MACH_X86_64 ? "x86_64" : "another processor";
}

static const char *elf_machine(const struct program *program)
{
    unsigned type = program->head[18] | (unsigned)program->head[19] << 8;
    return type == ELF_ARM64 ? "arm64" : type == ELF_X86_64 ? "x86_64" : "another processor";
}

/* A class file of Java begins alike; there the number in the fourth byte is a version, which is above any count. */
static bool is_fat(const struct program *program)
{
    const unsigned char *count = program->head + 4;
    return starts_with(program, fat) && count[0] == 0 && count[1] == 0 && count[2] == 0 && count[3] < MOST_FAT;
}

/* NULL for anything but a program of the system that this one is not. */
static const char *foreign_machine(const struct program *program)
{
#ifdef __APPLE__
    (void)mach_machine;
    (void)is_fat;
    (void)mach_32;
    (void)mach_64;
    return starts_with(program, elf) ? elf_machine(program) : NULL;
#else
    (void)elf_machine;
    (void)elf;
    if (is_fat(program)) return "universal";
    return starts_with(program, mach_64) || starts_with(program, mach_32) ? mach_machine(program) : NULL;
#endif
}

static void __attribute__((noreturn)) refuse(const char *name, const char *machine)
{
#ifdef __APPLE__
    const char *theirs = "Linux", *ours = "macOS", *platform = "darwin";
#else
    const char *theirs = "macOS", *ours = "Linux", *platform = "linux";
#endif
    struct utsname host = {.machine = "unknown"};
    uname(&host);
    bool is_arm = strcmp(host.machine, "arm64") == 0 || strcmp(host.machine, "aarch64") == 0;
    fail_text(ENOEXEC,
              "exec: \"%s\": exec format error: the image has a %s program (%s), and this host runs %s (%s): "
              "use an image for %s/%s",
              name, theirs, machine, ours, host.machine, platform, is_arm ? "arm64" : "amd64");
}

void refuse_foreign_program(const char *name, const char *path)
{
    struct program program;
    if (!read_head(path, &program)) return;
    if (program.head[0] == '#' && program.head[1] == '!') {
        char *interpreter = (char *)program.head + 2;
        interpreter += strspn(interpreter, " \t");
        interpreter[strcspn(interpreter, " \t\n")] = '\0';
        char copy[HEAD];
        snprintf(copy, sizeof copy, "%s", interpreter);
        if (!read_head(copy, &program)) return;
    }
    const char *machine = foreign_machine(&program);
    if (machine != NULL) refuse(name, machine);
}
