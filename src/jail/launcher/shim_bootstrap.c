#include "shim_bootstrap.h"

#include "protobuf.h"
#include "shim_paths.h"

#include <string.h>
#include <unistd.h>

/* Of BootstrapParams. */
enum { INSTANCE_ID = 1, NAMESPACE = 2, LOG_LEVEL = 3, TTRPC_ADDRESS = 5, SOCKET_DIR = 9 };
/* Of BootstrapResult. */
enum { VERSION = 1, ADDRESS = 2, PROTOCOL = 3 };
/* Of the task API: a 3 would also promise containerd's sandboxes and streams. */
enum { TASK_API_VERSION = 2 };

/* The message's levels are numbers, lower ones say more: trace is -8, error 8, and there are higher ones. */
static const char *level_name(int64_t level)
{
    if (level < 0) return "debug";
    if (level < 4) return "info";
    return level < 8 ? "warning" : "error";
}

static bool copy_text(char *text, size_t size, const struct protobuf_field *field)
{
    if (field->type != PROTOBUF_BYTES || field->length >= size) return false;
    if (memchr(field->bytes, '\0', field->length) != NULL) return false;
    memcpy(text, field->bytes, field->length);
    text[field->length] = '\0';
    return true;
}

bool shim_bootstrap_read(struct shim_bootstrap *bootstrap, const void *message, size_t length,
                         const struct shim_arguments *arguments)
{
    char id[NAME_MAX + 1] = "", namespace[NAME_MAX + 1] = "", folder[PATH_MAX] = "";
    *bootstrap = (struct shim_bootstrap){.log_level = level_name(0)};
    struct protobuf_reader reader = protobuf_reader(message, length);
    struct protobuf_field field;
    while (protobuf_next(&reader, &field)) {
        bool understood = true;
        if (field.number == INSTANCE_ID) understood = copy_text(id, sizeof id, &field);
        if (field.number == NAMESPACE) understood = copy_text(namespace, sizeof namespace, &field);
        if (field.number == TTRPC_ADDRESS) {
            understood = copy_text(bootstrap->ttrpc_address, sizeof bootstrap->ttrpc_address, &field);
        }
        if (field.number == SOCKET_DIR) understood = copy_text(folder, sizeof folder, &field);
        if (field.number == LOG_LEVEL) {
            understood = field.type == PROTOBUF_VARINT;
            bootstrap->log_level = level_name((int64_t)field.value);
        }
        if (!understood) return false;
    }
    return protobuf_at_end(&reader) && strcmp(id, arguments->id) == 0 && strcmp(namespace, arguments->namespace) == 0 &&
           (folder[0] == '\0' || strcmp(folder, shim_socket_folder) == 0);
}

bool shim_bootstrap_answer(const char *address)
{
    /* Names and lengths take some bytes more. */
    unsigned char answer[PATH_MAX + 64];
    struct protobuf_writer writer = {.at = answer, .end = answer + sizeof answer};
    protobuf_put_varint(&writer, VERSION, TASK_API_VERSION);
    protobuf_put_text(&writer, ADDRESS, address);
    protobuf_put_text(&writer, PROTOCOL, "ttrpc");
    size_t length = (size_t)(writer.at - answer);
    return !writer.full && write(STDOUT_FILENO, answer, length) == (ssize_t)length;
}
