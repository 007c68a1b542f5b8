/* As much of the protocol buffers' wire format as containerd's bootstrap takes (protobuf.dev: Encoding). */
#ifndef RUND_PROTOBUF_H
#define RUND_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum protobuf_type { PROTOBUF_VARINT = 0, PROTOBUF_FIXED64 = 1, PROTOBUF_BYTES = 2, PROTOBUF_FIXED32 = 5 };

struct protobuf_field {
    uint32_t number;
    enum protobuf_type type;
    /* Of a varint. */
    uint64_t value;
    /* Of all others: a part of the message. */
    const unsigned char *bytes;
    size_t length;
};

struct protobuf_reader {
    const unsigned char *at;
    const unsigned char *end;
};

struct protobuf_reader protobuf_reader(const void *message, size_t length);
/* The next field; false at the end, and before bytes that are no field. Groups, which nobody sends any more, are none. */
bool protobuf_next(struct protobuf_reader *reader, struct protobuf_field *field);
/* Whether all of the message was fields. */
bool protobuf_at_end(const struct protobuf_reader *reader);

struct protobuf_writer {
    unsigned char *at;
    unsigned char *end;
    /* Something had no room and was left out. */
    bool full;
};

void protobuf_put_varint(struct protobuf_writer *writer, uint32_t number, uint64_t value);
void protobuf_put_text(struct protobuf_writer *writer, uint32_t number, const char *text);

#endif
