#include "base/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"

static void the_least_key_comes_first(void **state)
{
    (void)state;
    struct heap heap = {0};
    struct heap_node nodes[] = {{.key = 5, .tie = 1}, {.key = -3, .tie = 2}, {.key = 9, .tie = 3}};
    for (int i = 0; i < 3; i++)
        heap_insert(&heap, &nodes[i]);
    assert_ptr_equal(heap_first(&heap), &nodes[1]);
    heap_remove(&heap, &nodes[1]);
    assert_ptr_equal(heap_first(&heap), &nodes[0]);
    heap_fini(&heap);
}

static void equal_keys_are_ordered_by_tie(void **state)
{
    (void)state;
    struct heap heap = {0};
    struct heap_node nodes[64];
    for (uint64_t i = 0; i < 64; i++) {
        nodes[i] = (struct heap_node){.key = 7, .tie = i * 37 % 64};
        heap_insert(&heap, &nodes[i]);
    }
    for (uint64_t tie = 0; tie < 64; tie++) {
        assert_int_equal(heap_first(&heap)->tie, tie);
        heap_remove(&heap, heap_first(&heap));
    }
    heap_fini(&heap);
}

static void an_empty_heap_has_no_first(void **state)
{
    (void)state;
    struct heap heap = {0};
    struct heap_node node = {.key = 1};
    assert_null(heap_first(&heap));
    heap_insert(&heap, &node);
    heap_remove(&heap, &node);
    assert_null(heap_first(&heap));
    assert_int_equal(node.position, 0);
    heap_fini(&heap);
}

enum { MODEL_NODES = 200 };

static const struct heap_node *least_of(const struct heap_node *nodes)
{
    const struct heap_node *least = NULL;
    for (int i = 0; i < MODEL_NODES; i++) {
        const struct heap_node *node = &nodes[i];
        if (node->position && (!least || node->key < least->key || (node->key == least->key && node->tie < least->tie)))
            least = node;
    }
    return least;
}

static void random_use_always_yields_what_a_full_search_finds(void **state)
{
    (void)state;
    struct prng prng;
    struct heap heap = {0};
    struct heap_node nodes[MODEL_NODES] = {0};
    uint32_t count = 0;
    prng_init(&prng, 2);
    for (uint64_t step = 0; step < 20000; step++) {
        struct heap_node *node = &nodes[prng_below(&prng, MODEL_NODES)];
        if (node->position) {
            heap_remove(&heap, node);
            count--;
        } else {
            node->key = (int64_t)prng_below(&prng, 50) - 25;
            node->tie = step;
            heap_insert(&heap, node);
            count++;
        }
        assert_int_equal(heap.count, count);
        assert_ptr_equal(heap_first(&heap), least_of(nodes));
    }
    heap_fini(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_key_comes_first),
        cmocka_unit_test(equal_keys_are_ordered_by_tie),
        cmocka_unit_test(an_empty_heap_has_no_first),
        cmocka_unit_test(random_use_always_yields_what_a_full_search_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
