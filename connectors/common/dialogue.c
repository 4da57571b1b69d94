#include "connectors/common/dialogue.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/expect.h"

const struct dialogue *dialogues_find(const struct dialogues *dialogues, struct span address)
{
    const struct dialogue *dialogue = table_get(&dialogues->by_address, table_key(address));
    while (dialogue && !span_equal(dialogue->address, address))
        dialogue = dialogue->alike;
    return dialogue;
}

bool dialogues_add(struct dialogues *dialogues, struct dialogue *dialogue)
{
    if (dialogues_find(dialogues, dialogue->address))
        return false;
    if (dialogues->count == dialogues->capacity) {
        dialogues->capacity = dialogues->capacity ? 2 * dialogues->capacity : 64;
        dialogues->all = realloc(dialogues->all, dialogues->capacity * sizeof(struct dialogue *));
        EXPECT(dialogues->all);
    }
    dialogues->all[dialogues->count++] = dialogue;
    uint64_t key = table_key(dialogue->address);
    dialogue->alike = table_get(&dialogues->by_address, key);
    table_put(&dialogues->by_address, key, dialogue);
    return true;
}

void dialogues_fini(struct dialogues *dialogues)
{
    table_fini(&dialogues->by_address);
    free(dialogues->all);
    arena_fini(&dialogues->arena);
    *dialogues = (struct dialogues){0};
}

struct span dialogue_text(struct arena *arena, struct span text)
{
    if (text.size == 0)
        return span_of("");
    char *copy = arena_take(arena, text.size);
    memcpy(copy, text.data, text.size);
    return (struct span){copy, text.size};
}

struct span dialogue_key(struct arena *arena, struct span address, uint32_t index)
{
    char key[WIRE_KEY_MAX];
    int size = snprintf(key, sizeof key, "%.*s-%u", (int)address.size, address.data, index);
    return dialogue_text(arena, (struct span){key, (uint32_t)size});
}

bool dialogue_turn(const struct dialogue *dialogue, struct span key, uint32_t *index)
{
    uint32_t digits = dialogue->address.size + 1;
    if (key.size <= digits || key.size > digits + 6)
        return false;
    uint32_t number = 0;
    for (uint32_t i = digits; i < key.size; i++)
        number = 10 * number + (uint32_t)(unsigned char)(key.data[i] - '0');
    /* Comparing the whole key also refuses what the loop above made of other characters than digits. */
    *index = number;
    return number < dialogue->turns_count && span_equal(dialogue->turns[number].key, key);
}
