/* The text of a configuration file, and the errors found in it: knows where in the file a path like agents[3].skills[1] stands, which costs
 * a walk over the whole file and is therefore only asked for an error. Owns the bytes. It refuses to know what the paths mean. */
#ifndef RELEVO_CONFIG_SOURCE_H
#define RELEVO_CONFIG_SOURCE_H

#include "config/config.h"
#include "proto/buffer.h"

enum {
    CONFIG_BYTES_MAX = 64 << 20,
    CONFIG_DEPTH_MAX = 8,     /* nesting of the YAML: ours is 6 */
    CONFIG_ITEMS_MAX = 65535, /* in any one list */
    CONFIG_NONE = UINT32_MAX  /* no item, no entry */
};

struct config_source {
    const char *path;
    struct buffer bytes;
    struct config_error *error; /* the first one found is kept */
    bool refused;               /* an error was found */
};

/* One value: section[item].field[entry], or section[item].list[list_item].field[entry]. Numbers are CONFIG_NONE, names NULL where there is
 * none. */
struct config_place {
    const char *section;
    uint32_t item;
    const char *list;
    uint32_t list_item;
    const char *field;
    uint32_t entry;
};

static inline struct config_place config_place(const char *section, uint32_t item, const char *field)
{
    return (struct config_place){section, item, NULL, CONFIG_NONE, field, CONFIG_NONE};
}

/* Another field of what the place is in. */
static inline struct config_place config_place_at(struct config_place place, const char *field)
{
    place.field = field;
    place.entry = CONFIG_NONE;
    return place;
}

static inline struct config_place config_place_entry(struct config_place place, uint32_t entry)
{
    place.entry = entry;
    return place;
}

/* Reads the file of source->path. */
enum status config_source_read(struct config_source *source) MUST_CHECK;

/* Refuses what is not exactly one YAML document of plain nested values. */
enum status config_source_check(struct config_source *source) MUST_CHECK;

/* The line of a path as written in the file: of its last occurrence; 1 when there is none. */
unsigned long config_source_line(const struct config_source *source, const char *path);

/* "rules[3].queue" */
void config_place_text(struct config_place place, char out[256]);

/* Keeps "FILE:LINE: PATH: what" as the error, unless there is one already. */
void config_refuse(struct config_source *source, struct config_place place, const char *format, ...) __attribute__((format(printf, 3, 4)));
void config_refuse_path(struct config_source *source, const char *path, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same for what stands at a line rather than at a path; 0: the file as a whole. */
void config_refuse_line(struct config_source *source, unsigned long line, const char *format, ...) __attribute__((format(printf, 3, 4)));

void config_source_fini(struct config_source *source);

#endif
