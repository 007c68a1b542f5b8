#include "dns_flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK_SIZE = 16384, ROOM_FOR_RIGHTS = 512 };

/*
 * Which byte of a block its descriptors came with. The DNS service reads the head of a request in a way that loses
 * descriptors, so they must not come earlier than its client sent them. macOS ends a block before bytes that have
 * descriptors with them: it is the first. Linux ends one behind such bytes: the last is one of them.
 */
#ifdef __APPLE__
static const bool rights_come_first = true;
#else
static const bool rights_come_first = false;
#endif

/* As the system wants it aligned, with room for more than it passes: none may be lost in it unseen. */
union control_space {
    struct cmsghdr header;
    char space[CMSG_SPACE(ROOM_FOR_RIGHTS * sizeof(int))];
};

void flow_open(struct flow *flow, int from, int to)
{
    *flow = (struct flow){.from = from, .to = to};
}

bool flow_waits_for_input(const struct flow *flow)
{
    return !flow->ended && flow->bytes == NULL;
}

bool flow_waits_for_output(const struct flow *flow)
{
    return flow->bytes != NULL;
}

static void close_rights(struct flow *flow)
{
    while (flow->right_count > 0) close(flow->rights[--flow->right_count]);
}

static void drop(struct flow *flow)
{
    close_rights(flow);
    free(flow->bytes);
    flow->bytes = NULL;
}

void flow_close(struct flow *flow)
{
    drop(flow);
    flow->ended = true;
}

/* The end of one direction; the other one may go on. */
static void end(struct flow *flow)
{
    flow->ended = true;
    shutdown(flow->to, SHUT_WR);
}

/* False when there are more descriptors than are passed on; all of them are closed by flow_close or here. */
static bool take_rights(struct flow *flow, struct msghdr *message)
{
    bool fits = (message->msg_flags & MSG_CTRUNC) == 0;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        size_t count = ((size_t)part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            if (flow->right_count < MOST_RIGHTS) flow->rights[flow->right_count++] = fd;
            else {
                close(fd);
                fits = false;
            }
        }
    }
    return fits;
}

static bool keep(struct flow *flow, const char *block, size_t length)
{
    flow->bytes = malloc(length);
    if (flow->bytes == NULL) return false;
    memcpy(flow->bytes, block, length);
    flow->length = length;
    flow->sent = 0;
    return true;
}

bool flow_read(struct flow *flow)
{
    static char block[BLOCK_SIZE];
    union control_space control;
    struct iovec vector = {.iov_base = block, .iov_len = sizeof block};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(flow->from, &message, 0);
    if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return true;
    if (length <= 0) {
        end(flow);
        return true;
    }
    return take_rights(flow, &message) && keep(flow, block, (size_t)length) && flow_write(flow);
}

static ssize_t send_some(const struct flow *flow, size_t length, bool with_rights)
{
    union control_space control;
    struct iovec vector = {.iov_base = flow->bytes + flow->sent, .iov_len = length};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (with_rights) {
        size_t size = flow->right_count * sizeof(int);
        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        message.msg_controllen = (socklen_t)CMSG_SPACE(size);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = (socklen_t)CMSG_LEN(size);
        memcpy(CMSG_DATA(&control.header), flow->rights, size);
    }
    return sendmsg(flow->to, &message, 0);
}

bool flow_write(struct flow *flow)
{
    while (flow->bytes != NULL) {
        size_t left = flow->length - flow->sent;
        bool with_rights = flow->right_count > 0 && (rights_come_first || left == 1);
        bool hold_back = flow->right_count > 0 && !with_rights;
        ssize_t sent = send_some(flow, hold_back ? left - 1 : left, with_rights);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
        if (sent <= 0) {
            /* The other side has gone, but what it said before may still be on its way. */
            drop(flow);
            flow->ended = true;
            shutdown(flow->from, SHUT_RD);
            return true;
        }
        if (with_rights) close_rights(flow);
        flow->sent += (size_t)sent;
        if (flow->sent == flow->length) drop(flow);
    }
    return true;
}
