#include "engine/dedup.h"

#include <assert.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/warm.h"
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
    MARKS = (1 << (32 - PLACE_BITS)) - 1, /* then they begin anew */
};
static_assert(LIMIT_DEDUP_RECORDS <= 1 << PLACE_BITS, "a key has room for every place");
static_assert(sizeof(struct dedup_line) == 64, "one line of the processor's");

/* Never 0. */
static uint32_t mark_of(uint64_t number)
{
    return (uint32_t)(number % MARKS) + 1;
}

/* The marks that count. */
struct marks {
    uint32_t now, before;
};

static struct marks marks_of(const struct dedup *dedup)
{
    uint32_t now = mark_of(dedup->number);
    return (struct marks){now, dedup->number == 0 ? now : now == 1 ? MARKS : now - 1};
}

static bool counts(struct marks marks, uint32_t mark)
{
    return mark == marks.now || mark == marks.before;
}

static bool is_live(struct marks marks, uint32_t place)
{
    return counts(marks, place >> PLACE_BITS);
}

static struct dedup_line *home_of(const struct dedup_table *table, struct hash128 hash)
{
    return &table->lines[(uint32_t)hash.low & (table->count - 1)];
}

static struct dedup_line *line_after(const struct dedup_table *table, const struct dedup_line *line)
{
    return &table->lines[(uint32_t)(line - table->lines + 1) & (table->count - 1)];
}

/* The place that the line keeps for the key; NULL: it has none. */
static uint32_t *place_in(struct dedup_line *line, struct marks marks, struct hash128 hash)
{
    for (int i = 0; i < DEDUP_LINE_KEYS; i++)
        if (line->hashes[i] == hash.low && line->hashes_high[i] == (uint16_t)hash.high && is_live(marks, line->places[i]))
            return &line->places[i];
    return NULL;
}

static uint32_t *place_of(const struct dedup_table *table, struct marks marks, struct hash128 hash)
{
    struct dedup_line *line = home_of(table, hash);
    uint32_t *place = place_in(line, marks, hash);
    while (!place && counts(marks, line->passed_on)) {
        line = line_after(table, line);
        place = place_in(line, marks, hash);
    }
    return place;
}

/* Into the first line with room. */
static void add(struct dedup_table *table, struct marks marks, struct hash128 hash, uint32_t place)
{
    for (struct dedup_line *line = home_of(table, hash);; line = line_after(table, line)) {
        for (int i = 0; i < DEDUP_LINE_KEYS; i++) {
            if (is_live(marks, line->places[i]))
                continue;
            line->hashes[i] = hash.low;
            line->hashes_high[i] = (uint16_t)hash.high;
            line->places[i] = place;
            return;
        }
        line->passed_on = marks.now;
    }
}

void dedup_warm(const struct dedup *dedup, struct hash128 hash)
{
    if (dedup->table.count)
        warm(home_of(&dedup->table, hash), 1); /* the line, as it begins where one of the processor's does */
}

lsn_t dedup_find(struct dedup *dedup, struct hash128 hash, name_id principal, struct span key)
{
    dedup->asked = (struct dedup_asked){principal, key, hash};
    struct marks marks = marks_of(dedup);
    const uint32_t *place = dedup->table.count ? place_of(&dedup->table, marks, hash) : NULL;
    if (!place)
        return 0;
    uint64_t number = dedup->number - (*place >> PLACE_BITS != marks.now);
    return number * LIMIT_DEDUP_RECORDS + *place % (1u << PLACE_BITS);
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
    LINES_FIRST = 64,
    LINES_AHEAD = 1 << 15, /* from so many on memory for the most is at hand: touching it takes some 100 ms */
    LINES_LEAP = 1 << 17,  /* and from so many on at once to the most: who has filled them will fill those, and filling more is a pause */
    LINES_MAX = 1 << 20,
};
static_assert(LINES_AHEAD < LINES_LEAP && LINES_LEAP < LINES_MAX && !(LINES_MAX & (LINES_MAX - 1)), "lines are masked");
static_assert(LINES_MAX >= 2 * 2 * LIMIT_DEDUP_RECORDS / DEDUP_LINE_KEYS, "of the most keys half the places are free");

