#include "bench/parts/hot_frames.h"

#include <stdlib.h>

#include "base/check.h"
#include "bench/load/stamp.h"
#include "proto/codec.h"
#include "proto/codec_table.h"
#include "store/field_codec.h"

enum { KEY_BYTES = 14, ADDRESS_BYTES = 9, FIRST_LSN = 5000000, NOW_S = 1700000000 };

#define SESSION UINT64_C(123456)

/* What is different in each message is; the rest of the body is filling. */
static struct span text_make(struct arena *arena, uint64_t index, uint64_t size)
{
    char *text = arena_take(arena, size);
    memset(text, '.', size);
    stamp_write(text, &(struct stamp){1, (uint32_t)index, 1, (uint32_t)index, index});
    return (struct span){text, (uint32_t)size};
}

static struct span digits_make(struct arena *arena, uint64_t index, uint32_t size)
{
    char *digits = arena_take(arena, size);
    stamp_digits(digits, index, size);
    return (struct span){digits, size};
}

static void submit_fill(struct hot_frames *hot, const struct hot_size *size)
{
    struct wire_change *changes = arena_take(&hot->arena, size->batch * sizeof *changes);
    for (uint64_t i = 0; i < size->batch; i++)
        changes[i] = (struct wire_change){.kind = CHANGE_message,
                                          .key = digits_make(&hot->arena, i, KEY_BYTES),
                                          .address = digits_make(&hot->arena, i, ADDRESS_BYTES),
                                          .text = text_make(&hot->arena, i, size->body_bytes)};
    hot->frames[HOT_submit] =
        (struct frame){.verb = VERB_submit, .submit = {.session = SESSION, .changes = changes, .changes_count = (uint32_t)size->batch}};
}

static void submitted_fill(struct hot_frames *hot, const struct hot_size *size)
{
    struct wire_result *results = arena_take(&hot->arena, size->batch * sizeof *results);
    for (uint64_t i = 0; i < size->batch; i++)
        results[i] = (struct wire_result){.status = STATUS_ok, .conversation = i + 1, .sequence = 100, .epoch = 1, .lsn = FIRST_LSN + i};
    hot->frames[HOT_submitted] =
        (struct frame){.verb = VERB_submitted, .submitted = {.results = results, .results_count = (uint32_t)size->batch}};
}

static void fetched_fill(struct hot_frames *hot, const struct hot_size *size)
{
    struct wire_record *records = arena_take(&hot->arena, size->deliveries * sizeof *records);
    for (uint64_t i = 0; i < size->deliveries; i++)
        records[i] = (struct wire_record){.kind = RECORD_message,
                                          .lsn = FIRST_LSN + i,
                                          .at_ms = NOW_S * UINT64_C(1000) + i,
                                          .conversation = i + 1,
                                          .sequence = 100,
                                          .key = digits_make(&hot->arena, i, KEY_BYTES),
                                          .account = span_of("bench-connector-1"),
                                          .text = text_make(&hot->arena, i, size->body_bytes)};
    hot->frames[HOT_fetched] = (struct frame){
        .verb = VERB_fetched,
        .fetched = {.cursor = FIRST_LSN + size->deliveries, .deliveries = records, .deliveries_count = (uint32_t)size->deliveries}};
}

static void records_fill(struct hot_frames *hot, const struct hot_size *size)
{
    hot->records = arena_take(&hot->arena, size->batch * sizeof *hot->records);
    hot->decoded_records = arena_take(&hot->arena, size->batch * sizeof *hot->decoded_records);
    hot->sizes = arena_take(&hot->arena, size->batch * sizeof *hot->sizes);
    for (uint64_t i = 0; i < size->batch; i++)
        hot->records[i] = (struct record){.kind = RECORD_message,
                                          .lsn = FIRST_LSN + i,
                                          .at_ms = NOW_S * INT64_C(1000) + (int64_t)i,
                                          .prev = FIRST_LSN + i - size->batch,
                                          .conversation = i + 1,
                                          .sequence = 100,
                                          .account = 3,
                                          .target = 7,
                                          .key = digits_make(&hot->arena, i, KEY_BYTES),
                                          .text = text_make(&hot->arena, i, size->body_bytes)};
}

void hot_init(struct hot_frames *hot, const struct hot_size *size)
{
    *hot = (struct hot_frames){.counts = {size->batch, size->batch, size->deliveries, size->batch}};
    submit_fill(hot, size);
    submitted_fill(hot, size);
    fetched_fill(hot, size);
    records_fill(hot, size);
}

const char *hot_name(enum hot_kind kind)
{
    static const char *const names[HOT_KINDS] = {"submit", "submitted", "fetched", "record"};
    return names[kind];
}

