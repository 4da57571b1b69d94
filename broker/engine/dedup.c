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

/* An entry: 4 bits of mark, 8 of tag, 20 of the key's number. */
enum { NUMBER_BITS = 20, TAG_BITS = 8, MARK_SHIFT = NUMBER_BITS + TAG_BITS };
static_assert(LIMIT_DEDUP_RECORDS <= 1 << NUMBER_BITS, "an entry has room for every key of a generation, and a key for every place");
static_assert(DEDUP_MARKS < 1 << (32 - MARK_SHIFT), "an entry has room for every mark, and 0 is none");
static_assert(sizeof(struct dedup_line) == WARM_LINE, "one line of the processor's");
static_assert(DEDUP_LINES * DEDUP_LINE_ENTRIES >= 3 * LIMIT_DEDUP_RECORDS, "of the most entries, two generations, lines are seldom full");

/* Never 0. */
static uint32_t mark_of(uint64_t number)
{
    return (uint32_t)(number % DEDUP_MARKS) + 1;
}

/* The marks that count. */
struct marks {
    uint32_t now, before;
};

static struct marks marks_of(const struct dedup *dedup)
{
    uint32_t now = mark_of(dedup->number);
    return (struct marks){now, dedup->number == 0 ? now : now == 1 ? DEDUP_MARKS : now - 1};
}

static bool counts(struct marks marks, uint32_t mark)
{
    return mark == marks.now || mark == marks.before;
}

static uint32_t mark_in(uint32_t entry)
{
    return entry >> MARK_SHIFT;
}

static uint32_t entry_of(uint32_t mark, struct hash128 hash, uint32_t number)
{
    return mark << MARK_SHIFT | (uint32_t)(hash.low >> (64 - TAG_BITS)) << NUMBER_BITS | number;
}

/* Do both have the same mark and tag? */
static bool alike(uint32_t entry, uint32_t other)
{
    return entry >> NUMBER_BITS == other >> NUMBER_BITS;
}

static struct dedup_line *home_of(const struct dedup *dedup, struct hash128 hash)
{
    return &dedup->lines[(uint32_t)hash.low & (dedup->lines_count - 1)];
}

static struct dedup_line *line_after(const struct dedup *dedup, const struct dedup_line *line)
{
    return &dedup->lines[(uint32_t)(line - dedup->lines + 1) & (dedup->lines_count - 1)];
}

static struct dedup_key *keys_of(const struct dedup *dedup, uint64_t number)
{
    return dedup->keys + number % 2 * LIMIT_DEDUP_RECORDS;
}

static uint64_t generation_in(const struct dedup *dedup, uint32_t entry)
{
    return dedup->number - (mark_in(entry) != mark_of(dedup->number));
}

static const struct dedup_key *key_in(const struct dedup *dedup, uint32_t entry)
{
    return &keys_of(dedup, generation_in(dedup, entry))[entry % (1u << NUMBER_BITS)];
}

static struct dedup_key key_of(struct hash128 hash, lsn_t lsn)
{
    return (struct dedup_key){.low = hash.low, .high = (uint32_t)hash.high, .place = lsn % LIMIT_DEDUP_RECORDS};
}

static bool is_key(const struct dedup_key *key, struct hash128 hash)
{
    return key->low == hash.low && key->high == (uint32_t)hash.high;
}

/* Does an entry have the mark and tag of one of these? Nearly always none has: all are looked at at once, and no branch is guessed. */
static bool has_alike(const struct dedup_line *line, uint32_t now, uint32_t before)
{
    uint32_t any = 0;
    for (int i = 0; i < DEDUP_LINE_ENTRIES; i++)
        any |= (uint32_t)alike(line->entries[i], now) | (uint32_t)alike(line->entries[i], before);
    return any;
}

/* The entry that the line has for the key; NULL: it has none. */
static uint32_t *entry_in(const struct dedup *dedup, struct dedup_line *line, struct marks marks, struct hash128 hash)
{
    uint32_t now = entry_of(marks.now, hash, 0), before = entry_of(marks.before, hash, 0);
    if (!has_alike(line, now, before))
        return NULL;
    for (int i = 0; i < DEDUP_LINE_ENTRIES; i++) {
        uint32_t entry = line->entries[i];
        if ((alike(entry, now) || alike(entry, before)) && is_key(key_in(dedup, entry), hash))
            return &line->entries[i];
    }
    return NULL;
}