static struct dedup_table table_make(uint32_t count)
{
    uintptr_t size = sizeof(struct dedup_line);
    char *memory = must_zalloc(count + 1ul, size);
    return (struct dedup_table){memory, (struct dedup_line *)(void *)(memory + (-(uintptr_t)memory & (size - 1))), count};
}

static struct dedup_table larger_table(struct dedup *dedup)
{
    uint32_t count = dedup->table.count;
    if (count < LINES_LEAP)
        return table_make(count ? 2 * count : LINES_FIRST);
    struct dedup_table ahead = dedup->ahead;
    dedup->ahead = (struct dedup_table){0};
    return ahead;
}

static void look_ahead(struct dedup *dedup)
{
    if (dedup->table.count == LINES_AHEAD)
        dedup->ahead = table_make(LINES_MAX);
}

struct untouched dedup_untouched(struct dedup *dedup)
{
    const struct dedup_table *ahead = &dedup->ahead;
    if (!ahead->count || dedup->ahead_told)
        return (struct untouched){0};
    dedup->ahead_told = true;
    return (struct untouched){ahead->lines, ahead->count * sizeof *ahead->lines};
}

static struct hash128 hash_in(const struct dedup_line *line, int i)
{
    return (struct hash128){line->hashes[i], line->hashes_high[i]};
}

/* Places in a larger table are all over it: each is fetched a few lines before it is needed. */
static void fill_from(struct dedup_table *table, const struct dedup_table *old, struct marks marks)
{
    enum { LINES_BEFORE = 4 };
    for (uint32_t at = 0; at < old->count + LINES_BEFORE; at++) {
        for (int i = 0; i < DEDUP_LINE_KEYS && at < old->count; i++)
            warm(home_of(table, hash_in(&old->lines[at], i)), sizeof(struct dedup_line));
        const struct dedup_line *line = at < LINES_BEFORE ? NULL : &old->lines[at - LINES_BEFORE];
        for (int i = 0; i < DEDUP_LINE_KEYS && line; i++)
            if (is_live(marks, line->places[i]))
                add(table, marks, hash_in(line, i), line->places[i]);
    }
}

static void grow(struct dedup *dedup)
{
    struct dedup_table old = dedup->table;
    dedup->table = larger_table(dedup);
    if (old.count)
        fill_from(&dedup->table, &old, marks_of(dedup));
    free(old.memory);
    look_ahead(dedup);
}

/* Takes away what does not have this mark, before another that does not count any more is given again. */
static void keep_only(struct dedup_table *table, uint32_t mark)
{
    for (struct dedup_line *line = table->lines; line != table->lines + table->count; line++) {
        for (int i = 0; i < DEDUP_LINE_KEYS; i++)
            if (line->places[i] >> PLACE_BITS != mark)
                line->places[i] = 0;
        if (line->passed_on != mark)
            line->passed_on = 0;
    }
}

/* Only a restart begins later than with the next. When marks begin anew the last of them still counts: it goes a generation later. */
static void turn_to(struct dedup *dedup, uint64_t number)
{
    bool next = number == dedup->number + 1;
    if (!next || number % MARKS < 2)
        keep_only(&dedup->table, next ? mark_of(dedup->number) : 0);
    dedup->keys_before = next ? dedup->keys : 0;
    dedup->keys = 0;
    dedup->number = number;
}

void dedup_remember(struct dedup *dedup, struct hash_key hash_key, const struct record *record)
{
    uint64_t number = generation_of(record->lsn);
    if (number != dedup->number)
        turn_to(dedup, number);
    if (!record->key.size)
        return;
    struct dedup_table *table = &dedup->table;
    if ((dedup->keys + dedup->keys_before) * 2 >= table->count * DEDUP_LINE_KEYS && table->count < LINES_MAX)
        grow(dedup);
    struct hash128 hash = record_hash(dedup, hash_key, record);
    struct marks marks = marks_of(dedup);
    uint32_t place = marks.now << PLACE_BITS | (uint32_t)(record->lsn % LIMIT_DEDUP_RECORDS), *before = place_of(table, marks, hash);
    if (before) /* the lines that passed it on did so in another generation, perhaps */
        *before = 0;
    add(table, marks, hash, place);
    dedup->keys++;
}

void dedup_fini(struct dedup *dedup)
{
    free(dedup->table.memory);
    free(dedup->ahead.memory);
}
