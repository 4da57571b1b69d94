#include "bench/simulate/document.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/check.h"

enum { DEPTH_MAX = 16 };

struct reading {
    struct document *document;
    const char *path;
    yaml_parser_t parser;
};

static char *copy_text(struct document *document, const char *text, size_t size)
{
    char *copy = arena_take(&document->arena, size + 1);
    memcpy(copy, text, size);
    return copy;
}

/* Texts of the file are quoted in errors, and errors go to terminals. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

__attribute__((format(printf, 4, 5))) static void refuse_at(struct document *document, const char *path, unsigned long line,
                                                            const char *format, ...)
{
    if (document->refused)
        return;
    va_list arguments;
    va_start(arguments, format);
    int size = snprintf(document->error, sizeof document->error, line ? "%.200s:%lu: " : "%.200s: ", path, line);
    vsnprintf(document->error + size, sizeof document->error - (size_t)size, format, arguments);
    va_end(arguments);
    make_printable(document->error);
    document->refused = true;
}

void node_refuse(struct document *document, const struct node *node, const char *format, ...)
{
    char what[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    refuse_at(document, node->path, node->line, "%s%s%s", node->key ? node->key : "", node->key ? ": " : "", what);
}

/* --- reading --- */

static struct node *read_node(struct reading *reading, const yaml_event_t *event, uint32_t depth);

static bool next_event(struct reading *reading, yaml_event_t *event)
{
    const yaml_parser_t *parser = &reading->parser;
    if (yaml_parser_parse(&reading->parser, event))
        return true;
    refuse_at(reading->document, reading->path, parser->problem_mark.line + 1, "%s", parser->problem ? parser->problem : "not YAML");
    return false;
}

static struct node *node_new(struct reading *reading, enum node_kind kind, const yaml_event_t *event)
{
    struct node *node = arena_take(&reading->document->arena, sizeof *node);
    *node = (struct node){.kind = kind, .path = reading->path, .line = event->start_mark.line + 1};
    return node;
}

static void read_entries(struct reading *reading, struct node *list, uint32_t depth)
{
    yaml_event_t event;
    while (next_event(reading, &event)) {
        bool ended = event.type == YAML_SEQUENCE_END_EVENT;
        if (!ended)
            node_put(list, NULL, read_node(reading, &event, depth));
        yaml_event_delete(&event);
        if (ended || reading->document->refused)
            return;
    }
}

/* A person looks for the line of the key. */
static void read_value(struct reading *reading, struct node *map, const yaml_event_t *key, uint32_t depth)
{
    yaml_event_t event;
    if (key->type != YAML_SCALAR_EVENT) {
        refuse_at(reading->document, reading->path, key->start_mark.line + 1, "a key must be plain text");
        return;
    }
    const char *name = copy_text(reading->document, (const char *)key->data.scalar.value, key->data.scalar.length);
    if (node_find(map, name))
        refuse_at(reading->document, reading->path, key->start_mark.line + 1, "%s: given twice", name);
    if (!next_event(reading, &event))
        return;
    struct node *value = read_node(reading, &event, depth);
    value->line = key->start_mark.line + 1;
    node_put(map, name, value);
    yaml_event_delete(&event);
}

static void read_pairs(struct reading *reading, struct node *map, uint32_t depth)
{
    yaml_event_t event;
    while (next_event(reading, &event)) {
        bool ended = event.type == YAML_MAPPING_END_EVENT;
        if (!ended)
            read_value(reading, map, &event, depth);
        yaml_event_delete(&event);
        if (ended || reading->document->refused)
            return;
    }
}

static struct node *read_node(struct reading *reading, const yaml_event_t *event, uint32_t depth)
{
    bool is_list = event->type == YAML_SEQUENCE_START_EVENT, is_map = event->type == YAML_MAPPING_START_EVENT;
    struct node *node = node_new(reading, is_list ? NODE_list : is_map ? NODE_map : NODE_text, event);
    node->text = "";
    if (depth == DEPTH_MAX)
        refuse_at(reading->document, reading->path, node->line, "nested deeper than any value of this file");
    else if (is_list)
        read_entries(reading, node, depth + 1);
    else if (is_map)
        read_pairs(reading, node, depth + 1);
    else if (event->type == YAML_SCALAR_EVENT)
        node->text = copy_text(reading->document, (const char *)event->data.scalar.value, event->data.scalar.length);
    else
        refuse_at(reading->document, reading->path, node->line, "aliases (*name) are not supported; write the value again");
    return node;
}

static struct node *read_root(struct reading *reading)
{
    struct node *root = NULL;
    for (bool ended = false; !ended && !reading->document->refused;) {
        yaml_event_t event;
        if (!next_event(reading, &event))
            break;
        ended = event.type == YAML_STREAM_END_EVENT;
        if (event.type >= YAML_ALIAS_EVENT && root)
            refuse_at(reading->document, reading->path, event.start_mark.line + 1, "a second document begins; expected one");
        else if (event.type >= YAML_ALIAS_EVENT)
            root = read_node(reading, &event, 0);
        yaml_event_delete(&event);
    }
    return root;
}

