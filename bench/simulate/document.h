/* A YAML file as a tree that remembers the line of everything, so that a mistake can be told where it stands, and that can be written out
 * again, so that a configuration can be made from parts of several files. document.c is the only user of libyaml here.
 *
 * What is wrong in a file is refused at its place; the reader goes on with a harmless value and asks document->refused in the end. Only the
 * first refusal is kept. */
#ifndef RELEVO_SIMULATE_DOCUMENT_H
#define RELEVO_SIMULATE_DOCUMENT_H

#include <stdbool.h>

#include "proto/arena.h"
#include "proto/buffer.h"

enum node_kind { NODE_text, NODE_list, NODE_map };

struct node {
    enum node_kind kind;
    const char *key;  /* in a map; NULL otherwise */
    const char *text; /* NODE_text */
    const char *path; /* of the file it was read from */
    unsigned long line;
    struct node *first, *last, *next; /* children, and the sibling */
};

/* What reading shares: where nodes live, and the first refusal. */
struct document {
    struct arena arena;
    char error[512]; /* "FILE:LINE: KEY: what is wrong, what was expected" */
    bool refused;
};

/* The root of the file, a map; NULL when it is refused. */
struct node *document_read(struct document *document, const char *path);
void document_fini(struct document *document);

/* The child of that key; NULL: there is none, or the node is NULL. */
struct node *node_find(const struct node *node, const char *key);

/* The node's text; NULL for NULL; "" after refusing a list or a map. */
const char *node_text(struct document *document, const struct node *node);

/* Refuses what is not a map of these keys (NULL ends them). False when it is no map. */
bool node_keys(struct document *document, const struct node *node, const char *const *known);

/* Refuses what is not a list. The first entry, or NULL. */
struct node *node_entries(struct document *document, const struct node *node);

void node_refuse(struct document *document, const struct node *node, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* --- making --- New nodes stand where `place` stands, for errors in what was made from it. */
struct node *node_make(struct document *document, enum node_kind kind, const struct node *place);
struct node *node_make_text(struct document *document, const struct node *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
struct node *node_copy(struct document *document, const struct node *node);

/* Puts the child at the end; in a map under `key`. Returns it. */
struct node *node_put(struct node *parent, const char *key, struct node *child);

/* The child of that key, made as an empty one when there is none. */
struct node *node_child(struct document *document, struct node *parent, const char *key, enum node_kind kind);

/* Appends the tree as YAML in one line. */
void node_write(const struct node *node, struct buffer *out);

/* The node of a path such as agents[3].skills[1], or the innermost of its parents that there is. */
const struct node *node_at(const struct node *root, const char *path);

#endif
