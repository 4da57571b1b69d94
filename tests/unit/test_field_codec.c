#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store/field_codec.h"

enum {
    HEADER = 9, /* kind, at_ms */
};

static char filler[70000];

static struct span bytes_of(const struct buffer *buffer)
{
    return (struct span){buffer->data, (uint32_t)buffer->size};
}

static void assert_same_record(const struct record *a, const struct record *b)
{
    assert_int_equal(a->lsn, b->lsn);
    assert_int_equal(a->at_ms, b->at_ms);
    assert_int_equal(a->kind, b->kind);
#define NUMBER(bit, field, type) assert_int_equal(a->field, b->field);
#define BYTES(bit, field) assert_true(span_equal(a->field, b->field));
#include "engine/records.def"
#undef NUMBER
#undef BYTES
}

/* Encodes, decodes, compares, and gives the size of the bytes. */
static size_t record_trip(const struct record *record)
{
    struct buffer buffer = {0};
    struct record back;
    record_encode(&buffer, record);
    assert_int_equal(record_decode(bytes_of(&buffer), record->lsn, &back), STATUS_ok);
    assert_same_record(record, &back);
    size_t size = buffer.size;
    buffer_fini(&buffer);
    return size;
}

static struct record plain(void)
{
    return (struct record){.lsn = 7, .at_ms = 1700000000123, .kind = RECORD_message};
}

static void every_record_field_survives_at_its_extremes(void **state)
{
    (void)state;
    const uint64_t extremes[] = {1, 127, 128, 16383, 16384, INT32_MAX, UINT32_MAX, (uint64_t)INT64_MAX, (uint64_t)INT64_MIN, UINT64_MAX};
    const uint32_t sizes[] = {1, 127, 128, 16384, 65536};
    struct record record;
    for (size_t i = 0; i < sizeof extremes / sizeof *extremes; i++) {
#define NUMBER(bit, field, type)                                                                                                           \
    record = plain();                                                                                                                      \
    record.field = (type)extremes[i];                                                                                                      \
    record_trip(&record);
#define BYTES(bit, field)
#include "engine/records.def"
#undef NUMBER
#undef BYTES
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
#define NUMBER(bit, field, type)
#define BYTES(bit, field)                                                                                                                  \
    record = plain();                                                                                                                      \
    record.field = (struct span){filler, sizes[i]};                                                                                        \
    record_trip(&record);
#include "engine/records.def"
#undef NUMBER
#undef BYTES
    }
    record = plain();
    record.lsn = UINT64_MAX;
    record.at_ms = INT64_MIN;
    record_trip(&record);
}

static struct record full(void)
{
    struct record record = plain();
#define NUMBER(bit, field, type) record.field = (type)(1000 * (bit) + 1);
#define BYTES(bit, field) record.field = (struct span){filler, 3 * (bit)};
#include "engine/records.def"
#undef NUMBER
#undef BYTES
    return record;
}

static void a_record_with_every_field_survives(void **state)
{
    (void)state;
    struct record record = full();
    record_trip(&record);
}

static void absent_fields_take_no_bytes(void **state)
{
    (void)state;
    struct record record = plain();
    size_t bare = record_trip(&record);
    assert_int_equal(bare, HEADER + 1);
    record.prev = 5;
    assert_int_equal(record_trip(&record), bare + 1);
    record.key = span_of("abc");
    assert_int_equal(record_trip(&record), bare + 1 + 1 + 3 + 2);
}

/* The bytes of the format, made by hand from field_codec.h. If they have to change, so has the store's format number. */
static void a_record_has_these_very_bytes(void **state)
{
    (void)state;
    const unsigned char expected[] = {
        0x07,                                           /* reply */
        0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, /* at_ms */
        0x89, 0x90, 0x0c,                               /* bits 0, 3, 11, 16, 17 */
        0xac, 0x02,                                     /* prev */
        0x02,                                           /* epoch */
        0x03,                                           /* time_ms, zigzag */
        0x02, 0x6b, 0x31,                               /* key */
        0x07, 0xc2, 0xbf, 0x71, 0x75, 0xc3, 0xa9, 0x3f, /* text */
    };
    struct record record = {
        .lsn = 0x1122334455667788, .at_ms = 0x0102030405060708, .kind = RECORD_reply, .prev = 300, .epoch = 2, .time_ms = -2};
    record.key = span_of("k1");
    record.text = span_of("¿qué?");
    struct buffer buffer = {0};
    record_encode(&buffer, &record);
    assert_int_equal(buffer.size, sizeof expected);
    assert_memory_equal(buffer.data, expected, sizeof expected);
    buffer_fini(&buffer);
}

static void a_row_has_these_very_bytes(void **state)
{
    (void)state;
    const unsigned char expected[] = {0x03, 0x09, 0x03};
    struct row row = {.kind = ROW_session, .session = {.id = 42, .lsn = 9, .principal = 3}};
    struct buffer buffer = {0};
    row_encode(&buffer, &row);
    assert_int_equal(buffer.size, sizeof expected);
    assert_memory_equal(buffer.data, expected, sizeof expected);
    buffer_fini(&buffer);
}

