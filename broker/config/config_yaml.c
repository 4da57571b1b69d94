/* Walks the YAML of a configuration file node by node, knowing the path and the line of each. */
#include <stdio.h>
#include <yaml.h>

#include "base/check.h"
#include "config/config_source.h"

struct level {
    bool is_map, at_value; /* at_value: the key was read, its value comes next */
    uint32_t index;        /* of the next entry of a list */
    size_t path_size;      /* of the path of the list or map itself */
};

struct walk {
    yaml_parser_t parser;
    struct level levels[CONFIG_DEPTH_MAX];
    uint32_t depth, documents;
    char path[256]; /* of the latest node; cut when longer */
    unsigned long line;
    char problem[200]; /* why it cannot go on, "": it can */
    bool ended;
};

static void walk_init(struct walk *walk, const struct config_source *source)
{
    *walk = (struct walk){0};
    if (!yaml_parser_initialize(&walk->parser))
        fatal(FATAL_memory, "out of memory reading %s", source->path);
    yaml_parser_set_input_string(&walk->parser, (const unsigned char *)source->bytes.data, source->bytes.size);
}

static unsigned long line_of(const yaml_event_t *event)
{
    return event->start_mark.line + 1;
}

static void walk_stop(struct walk *walk, unsigned long line, const char *problem)
{
    walk->line = line;
    snprintf(walk->problem, sizeof walk->problem, "%s", problem);
}

/* A path too long for its room is cut: no path of ours is, so it matches nothing. */
static void name_key(struct walk *walk, const struct level *level, const char *key)
{
    snprintf(walk->path + level->path_size, sizeof walk->path - level->path_size, level->path_size ? ".%s" : "%s", key);
}

static void name_entry(struct walk *walk, struct level *level)
{
    snprintf(walk->path + level->path_size, sizeof walk->path - level->path_size, "[%u]", level->index++);
}

static void enter_node(struct walk *walk, const yaml_event_t *event)
{
    struct level *level = walk->depth ? &walk->levels[walk->depth - 1] : NULL;
    if (level && level->is_map && !level->at_value) {
        walk_stop(walk, line_of(event), "a key must be plain text");
    } else if (level && level->is_map) {
        /* Path and line are those of the key, which a person looks for. */
        level->at_value = false;
    } else {
        walk->line = line_of(event);
        if (level && level->index == CONFIG_ITEMS_MAX)
            walk_stop(walk, line_of(event), "more than 65535 entries in one list");
        else if (level)
            name_entry(walk, level);
    }
}

static void open_level(struct walk *walk, const yaml_event_t *event)
{
    enter_node(walk, event);
    if (walk->depth == CONFIG_DEPTH_MAX)
        walk_stop(walk, line_of(event), "nested deeper than any value of this file");
    else
        walk->levels[walk->depth++] = (struct level){.is_map = event->type == YAML_MAPPING_START_EVENT, .path_size = strlen(walk->path)};
}

/* True for a value, false for a key. */
static bool take_scalar(struct walk *walk, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    struct level *level = walk->depth ? &walk->levels[walk->depth - 1] : NULL;
    if (strlen(text) != event->data.scalar.length)
        walk_stop(walk, line_of(event), "a text must not contain the character NUL");
    if (!level || !level->is_map || level->at_value) {
        enter_node(walk, event);
        return true;
    }
    name_key(walk, level, text);
    walk->line = line_of(event);
    level->at_value = true;
    return false;
}

/* True when the event begins a value, whose path and line are then known. */
static bool take_event(struct walk *walk, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return false;
    case YAML_STREAM_END_EVENT:
        walk->ended = true;
        return false;
    case YAML_DOCUMENT_START_EVENT:
        if (walk->documents++)
            walk_stop(walk, line_of(event), "a second YAML document begins; expected one");
        return false;
    case YAML_ALIAS_EVENT:
        walk_stop(walk, line_of(event), "aliases (*name) are not supported; write the value again");
        return false;
    case YAML_SCALAR_EVENT:
        return take_scalar(walk, event);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        open_level(walk, event);
        return true;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        walk->depth--;
        return false;
    }
    return false;
}

/* libyaml knows only the offset of a byte that cannot be text. */
static unsigned long line_of_offset(const struct config_source *source, size_t offset)
{
    unsigned long line = 1;
    for (size_t i = 0; i < offset && i < source->bytes.size; i++)
        line += source->bytes.data[i] == '\n';
    return line;
}

static void stop_at_syntax_error(struct walk *walk, const struct config_source *source)
{
    const yaml_parser_t *parser = &walk->parser;
    char text[200];
    if (parser->error == YAML_MEMORY_ERROR)
        fatal(FATAL_memory, "out of memory reading %s", source->path);
    if (parser->error == YAML_READER_ERROR) {
        walk_stop(walk, line_of_offset(source, parser->problem_offset), parser->problem);
    } else if (parser->context) {
        snprintf(text, sizeof text, "%s %s (begun in line %zu)", parser->problem, parser->context, parser->context_mark.line + 1);
        walk_stop(walk, parser->problem_mark.line + 1, text);
    } else {
        walk_stop(walk, parser->problem_mark.line + 1, parser->problem);
    }
}

/* Goes to the next value; false at the end and at a problem. */
static bool walk_next(struct walk *walk, const struct config_source *source)
{
    bool at_value = false;
    while (!at_value && !walk->ended && !walk->problem[0]) {
        yaml_event_t event;
        if (!yaml_parser_parse(&walk->parser, &event)) {
            stop_at_syntax_error(walk, source);
            break;
        }
        at_value = take_event(walk, &event);
        yaml_event_delete(&event);
    }
    return at_value && !walk->problem[0];
}

enum status config_source_check(struct config_source *source)
{
    struct walk walk;
    walk_init(&walk, source);
    while (walk_next(&walk, source)) {
    }
    if (walk.problem[0])
        config_refuse_line(source, walk.line, "%s", walk.problem);
    else if (!walk.documents)
        config_refuse_line(source, 1, "the file is empty; expected sections such as accounts, queues, agents and rules");
    yaml_parser_delete(&walk.parser);
    return source->refused ? STATUS_bad_config : STATUS_ok;
}

unsigned long config_source_line(const struct config_source *source, const char *path)
{
    struct walk walk;
    unsigned long line = 1;
    walk_init(&walk, source);
    while (walk_next(&walk, source))
        if (strcmp(walk.path, path) == 0)
            line = walk.line;
    yaml_parser_delete(&walk.parser);
    return line;
}
