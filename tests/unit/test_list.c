#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct item {
    int number;
    struct list_node node;
};

static int number_of(struct list_node *node)
{
    return ITEM_OF(node, struct item, node)->number;
}

static void assert_numbers(const struct list *list, const int *expected, unsigned long count)
{
    assert_int_equal(list->count, count);
    struct list_node *node = list->first;
    for (unsigned long i = 0; i < count; i++, node = node->next) {
        assert_non_null(node);
        assert_int_equal(number_of(node), expected[i]);
    }
    assert_null(node);
    node = list->last;
    for (unsigned long i = count; i-- > 0; node = node->prev) {
        assert_non_null(node);
        assert_int_equal(number_of(node), expected[i]);
    }
    assert_null(node);
}

static void an_item_may_come_before_another(void **state)
{
    (void)state;
    struct list list = {0};
    struct item items[] = {{.number = 0}, {.number = 1}, {.number = 2}, {.number = 3}};
    list_append(&list, &items[2].node);
    list_insert_before(&list, &items[0].node, &items[2].node);
    list_insert_before(&list, &items[1].node, &items[2].node);
    list_append(&list, &items[3].node);
    assert_numbers(&list, (int[]){0, 1, 2, 3}, 4);
    list_remove(&list, &items[1].node);
    assert_numbers(&list, (int[]){0, 2, 3}, 3);
}

static void items_keep_the_order_of_appending(void **state)
{
    (void)state;
    struct list list = {0};
    struct item items[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    for (int i = 0; i < 3; i++)
        list_append(&list, &items[i].node);
    assert_numbers(&list, (int[]){1, 2, 3}, 3);
}

static void first_middle_and_last_can_be_removed(void **state)
{
    (void)state;
    struct list list = {0};
    struct item items[5] = {{.number = 0}, {.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}};
    for (int i = 0; i < 5; i++)
        list_append(&list, &items[i].node);
    list_remove(&list, &items[2].node);
    assert_numbers(&list, (int[]){0, 1, 3, 4}, 4);
    list_remove(&list, &items[0].node);
    assert_numbers(&list, (int[]){1, 3, 4}, 3);
    list_remove(&list, &items[4].node);
    assert_numbers(&list, (int[]){1, 3}, 2);
    list_append(&list, &items[0].node);
    assert_numbers(&list, (int[]){1, 3, 0}, 3);
}

static void a_single_item_is_known_to_be_in_the_list(void **state)
{
    (void)state;
    struct list list = {0};
    struct item item = {0};
    assert_false(list_has(&list, &item.node));
    list_append(&list, &item.node);
    assert_true(list_has(&list, &item.node));
    list_remove(&list, &item.node);
    assert_false(list_has(&list, &item.node));
    assert_null(list.first);
    assert_null(list.last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_keep_the_order_of_appending),
        cmocka_unit_test(an_item_may_come_before_another),
        cmocka_unit_test(first_middle_and_last_can_be_removed),
        cmocka_unit_test(a_single_item_is_known_to_be_in_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