static void encoding_goes_on_after_what_is_there(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    struct record record = full(), back;
    buffer_append(&buffer, "before", 6);
    record_encode(&buffer, &record);
    struct span bytes = {buffer.data + 6, (uint32_t)buffer.size - 6};
    assert_memory_equal(buffer.data, "before", 6);
    assert_int_equal(record_decode(bytes, record.lsn, &back), STATUS_ok);
    assert_same_record(&record, &back);
    buffer_fini(&buffer);
}

static void every_truncation_of_a_record_is_corrupt(void **state)
{
    (void)state;
    struct record record = full(), back;
    struct buffer buffer = {0};
    record_encode(&buffer, &record);
    for (uint32_t size = 0; size < buffer.size; size++)
        assert_int_equal(record_decode((struct span){buffer.data, size}, record.lsn, &back), STATUS_corrupt);
    buffer_fini(&buffer);
}

static void assert_within(struct span field, const struct buffer *bytes)
{
    if (field.size)
        assert_true(field.data >= bytes->data && field.size <= (size_t)(bytes->data + bytes->size - field.data));
}

/* What is decoded then is something else or nothing; that it is damaged is found out by the store. */
static void no_flipped_bit_leads_beyond_the_bytes(void **state)
{
    (void)state;
    struct record record = full(), back;
    struct buffer buffer = {0};
    record_encode(&buffer, &record);
    for (size_t bit = 0; bit < 8 * buffer.size; bit++) {
        buffer.data[bit / 8] = (char)(buffer.data[bit / 8] ^ 1 << bit % 8);
        if (record_decode(bytes_of(&buffer), record.lsn, &back) == STATUS_ok) {
#define NUMBER(bit, field, type)
#define BYTES(bit, field) assert_within(back.field, &buffer);
#include "engine/records.def"
#undef NUMBER
#undef BYTES
        }
        buffer.data[bit / 8] = (char)(buffer.data[bit / 8] ^ 1 << bit % 8);
    }
    assert_int_equal(record_decode(bytes_of(&buffer), record.lsn, &back), STATUS_ok);
    assert_same_record(&record, &back);
    buffer_fini(&buffer);
}

/* Decodes a record of the given kind and field bytes. */
static enum status decode_forged(char kind, const char *fields, size_t size)
{
    char bytes[64] = {kind};
    struct record out;
    memcpy(bytes + HEADER, fields, size);
    return record_decode((struct span){bytes, (uint32_t)(HEADER + size)}, 1, &out);
}

#define FORGED(kind, fields) decode_forged(kind, fields, sizeof fields - 1)

