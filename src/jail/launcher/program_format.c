#include "program_format.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As mach-o/loader.h, mach-o/fat.h and elf.h have them; neither system has the other's headers. */
enum { MACH_X86_64 = 0x01000007, MACH_ARM64 = 0x0100000c, ELF_X86_64 = 62, ELF_ARM64 = 183, MOST_FAT = 30 };
enum { SHORTEST = 20 };
static const unsigned char elf[] = {0x7f, 'E', 'L', 'F'}, mach_32[] = {0xce, 0xfa, 0xed, 0xfe},
                           mach_64[] = {0xcf, 0xfa, 0xed, 0xfe}, fat[] = {0xca, 0xfe, 0xba, 0xbe};

bool program_head_read(const char *path, struct program_head *head)
{
    struct stat status;
    memset(head, 0, sizeof *head);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t size = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? read(fd, head->bytes, PROGRAM_HEAD) : -1;
    close(fd);
    head->size = size < 0 ? 0 : (size_t)size;
    return size >= 0;
}

static bool starts_with(const struct program_head *head, const unsigned char magic[4])
{
    return head->size >= SHORTEST && memcmp(head->bytes, magic, 4) == 0;
}

static const char *mach_machine(const struct program_head *head)
{
    const unsigned char *at = head->bytes + 4;
    uint32_t type = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    return type == MACH_ARM64 ? "arm64" : type == MACH_X86_64 ? "x86_64" : "another processor";
}

static const char *elf_machine(const struct program_head *head)
{
    unsigned type = head->bytes[18] | (unsigned)head->bytes[19] << 8;
    return type == ELF_ARM64 ? "arm64" : type == ELF_X86_64 ? "x86_64" : "another processor";
}

/* A class file of Java begins alike; there the number in the fourth byte is a version, which is above any count. */
static bool is_fat(const struct program_head *head)
{
    const unsigned char *count = head->bytes + 4;
    return starts_with(head, fat) && count[0] == 0 && count[1] == 0 && count[2] == 0 && count[3] < MOST_FAT;
}

static bool is_mach(const struct program_head *head)
{
    return starts_with(head, mach_64) || starts_with(head, mach_32) || is_fat(head);
}

static const char *processor(const char *machine)
{
    return strcmp(machine, "aarch64") == 0 ? "arm64" : machine;
}

bool program_is_foreign(const struct program_head *head, enum host_system host, const char *machine, char *text,
                        size_t size)
{
    bool on_mac = host == HOST_MACOS;
    if (on_mac ? !starts_with(head, elf) : !is_mach(head)) return false;
    const char *theirs = on_mac ? elf_machine(head) : is_fat(head) ? "universal" : mach_machine(head);
    snprintf(text, size,
             "the image has a %s program (%s), and this host runs %s (%s): use an image for %s/%s, or a %s for this one",
             on_mac ? "Linux" : "macOS", theirs, on_mac ? "macOS" : "Linux", machine, on_mac ? "darwin" : "linux",
             strcmp(processor(machine), "arm64") == 0 ? "arm64" : "amd64", on_mac ? "virtual machine of Linux" : "Mac");
    return true;
}

/* The first word behind `#!`, when all of it was read. */
static bool script_interpreter(const struct program_head *head, char *interpreter, size_t size)
{
    if (head->size < 2 || memcmp(head->bytes, "#!", 2) != 0) return false;
    const char *word = (const char *)head->bytes + 2;
    word += strspn(word, " \t");
    size_t length = strcspn(word, " \t\n");
    bool whole = word + length < (const char *)head->bytes + head->size || head->size < PROGRAM_HEAD;
    if (!whole || length == 0 || length >= size) return false;
    memcpy(interpreter, word, length);
    interpreter[length] = '\0';
    return true;
}

static uint64_t number_at(const unsigned char *at, int bytes)
{
    uint64_t number = 0;
    while (bytes-- > 0) number = number << 8 | at[bytes];
    return number;
}

/* Of a program for 64-bit processors of this kind; a head that was made to mislead gets no further than its own file. */
static bool elf_interpreter(int fd, const struct program_head *head, char *interpreter, size_t size)
{
    enum { LITTLE_64 = 0x0102, TABLE = 32, COUNT = 56, MOST = 64, ENTRY = 56, OFFSET = 8, LENGTH = 32, INTERPRETER = 3 };
    unsigned char entry[ENTRY];
    if (head->size < 64 || number_at(head->bytes + 4, 2) != LITTLE_64) return false;
    uint64_t table = number_at(head->bytes + TABLE, 8), count = number_at(head->bytes + COUNT, 2);
    for (uint64_t i = 0; i < count && i < MOST; i++) {
        if (pread(fd, entry, ENTRY, (off_t)(table + i * ENTRY)) != ENTRY) return false;
        if (number_at(entry, 4) != INTERPRETER) continue;
        uint64_t length = number_at(entry + LENGTH, 8);
        if (length < 2 || length > size) return false;
        ssize_t got = pread(fd, interpreter, (size_t)length, (off_t)number_at(entry + OFFSET, 8));
        return got == (ssize_t)length && interpreter[length - 1] == '\0';
    }
    return false;
}

bool program_interpreter(const char *path, const struct program_head *head, enum host_system host, const char *machine,
                         char *interpreter, size_t size)
{
    if (script_interpreter(head, interpreter, size)) return true;
    if (host == HOST_MACOS) {
        /* All programs there have this one. */
        return is_mach(head) && snprintf(interpreter, size, "/usr/lib/dyld") < (int)size;
    }
    if (!starts_with(head, elf) || strcmp(elf_machine(head), processor(machine)) != 0) return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool found = elf_interpreter(fd, head, interpreter, size);
    close(fd);
    return found;
}
