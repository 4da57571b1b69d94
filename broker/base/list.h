/* An intrusive doubly linked list. The node sits in the item; a node that is in no list points at nothing. Never allocates. */
#ifndef RELEVO_LIST_H
#define RELEVO_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_node {
    struct list_node *next, *prev;
};

struct list {
    struct list_node *first, *last;
    unsigned long count;
};

#define ITEM_OF(node, type, member) ((type *)((char *)(node)-offsetof(type, member)))

/* The caller keeps track of which list a node is in: removing from another list is a bug. */
void list_append(struct list *list, struct list_node *node);
void list_insert_before(struct list *list, struct list_node *node, struct list_node *next); /* `next` is in the list */
void list_remove(struct list *list, struct list_node *node);
bool list_has(const struct list *list, const struct list_node *node);

#endif
