#include "tar_stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool flush(struct tar_stream *stream)
{
    for (size_t at = 0; at < stream->used;) {
        ssize_t written = write(stream->fd, stream->buffer + at, stream->used - at);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        at += (size_t)written;
    }
    stream->used = 0;
    return true;
}

static void count(struct tar_stream *stream, size_t size)
{
    stream->used += size;
    stream->beyond = (stream->beyond + size) % TAR_BLOCK;
}

bool tar_write(struct tar_stream *stream, const void *data, size_t size)
{
    for (const char *rest = data; size > 0;) {
        if (stream->used == TAR_STREAM_SIZE && !flush(stream)) return false;
        size_t room = TAR_STREAM_SIZE - stream->used;
        size_t part = size < room ? size : room;
        memcpy(stream->buffer + stream->used, rest, part);
        count(stream, part);
        rest += part;
        size -= part;
    }
    return true;
}

bool tar_write_file(struct tar_stream *stream, int fd, unsigned long long size)
{
    while (size > 0) {
        if (stream->used == TAR_STREAM_SIZE && !flush(stream)) return false;
        size_t room = TAR_STREAM_SIZE - stream->used;
        ssize_t got = read(fd, stream->buffer + stream->used, size < room ? (size_t)size : room);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = EIO;
        if (got <= 0) return false;
        count(stream, (size_t)got);
        size -= (size_t)got;
    }
    return true;
}

bool tar_pad(struct tar_stream *stream)
{
    static const char zeros[TAR_BLOCK];
    return stream->beyond == 0 || tar_write(stream, zeros, TAR_BLOCK - stream->beyond);
}

bool tar_end(struct tar_stream *stream)
{
    static const char zeros[2 * TAR_BLOCK];
    return tar_write(stream, zeros, sizeof zeros) && flush(stream);
}
