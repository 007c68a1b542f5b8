#include "protobuf.h"

#include <string.h>

/* A byte carries seven bits, and says by the eighth that there are more. */
enum { BITS = 7, MORE = 1 << BITS, MOST_SHIFT = 63, TYPE_BITS = 3, TYPE_MASK = (1 << TYPE_BITS) - 1 };

struct protobuf_reader protobuf_reader(const void *message, size_t length)
{
    const unsigned char *bytes = message;
    return (struct protobuf_reader){.at = bytes, .end = bytes + length};
}

bool protobuf_at_end(const struct protobuf_reader *reader)
{
    return reader->at == reader->end;
}

static bool read_varint(struct protobuf_reader *reader, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift <= MOST_SHIFT && reader->at < reader->end; shift += BITS) {
        unsigned char byte = *reader->at++;
        *value |= (uint64_t)(byte & (MORE - 1)) << shift;
        if ((byte & MORE) == 0) return true;
    }
    return false;
}

static bool read_length(struct protobuf_reader *reader, enum protobuf_type type, uint64_t *length)
{
    switch (type) {
    case PROTOBUF_FIXED64:
        *length = sizeof(uint64_t);
        return true;
    case PROTOBUF_FIXED32:
        *length = sizeof(uint32_t);
        return true;
    case PROTOBUF_BYTES:
        return read_varint(reader, length);
    default:
        return false;
    }
}

static bool read_field(struct protobuf_reader *reader, struct protobuf_field *field)
{
    uint64_t key, length;
    if (!read_varint(reader, &key) || key >> TYPE_BITS == 0 || key > UINT32_MAX) return false;
    *field = (struct protobuf_field){.number = (uint32_t)(key >> TYPE_BITS), .type = (enum protobuf_type)(key & TYPE_MASK)};
    if (field->type == PROTOBUF_VARINT) return read_varint(reader, &field->value);
    if (!read_length(reader, field->type, &length) || length > (size_t)(reader->end - reader->at)) return false;
    field->bytes = reader->at;
    field->length = (size_t)length;
    reader->at += length;
    return true;
}

bool protobuf_next(struct protobuf_reader *reader, struct protobuf_field *field)
{
    /* What is no field stays unread, so that it is not taken for the end. */
    struct protobuf_reader ahead = *reader;
    if (protobuf_at_end(reader) || !read_field(&ahead, field)) return false;
    *reader = ahead;
    return true;
}

static void put_byte(struct protobuf_writer *writer, unsigned char byte)
{
    if (writer->at == writer->end) writer->full = true;
    else *writer->at++ = byte;
}

static void put_number(struct protobuf_writer *writer, uint64_t value)
{
    for (; value >= MORE; value >>= BITS) put_byte(writer, (unsigned char)(value | MORE));
    put_byte(writer, (unsigned char)value);
}

static void put_key(struct protobuf_writer *writer, uint32_t number, enum protobuf_type type)
{
    put_number(writer, (uint64_t)number << TYPE_BITS | (uint64_t)type);
}

void protobuf_put_varint(struct protobuf_writer *writer, uint32_t number, uint64_t value)
{
    put_key(writer, number, PROTOBUF_VARINT);
    put_number(writer, value);
}

void protobuf_put_text(struct protobuf_writer *writer, uint32_t number, const char *text)
{
    put_key(writer, number, PROTOBUF_BYTES);
    put_number(writer, strlen(text));
    for (; *text != '\0'; text++) put_byte(writer, (unsigned char)*text);
}
