/* The bytes of an archive on their way out, in large pieces. Functions answer false with errno. */
#ifndef RUND_TAR_STREAM_H
#define RUND_TAR_STREAM_H

#include <stdbool.h>
#include <stddef.h>

enum { TAR_BLOCK = 512, TAR_STREAM_SIZE = 256 * 1024 };

struct tar_stream {
    int fd;
    size_t used;
    /* Bytes beyond the last whole block. */
    size_t beyond;
    char buffer[TAR_STREAM_SIZE];
};

bool tar_write(struct tar_stream *stream, const void *data, size_t size);
/* Exactly `size` bytes of a file; EIO when it has become shorter. */
bool tar_write_file(struct tar_stream *stream, int fd, unsigned long long size);
/* Fills the last block up with zeros. */
bool tar_pad(struct tar_stream *stream);
/* The end of the archive. */
bool tar_end(struct tar_stream *stream);

#endif