static void submit_encode(const struct wire_submit *submit, struct buffer *out)
{
    struct frame head = {.verb = VERB_submit, .submit = {.session = submit->session}};
    struct codec_list list = codec_begin(out, &head);
    for (uint32_t i = 0; i < submit->changes_count; i++)
        codec_change(&list, &submit->changes[i]);
    codec_end(&list);
}

static void submitted_encode(const struct wire_submitted *submitted, struct buffer *out)
{
    struct frame head = {.verb = VERB_submitted};
    struct codec_list list = codec_begin(out, &head);
    for (uint32_t i = 0; i < submitted->results_count; i++)
        codec_result(&list, &submitted->results[i]);
    codec_end(&list);
}

static void fetched_encode(const struct wire_fetched *fetched, struct buffer *out)
{
    struct frame head = {.verb = VERB_fetched, .fetched = {.cursor = fetched->cursor}};
    struct codec_list list = codec_begin(out, &head);
    for (uint32_t i = 0; i < fetched->deliveries_count; i++)
        codec_record(&list, &fetched->deliveries[i]);
    codec_end(&list);
}

static void records_encode(struct hot_frames *hot, struct buffer *out)
{
    for (uint64_t i = 0; i < hot->counts[HOT_record]; i++) {
        size_t before = out->size;
        record_encode(out, &hot->records[i]);
        hot->sizes[i] = (uint32_t)(out->size - before);
    }
}

void hot_encode(struct hot_frames *hot, enum hot_kind kind, struct buffer *out)
{
    switch (kind) {
    case HOT_submit:
        submit_encode(&hot->frames[kind].submit, out);
        break;
    case HOT_submitted:
        submitted_encode(&hot->frames[kind].submitted, out);
        break;
    case HOT_fetched:
        fetched_encode(&hot->frames[kind].fetched, out);
        break;
    case HOT_record:
        records_encode(hot, out);
        break;
    case HOT_KINDS:
        break;
    }
}

bool hot_decode(struct hot_frames *hot, enum hot_kind kind, struct span bytes)
{
    struct codec_error error;
    arena_clear(&hot->decoded_arena);
    if (kind != HOT_record)
        return codec_decode(bytes, &hot->decoded_arena, &hot->decoded, &error) == STATUS_ok;
    for (uint64_t i = 0; i < hot->counts[HOT_record]; i++) {
        struct span one = {bytes.data, hot->sizes[i]};
        if (one.size > bytes.size || record_decode(one, FIRST_LSN + i, &hot->decoded_records[i]) != STATUS_ok)
            return false;
        bytes = (struct span){bytes.data + one.size, bytes.size - one.size};
    }
    return bytes.size == 0;
}

static bool maps_equal(enum map_id id, const char *a, const char *b);

static bool fields_equal(const struct field_spec *field, const char *a, const char *b)
{
    switch ((enum field_type)field->type) {
    case FIELD_none:
        return true;
    case FIELD_uint:
        return memcmp(a + field->at, b + field->at, sizeof(uint64_t)) == 0;
    case FIELD_text:
    case FIELD_raw:
        return span_equal(*(const struct span *)(const void *)(a + field->at), *(const struct span *)(const void *)(b + field->at));
    case FIELD_list:
        break;
    }
    struct list_value these = codec_list_value(field, a), those = codec_list_value(field, b);
    uint32_t size = codec_maps[field->child].size, same = 0;
    while (same < these.count && same < those.count &&
           maps_equal((enum map_id)field->child, these.items + (size_t)same * size, those.items + (size_t)same * size))
        same++;
    return same == these.count && same == those.count;
}

static bool maps_equal(enum map_id id, const char *a, const char *b)
{
    for (uint32_t key = 0; key < codec_maps[id].keys; key++)
        if (!fields_equal(&codec_maps[id].fields[key], a, b))
            return false;
    return true;
}

static bool records_equal(const struct record *a, const struct record *b)
{
    bool equal = a->lsn == b->lsn && a->at_ms == b->at_ms && a->kind == b->kind;
#define NUMBER(bit, field, type) equal = equal && a->field == b->field;
#define BYTES(bit, field) equal = equal && span_equal(a->field, b->field);
#include "engine/records.def"
#undef NUMBER
#undef BYTES
    return equal;
}

bool hot_same(const struct hot_frames *hot, enum hot_kind kind)
{
    if (kind != HOT_record) {
        const struct frame *encoded = &hot->frames[kind];
        return hot->decoded.verb == encoded->verb &&
               maps_equal(codec_verbs[encoded->verb].map, (const char *)&encoded->submit, (const char *)&hot->decoded.submit);
    }
    for (uint64_t i = 0; i < hot->counts[HOT_record]; i++)
        if (!records_equal(&hot->records[i], &hot->decoded_records[i]))
            return false;
    return true;
}

void hot_fini(struct hot_frames *hot)
{
    arena_fini(&hot->arena);
    arena_fini(&hot->decoded_arena);
}