struct node *document_read(struct document *document, const char *path)
{
    struct reading reading = {.document = document, .path = copy_text(document, path, strlen(path))};
    FILE *file = fopen(path, "rb");
    if (!file) {
        refuse_at(document, path, 0, "cannot open it: %s", strerror(errno));
        return NULL;
    }
    if (!yaml_parser_initialize(&reading.parser))
        fatal(FATAL_memory, "out of memory reading %s", path);
    yaml_parser_set_input_file(&reading.parser, file);
    struct node *root = read_root(&reading);
    yaml_parser_delete(&reading.parser);
    fclose(file);
    if (!root || root->kind != NODE_map)
        refuse_at(document, path, 1, "expected key: value pairs");
    return document->refused ? NULL : root;
}

void document_fini(struct document *document)
{
    arena_fini(&document->arena);
}

/* --- looking --- */

struct node *node_find(const struct node *node, const char *key)
{
    struct node *child = node ? node->first : NULL;
    while (child && (!child->key || strcmp(child->key, key) != 0))
        child = child->next;
    return child;
}

const char *node_text(struct document *document, const struct node *node)
{
    if (node && node->kind != NODE_text) {
        node_refuse(document, node, "expected one value");
        return "";
    }
    return node ? node->text : NULL;
}

static void list_keys(const char *const *known, char out[300])
{
    size_t size = 0;
    out[0] = 0;
    for (; *known && size < 299; known++)
        size += (size_t)snprintf(out + size, 300 - size, "%s%s", size ? ", " : "", *known);
}

static bool is_known(const char *const *known, const char *key)
{
    while (*known && strcmp(*known, key) != 0)
        known++;
    return *known;
}

bool node_keys(struct document *document, const struct node *node, const char *const *known)
{
    char expected[300];
    list_keys(known, expected);
    if (node->kind != NODE_map) {
        node_refuse(document, node, "expected key: value pairs of %s", expected);
        return false;
    }
    for (const struct node *child = node->first; child; child = child->next)
        if (!is_known(known, child->key))
            node_refuse(document, child, "unknown key; expected one of: %s", expected);
    return true;
}

struct node *node_entries(struct document *document, const struct node *node)
{
    if (node && node->kind != NODE_list)
        node_refuse(document, node, "expected a list");
    return node && node->kind == NODE_list ? node->first : NULL;
}

/* --- making --- */

struct node *node_make(struct document *document, enum node_kind kind, const struct node *place)
{
    struct node *node = arena_take(&document->arena, sizeof *node);
    *node = (struct node){.kind = kind, .path = place->path, .line = place->line, .text = ""};
    return node;
}

struct node *node_make_text(struct document *document, const struct node *place, const char *format, ...)
{
    struct node *node = node_make(document, NODE_text, place);
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    node->text = copy_text(document, text, strlen(text));
    return node;
}

struct node *node_copy(struct document *document, const struct node *node)
{
    struct node *copy = node_make(document, node->kind, node);
    copy->text = node->text;
    for (const struct node *child = node->first; child; child = child->next)
        node_put(copy, child->key, node_copy(document, child));
    return copy;
}

struct node *node_put(struct node *parent, const char *key, struct node *child)
{
    child->key = key;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    return child;
}

struct node *node_child(struct document *document, struct node *parent, const char *key, enum node_kind kind)
{
    struct node *child = node_find(parent, key);
    return child ? child : node_put(parent, key, node_make(document, kind, parent));
}

static void write_text(const char *text, struct buffer *out)
{
    char escaped[8];
    buffer_append(out, "\"", 1);
    for (; *text; text++) {
        bool plain = (unsigned char)*text >= ' ' && *text != '"' && *text != '\\' && *text != 0x7f;
        int size = snprintf(escaped, sizeof escaped, plain ? "%c" : "\\x%02x", plain ? *text : (unsigned char)*text);
        buffer_append(out, escaped, (size_t)size);
    }
    buffer_append(out, "\"", 1);
}

void node_write(const struct node *node, struct buffer *out)
{
    if (node->kind == NODE_text) {
        write_text(node->text, out);
        return;
    }
    buffer_append(out, node->kind == NODE_list ? "[" : "{", 1);
    for (const struct node *child = node->first; child; child = child->next) {
        if (child->key) {
            write_text(child->key, out);
            buffer_append(out, ": ", 2);
        }
        node_write(child, out);
        if (child->next)
            buffer_append(out, ", ", 2);
    }
    buffer_append(out, node->kind == NODE_list ? "]" : "}", 1);
}

static const struct node *entry_at(const struct node *list, unsigned long index)
{
    const struct node *child = list->first;
    while (child && index--)
        child = child->next;
    return child;
}

const struct node *node_at(const struct node *root, const char *path)
{
    while (*path) {
        const struct node *child = NULL;
        if (*path == '[') {
            char *end;
            child = entry_at(root, strtoul(path + 1, &end, 10));
            path = *end == ']' ? end + 1 : end;
        } else {
            char key[128];
            path += *path == '.';
            size_t size = strcspn(path, ".[");
            snprintf(key, sizeof key, "%.*s", (int)size, path);
            path += size;
            child = size ? node_find(root, key) : NULL;
        }
        if (!child)
            return root;
        root = child;
    }
    return root;
}
