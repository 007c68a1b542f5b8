#include "subcommand.h"

#include "descriptor_limit.h"
#include "layer.h"
#include "number.h"
#include "options.h"
#include "tree_failure.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int open_tree(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool parse_latest(const char *text, struct layer *layer)
{
    uint64_t seconds;
    layer->has_latest = text != NULL;
    if (text == NULL) return true;
    if (!parse_number(text, INT64_MAX, &seconds)) return false;
    layer->latest = (long long)seconds;
    return true;
}

/* Seconds, a dot, and nine digits. */
static bool parse_cloned(const char *text, struct layer *layer)
{
    layer->has_cloned = text != NULL;
    if (text == NULL) return true;
    const char *dot = strchr(text, '.');
    uint64_t seconds, nanoseconds;
    char before[24];
    if (dot == NULL || (size_t)(dot - text) >= sizeof before || strlen(dot + 1) != 9) return false;
    snprintf(before, sizeof before, "%.*s", (int)(dot - text), text);
    if (!parse_number(before, INT64_MAX, &seconds)) return false;
    const char *digits = dot + 1 + strspn(dot + 1, "0");
    if (!parse_number(*digits == '\0' ? "0" : digits, 999999999, &nanoseconds)) return false;
    layer->cloned = (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = (long)nanoseconds};
    return true;
}

static bool write_layer(struct layer *layer, const char *lower, const char *upper)
{
    struct stat status;
    struct level top = {.lower = lower == NULL ? -1 : open_tree(lower), .upper = open_tree(upper), .is_written = true};
    if (top.upper < 0 || fstat(top.upper, &status) != 0 || (lower != NULL && top.lower < 0)) return false;
    layer->upper_device = status.st_dev;
    return layer_compare(layer, &top) && tar_end(&layer->stream);
}

/*
 * diff [--lower FOLDER] --upper FOLDER [--latest SECONDS] [--cloned SECONDS.NANOSECONDS]: writes what has changed from one
 * tree to the other, or all of the other, as an archive to standard output. No time in it is later than `latest`. `cloned` is
 * what clone printed when it made the upper tree of the lower one: without it files are compared byte by byte more often.
 */
int diff_main(int argc, char **argv)
{
    static struct layer layer = {.stream = {.fd = STDOUT_FILENO}};
    struct option_value options[] = {
        {.name = "--lower"}, {.name = "--upper"}, {.name = "--latest"}, {.name = "--cloned"}, {0}};
    bool usable = options_parse(argc, argv, options) && options[1].value != NULL &&
                  parse_latest(options[2].value, &layer) && parse_cloned(options[3].value, &layer);
    if (!usable) {
        fputs("usage: rund-jail diff [--lower FOLDER] --upper FOLDER [--latest SECONDS] [--cloned SECONDS]\n", stderr);
        return EXIT_USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    if (!write_layer(&layer, options[0].value, options[1].value)) return tree_failure(options[1].value, layer.path);
    layer_links_free(&layer.links);
    free(layer.path);
    return EXIT_SUCCESS;
}