static void wrong_fields_are_corrupt(void **state)
{
    (void)state;
    assert_int_equal(FORGED(1, "\x01\x05"), STATUS_ok); /* prev = 5 */
    assert_int_equal(FORGED(0, "\x01\x05"), STATUS_corrupt);
    assert_int_equal(FORGED(RECORD_MAX + 1, "\x01\x05"), STATUS_corrupt);
    assert_int_equal(FORGED(1, ""), STATUS_corrupt);
    assert_int_equal(FORGED(1, "\x01"), STATUS_corrupt);                /* no value */
    assert_int_equal(FORGED(1, "\x01\x80"), STATUS_corrupt);            /* half a value */
    assert_int_equal(FORGED(1, "\x01\x00"), STATUS_corrupt);            /* present, but 0 */
    assert_int_equal(FORGED(1, "\x01\x85\x00"), STATUS_corrupt);        /* longer than need be */
    assert_int_equal(FORGED(1, "\x01\x05\x05"), STATUS_corrupt);        /* something follows */
    assert_int_equal(FORGED(1, "\x08\xff\xff\xff\xff\x0f"), STATUS_ok); /* the largest epoch */
    assert_int_equal(FORGED(1, "\x08\x80\x80\x80\x80\x10"), STATUS_corrupt);
    assert_int_equal(FORGED(1, "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), STATUS_ok); /* the largest lsn */
    assert_int_equal(FORGED(1, "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), STATUS_corrupt);
    assert_int_equal(FORGED(1, "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x01"), STATUS_corrupt);
    assert_int_equal(FORGED(1, "\x80\x80\x04\x01k"), STATUS_ok); /* key = k */
    assert_int_equal(FORGED(1, "\x80\x80\x04\x02k"), STATUS_corrupt);
    assert_int_equal(FORGED(1, "\x80\x80\x04\x80\x80\x80\x80\x10k"), STATUS_corrupt);            /* 4 GiB of key */
    assert_int_equal(FORGED(1, "\x80\x80\x80\x20\x01k"), STATUS_ok);                             /* native = k */
    assert_int_equal(FORGED(1, "\x80\x80\x80\x80\x80\x80\x04\x01k"), STATUS_corrupt);            /* a bit without a field */
    assert_int_equal(FORGED(1, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01\x01"), STATUS_corrupt); /* bit 63 */
}

static void assert_same_row(const struct row *a, const struct row *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->gone, b->gone);
    switch (a->kind) {
#define ROW(name)                                                                                                                          \
    case ROW_##name: {                                                                                                                     \
        const struct row_##name *left = &a->name, *right = &b->name;                                                                       \
        assert_int_equal(left->id, right->id);
#define NUMBER(bit, field, type) assert_int_equal(left->field, right->field);
#define BYTES(bit, field) assert_true(span_equal(left->field, right->field));
#define ROW_END(name)                                                                                                                      \
    break;                                                                                                                                 \
    }
#include "engine/rows.def"
#undef ROW
#undef NUMBER
#undef BYTES
#undef ROW_END
    case ROW_KINDS:
        fail();
    }
}

/* A row of the kind with every field set, its numbers to `number`. */
static struct row full_row(enum row_kind kind, uint64_t number)
{
    struct row row = {.kind = kind};
    switch (kind) {
#define ROW(name)                                                                                                                          \
    case ROW_##name: {                                                                                                                     \
        struct row_##name *set = &row.name;                                                                                                \
        set->id = number;
#define NUMBER(bit, field, type) set->field = (type)number;
#define BYTES(bit, field) set->field = (struct span){filler, 100 + (bit)};
#define ROW_END(name)                                                                                                                      \
    break;                                                                                                                                 \
    }
#include "engine/rows.def"
#undef ROW
#undef NUMBER
#undef BYTES
#undef ROW_END
    case ROW_KINDS:
        fail();
    }
    return row;
}

static void every_row_field_survives_at_its_extremes(void **state)
{
    (void)state;
    const uint64_t extremes[] = {0, 1, 128, UINT32_MAX, (uint64_t)INT64_MAX, (uint64_t)INT64_MIN, UINT64_MAX};
    for (unsigned kind = 0; kind < ROW_KINDS; kind++) {
        for (size_t i = 0; i < sizeof extremes / sizeof *extremes; i++) {
            struct row row = full_row((enum row_kind)kind, extremes[i]), back;
            struct buffer buffer = {0};
            row_encode(&buffer, &row);
            assert_int_equal(row_decode(bytes_of(&buffer), row.kind, extremes[i], &back), STATUS_ok);
            assert_same_row(&row, &back);
            buffer_fini(&buffer);
        }
    }
}

static void every_truncation_of_a_row_is_corrupt(void **state)
{
    (void)state;
    struct row row = full_row(ROW_conversation, 77), back;
    struct buffer buffer = {0};
    row_encode(&buffer, &row);
    for (uint32_t size = 0; size < buffer.size; size++)
        assert_int_equal(row_decode((struct span){buffer.data, size}, row.kind, 77, &back), STATUS_corrupt);
    assert_int_equal(row_decode(bytes_of(&buffer), row.kind, 77, &back), STATUS_ok);
    buffer_fini(&buffer);
}

static void keys_sort_as_their_numbers_do(void **state)
{
    (void)state;
    const uint64_t ascending[] = {0, 1, 255, 256, 65536, UINT32_MAX, (uint64_t)INT64_MAX, UINT64_MAX};
    char low[8], high[8];
    for (size_t i = 0; i < sizeof ascending / sizeof *ascending; i++) {
        assert_int_equal(key_u64_value(key_u64(ascending[i], high)), ascending[i]);
        if (i > 0) {
            key_u64(ascending[i - 1], low);
            assert_true(memcmp(low, high, sizeof low) < 0);
        }
    }
    assert_int_equal(key_u64_value(span_of("seven b")), 0);
}

static void pending_keys_sort_by_principal_then_lsn(void **state)
{
    (void)state;
    char first[12], second[12], third[12];
    name_id principal;
    lsn_t lsn;
    key_pending(1, UINT64_MAX, first);
    key_pending(2, 1, second);
    struct span key = key_pending(2, 256, third);
    assert_true(memcmp(first, second, 12) < 0 && memcmp(second, third, 12) < 0);
    assert_true(key_pending_value(key, &principal, &lsn));
    assert_int_equal(principal, 2);
    assert_int_equal(lsn, 256);
    key.size = 11;
    assert_false(key_pending_value(key, &principal, &lsn));
}

int main(void)
{
    for (size_t i = 0; i < sizeof filler; i++)
        filler[i] = (char)(i * 7 + i / 256);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_field_survives_at_its_extremes),
        cmocka_unit_test(a_record_with_every_field_survives),
        cmocka_unit_test(absent_fields_take_no_bytes),
        cmocka_unit_test(a_record_has_these_very_bytes),
        cmocka_unit_test(a_row_has_these_very_bytes),
        cmocka_unit_test(encoding_goes_on_after_what_is_there),
        cmocka_unit_test(every_truncation_of_a_record_is_corrupt),
        cmocka_unit_test(no_flipped_bit_leads_beyond_the_bytes),
        cmocka_unit_test(wrong_fields_are_corrupt),
        cmocka_unit_test(every_row_field_survives_at_its_extremes),
        cmocka_unit_test(every_truncation_of_a_row_is_corrupt),
        cmocka_unit_test(keys_sort_as_their_numbers_do),
        cmocka_unit_test(pending_keys_sort_by_principal_then_lsn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