static uint32_t *find_entry(const struct dedup *dedup, struct hash128 hash)
{
    struct marks marks = marks_of(dedup);
    struct dedup_line *line = home_of(dedup, hash);
    uint32_t *entry = entry_in(dedup, line, marks, hash);
    while (!entry && counts(marks, line->passed_on)) {
        line = line_after(dedup, line);
        entry = entry_in(dedup, line, marks, hash);
    }
    return entry;
}

/* Into the first line with room: entries come in order of age, so one is full when its oldest counts. Not all are: see DEDUP_LINES. */
static void add(const struct dedup *dedup, struct hash128 hash, uint32_t number)
{
    struct marks marks = marks_of(dedup);
    struct dedup_line *line = home_of(dedup, hash);
    while (counts(marks, mark_in(line->entries[line->oldest]))) {
        line->passed_on = (uint16_t)marks.now;
        line = line_after(dedup, line);
    }
    line->entries[line->oldest] = entry_of(marks.now, hash, number);
    line->oldest = (uint16_t)((line->oldest + 1) % DEDUP_LINE_ENTRIES);
}

void dedup_init(struct dedup *dedup, uint32_t lines)
{
    uintptr_t size = sizeof(struct dedup_line);
    char *memory = must_zalloc(lines + 1ul, size);
    *dedup = (struct dedup){
        .memory = memory,
        .lines = (struct dedup_line *)(void *)(memory + (-(uintptr_t)memory & (size - 1))),
        .lines_count = lines,
        .keys = must_zalloc(2ul * LIMIT_DEDUP_RECORDS, sizeof *dedup->keys),
    };
}

void dedup_warm(const struct dedup *dedup, struct hash128 hash)
{
    warm(home_of(dedup, hash), 1); /* the line, as it begins where one of the processor's does */
}

lsn_t dedup_find(struct dedup *dedup, struct hash128 hash, name_id principal, struct span key)
{
    dedup->asked = (struct dedup_asked){principal, key, hash, false};
    const uint32_t *entry = find_entry(dedup, hash);
    dedup->asked.is_new = !entry;
    return entry ? generation_in(dedup, *entry) * LIMIT_DEDUP_RECORDS + key_in(dedup, *entry)->place : 0;
}

void dedup_settle(struct dedup *dedup)
{
    dedup->asked = (struct dedup_asked){0};
}

static bool was_asked(const struct dedup *dedup, const struct record *record)
{
    return dedup->asked.principal == dedup_principal(record) && span_equal(dedup->asked.key, record->key);
}

/* The lines that passed it on did so in another generation, perhaps: the new entry begins at its home again. */
static void forget(const struct dedup *dedup, struct hash128 hash)
{
    uint32_t *entry = find_entry(dedup, hash);
    if (entry)
        *entry = 0;
}

/* Takes away what does not have this mark (0: everything), before another that does not count any more is given again. */
static void keep_only(struct dedup *dedup, uint32_t mark)
{
    for (struct dedup_line *line = dedup->lines; line != dedup->lines + dedup->lines_count; line++) {
        for (int i = 0; i < DEDUP_LINE_ENTRIES; i++)
            if (!mark || mark_in(line->entries[i]) != mark)
                line->entries[i] = 0;
        if (line->passed_on != mark)
            line->passed_on = 0;
    }
}

/* Only a restart begins later than with the next. When marks begin anew the last of them still counts: it goes a generation later. */
static void turn_to(struct dedup *dedup, uint64_t number)
{
    bool next = number == dedup->number + 1;
    if (!next || number % DEDUP_MARKS < 2)
        keep_only(dedup, next ? mark_of(dedup->number) : 0);
    dedup->keys_count = 0;
    dedup->number = number;
}

void dedup_remember(struct dedup *dedup, struct hash_key hash_key, const struct record *record)
{
    uint64_t number = generation_of(record->lsn);
    if (number != dedup->number)
        turn_to(dedup, number);
    if (!record->key.size)
        return;
    bool asked = was_asked(dedup, record);
    struct hash128 hash = asked ? dedup->asked.hash : dedup_hash(hash_key, dedup_principal(record), record->key);
    if (!asked || !dedup->asked.is_new)
        forget(dedup, hash);
    dedup->asked.is_new = false;
    ASSERT(dedup->keys_count < LIMIT_DEDUP_RECORDS); /* one of each record, at most */
    keys_of(dedup, number)[dedup->keys_count] = key_of(hash, record->lsn);
    add(dedup, hash, dedup->keys_count++);
}

void dedup_fini(struct dedup *dedup)
{
    free(dedup->memory);
    free(dedup->keys);
}
