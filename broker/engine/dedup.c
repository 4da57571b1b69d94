#include "engine/dedup.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "limits.h"

struct hash128 dedup_hash(struct hash_key hash_key, name_id principal, struct span key)
{
    hash_key.k1 ^= principal;
    return hash_sip128(hash_key, key.data, key.size);
}

/* Whose keys are counted: an agent's are its own, a connector's are those of its account. */
static name_id dedup_principal(const struct record *record)
{
    if (record->kind == RECORD_recalled && record->cause != CAUSE_returned)
        return record->target; /* its owner ended it, not whom it was with */
    if (record->kind == RECORD_finished && record->other)
        return record->other; /* the customer left by another account of the channel, perhaps */
    return record->agent ? record->agent : record->account;
}

static uint64_t generation_of(lsn_t lsn)
{
    return lsn / LIMIT_DEDUP_RECORDS;
}

lsn_t engine_remember_from(lsn_t newest)
{
    uint64_t number = generation_of(newest);
    return number > 1 ? (number - 1) * LIMIT_DEDUP_RECORDS : 1; /* the log begins at 1 */
}

enum {
    PLACE_BITS = 20,
    MARKS = (1 << (32 - PLACE_BITS)) - 2, /* even, so that a mark comes again in the same table, of the two that take turns */
};
static_assert(LIMIT_DEDUP_RECORDS <= 1 << PLACE_BITS, "a slot has room for every place");
static_assert(MARKS % 2 == 0, "tables take turns");

static uint32_t mark_of(uint64_t number)
{
    return (uint32_t)(number % MARKS) + 1;
}

static bool is_free(const struct dedup_slot *slot, uint32_t mark)
{
    return slot->place >> PLACE_BITS != mark;
}

/* The slot of the tag, or the free one where it would go. */
static struct dedup_slot *slot_of(const struct dedup_generation *generation, struct hash128 hash)
{
    uint32_t mask = generation->capacity - 1, mark = mark_of(generation->number);
    for (uint32_t at = (uint32_t)hash.low & mask;; at = (at + 1) & mask) {
        struct dedup_slot *slot = &generation->slots[at];
        if (is_free(slot, mark) || (slot->tag == hash.low && slot->tag_high == (uint32_t)hash.high))
            return slot;
    }
}

static lsn_t find_in(const struct dedup_generation *generation, struct hash128 hash)
{
    if (generation->count == 0)
        return 0;
    uint32_t mark = mark_of(generation->number), place = slot_of(generation, hash)->place;
    return place >> PLACE_BITS == mark ? generation->number * LIMIT_DEDUP_RECORDS + place - (mark << PLACE_BITS) : 0;
}

static void warm_in(const struct dedup_generation *generation, struct hash128 hash)
{
    if (generation->count)
        __builtin_prefetch(&generation->slots[(uint32_t)hash.low & (generation->capacity - 1)]);
}

void dedup_warm(const struct dedup *dedup, struct hash128 hash)
{
    warm_in(&dedup->now, hash);
    warm_in(&dedup->before, hash);
}

lsn_t dedup_find(struct dedup *dedup, struct hash128 hash, name_id principal, struct span key)
{
    dedup->asked = (struct dedup_asked){principal, key, hash};
    lsn_t lsn = find_in(&dedup->now, hash);
    return lsn ? lsn : find_in(&dedup->before, hash);
}

void dedup_settle(struct dedup *dedup)
{
    dedup->asked = (struct dedup_asked){0};
}

static struct hash128 record_hash(const struct dedup *dedup, struct hash_key hash_key, const struct record *record)
{
    const struct dedup_asked *asked = &dedup->asked;
    name_id principal = dedup_principal(record);
    if (asked->principal == principal && span_equal(asked->key, record->key))
        return asked->hash;
    return dedup_hash(hash_key, principal, record->key);
}

