#include "base/list.h"

#include "base/check.h"

bool list_has(const struct list *list, const struct list_node *node)
{
    return node->prev || node->next || list->first == node;
}

void list_append(struct list *list, struct list_node *node)
{
    ASSERT(!list_has(list, node));
    node->prev = list->last;
    if (list->last)
        list->last->next = node;
    else
        list->first = node;
    list->last = node;
    list->count++;
}

void list_insert_before(struct list *list, struct list_node *node, struct list_node *next)
{
    ASSERT(!list_has(list, node) && list_has(list, next));
    *node = (struct list_node){.next = next, .prev = next->prev};
    if (next->prev)
        next->prev->next = node;
    else
        list->first = node;
    next->prev = node;
    list->count++;
}

void list_remove(struct list *list, struct list_node *node)
{
    ASSERT(list_has(list, node));
    ASSERT(node->prev ? node->prev->next == node : list->first == node);
    ASSERT(node->next ? node->next->prev == node : list->last == node);
    if (node->prev)
        node->prev->next = node->next;
    else
        list->first = node->next;
    if (node->next)
        node->next->prev = node->prev;
    else
        list->last = node->prev;
    *node = (struct list_node){0};
    list->count--;
}
