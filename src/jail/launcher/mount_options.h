/* Mount options in words, as fstab and the OCI specification have them, sorted by what the kernel wants to hear. */
#ifndef RUND_MOUNT_OPTIONS_H
#define RUND_MOUNT_OPTIONS_H

#include "mount_record.h"

#include <stdbool.h>
#include <stdint.h>

struct mount_options {
    unsigned long set;
    unsigned long clear;
    /* MS_PRIVATE and the like with or without MS_REC, in the order given. */
    unsigned long propagation[8];
    size_t propagation_count;
    /* Attributes for a mount and all below it (`rro`), as mount_setattr takes them. */
    uint64_t recursive_set;
    uint64_t recursive_clear;
    bool recursive_bind;
    /* What the file system itself reads, joined by commas. Never NULL. */
    char *data;
};

/* Sorts the record's fields from `first` on. Gives up on a word that means something that is not done here. */
void mount_options_read(struct mount_options *options, const struct record *record, size_t first,
                        const char *destination);
bool mount_options_read_only(const struct mount_options *options);

#endif
