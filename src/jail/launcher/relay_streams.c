#include "relay_streams.h"

#include "clock.h"

#include <errno.h>
#include <unistd.h>

/* What waits in one direction at most, and what is read at once. */
enum { FLOW_LIMIT = 256 * 1024, CHUNK = 64 * 1024 };

static bool again(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

bool relay_wants_input(const struct relay *relay)
{
    return relay->input_open && bytes_length(&relay->input) < FLOW_LIMIT;
}

bool relay_wants_output(const struct relay *relay)
{
    return relay->output_open && bytes_length(&relay->output) < FLOW_LIMIT;
}

/* The bytes that were read, 0 when there are none now, -1 at the end of the stream. */
static ssize_t read_into(struct bytes *bytes, int fd)
{
    char *room = bytes_reserve(bytes, CHUNK);
    if (room == NULL) return 0;
    ssize_t count = read(fd, room, CHUNK);
    if (count < 0 && again()) return 0;
    if (count <= 0) return -1;
    bytes_append(bytes, (size_t)count);
    return count;
}

/* Returns whether something was written or thrown away. Without a reader the bytes are lost, but not the process. */
static bool write_from(struct bytes *bytes, int fd)
{
    ssize_t count = write(fd, bytes_front(bytes), bytes_length(bytes));
    if (count < 0 && again()) return false;
    bytes_take(bytes, count < 0 ? bytes_length(bytes) : (size_t)count);
    return true;
}

/* The end of the client's input leaves the terminal open: only the program decides when it is done. */
void relay_read_input(struct relay *relay)
{
    if (read_into(&relay->input, STDIN_FILENO) < 0) relay->input_open = false;
}

void relay_write_input(struct relay *relay)
{
    write_from(&relay->input, relay->master);
}

void relay_read_output(struct relay *relay)
{
    ssize_t count = read_into(&relay->output, relay->master);
    if (count < 0) relay->output_open = false;
    if (count <= 0) return;
    relay->last_read = relay->last_progress = clock_milliseconds();
    if (relay->child_ended) relay->late += (size_t)count;
}

void relay_write_output(struct relay *relay)
{
    if (write_from(&relay->output, STDOUT_FILENO)) relay->last_progress = clock_milliseconds();
}