enum {
    CAPACITY_FIRST = 1024,
    CAPACITY_AHEAD = 1 << 14,              /* from so many on memory for the most is at hand: touching it takes some 100 ms */
    CAPACITY_LEAP = 1 << 17,               /* and from so many on at once to the most: who has filled them will fill those too, */
    CAPACITY_MAX = 2 * LIMIT_DEDUP_RECORDS /* and filling a larger table anew is a pause */
};
static_assert(CAPACITY_AHEAD < CAPACITY_LEAP && CAPACITY_LEAP < CAPACITY_MAX && !(CAPACITY_MAX & (CAPACITY_MAX - 1)), "places are masked");

static uint32_t larger_capacity(uint32_t capacity)
{
    if (capacity >= CAPACITY_LEAP)
        return CAPACITY_MAX;
    return capacity ? capacity * 2 : CAPACITY_FIRST;
}

static struct dedup_slot *take_slots(struct dedup *dedup, uint32_t capacity)
{
    if (capacity < CAPACITY_MAX || !dedup->ahead)
        return must_zalloc(capacity, sizeof(struct dedup_slot));
    struct dedup_slot *slots = dedup->ahead;
    dedup->ahead = NULL;
    dedup->ahead_untold = (struct untouched){0};
    return slots;
}

static void look_ahead(struct dedup *dedup)
{
    if (dedup->now.capacity < CAPACITY_AHEAD || dedup->now.capacity == CAPACITY_MAX || dedup->ahead)
        return;
    dedup->ahead = must_zalloc(CAPACITY_MAX, sizeof *dedup->ahead);
    dedup->ahead_untold = (struct untouched){dedup->ahead, CAPACITY_MAX * sizeof *dedup->ahead};
}

struct untouched dedup_untouched(struct dedup *dedup)
{
    struct untouched untold = dedup->ahead_untold;
    dedup->ahead_untold = (struct untouched){0};
    return untold;
}

static void grow(struct dedup *dedup)
{
    struct dedup_generation *now = &dedup->now, larger = *now;
    uint32_t mark = mark_of(now->number);
    ASSERT(now->capacity < CAPACITY_MAX);
    larger.capacity = larger_capacity(now->capacity);
    larger.slots = take_slots(dedup, larger.capacity);
    for (uint32_t at = 0; at < now->capacity; at++) {
        const struct dedup_slot *slot = &now->slots[at];
        if (!is_free(slot, mark))
            *slot_of(&larger, (struct hash128){slot->tag, slot->tag_high}) = *slot;
    }
    free(now->slots);
    *now = larger;
    look_ahead(dedup);
}

/* The table of the generation before last is used again; it is emptied only when its marks begin anew. */
static void turn_to(struct dedup *dedup, uint64_t number)
{
    struct dedup_generation oldest = dedup->before;
    dedup->before = dedup->now;
    if (number % MARKS < 2 && oldest.capacity)
        memset(oldest.slots, 0, oldest.capacity * sizeof *oldest.slots);
    oldest.count = 0;
    oldest.number = number;
    dedup->now = oldest;
}

void dedup_remember(struct dedup *dedup, struct hash_key hash_key, const struct record *record)
{
    uint64_t number = generation_of(record->lsn);
    while (dedup->now.number < number)
        turn_to(dedup, dedup->now.number + 1);
    struct dedup_generation *now = &dedup->now;
    if (!record->key.size)
        return;
    if (now->count * 2 >= now->capacity && now->capacity < CAPACITY_MAX)
        grow(dedup);
    struct hash128 hash = record_hash(dedup, hash_key, record);
    struct dedup_slot *slot = slot_of(now, hash);
    uint32_t mark = mark_of(number);
    now->count += is_free(slot, mark);
    *slot = (struct dedup_slot){hash.low, (uint32_t)hash.high, mark << PLACE_BITS | (uint32_t)(record->lsn % LIMIT_DEDUP_RECORDS)};
}

void dedup_fini(struct dedup *dedup)
{
    free(dedup->now.slots);
    free(dedup->before.slots);
    free(dedup->ahead);
}
