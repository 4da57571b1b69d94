/* Random frames, whole and damaged, from one fixed seed. Whatever the decoder accepts, msgpack-c's own unpacker has to read the same way;
 * whatever it refuses, it refuses with a status and without touching a byte outside the frame (every frame lies at the end of its own
 * allocation, which the sanitizers watch). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <msgpack.h>

#include "proto/codec.h"
#include "proto/codec_table.h"
#include "proto/utf8.h"

enum { SEED = 20240229, WHOLE_FRAMES = 3000, DAMAGED_FRAMES = 60000, RANDOM_FRAMES = 60000 };

struct fuzz {
    uint64_t random;
    struct arena arena;   /* what the frame was made of */
    struct arena decoded; /* what it was read into */
    struct buffer bytes;
};

static int setup(void **state)
{
    static struct fuzz fuzz;
    fuzz = (struct fuzz){.random = SEED};
    *state = &fuzz;
    return 0;
}

static int teardown(void **state)
{
    struct fuzz *fuzz = *state;
    arena_fini(&fuzz->arena);
    arena_fini(&fuzz->decoded);
    buffer_fini(&fuzz->bytes);
    return 0;
}

static uint64_t draw(struct fuzz *fuzz)
{
    uint64_t mixed = fuzz->random += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

static uint32_t below(struct fuzz *fuzz, uint32_t bound)
{
    return (uint32_t)(draw(fuzz) % bound);
}

/* --- making frames --- */

/* Numbers near the edges of msgpack's forms, where mistakes live. */
static uint64_t random_number(struct fuzz *fuzz, uint64_t max)
{
    uint64_t number = draw(fuzz) >> below(fuzz, 64);
    if (below(fuzz, 4) == 0)
        number = max;
    return number > max ? number % max : number;
}

static struct span random_text(struct fuzz *fuzz, uint64_t max)
{
    static const char *const pieces[] = {"a", "hola ", "ñ", "çà", "你", "🙂", "\"", "\n", "12345678", ""};
    uint32_t limit = (uint32_t)(max < 300 ? max : below(fuzz, 50) ? 300 : max), size = 0, wanted = below(fuzz, limit + 1);
    char *text = arena_take(&fuzz->arena, limit + 1);
    while (size < wanted) {
        struct span piece = span_of(pieces[below(fuzz, sizeof pieces / sizeof pieces[0])]);
        if (size + piece.size > limit)
            break;
        memcpy(text + size, piece.data, piece.size);
        size += piece.size;
    }
    return (struct span){text, size};
}

static int append(void *buffer, const char *data, size_t size)
{
    buffer_append(buffer, data, size);
    return 0;
}

static void pack_value(struct fuzz *fuzz, msgpack_packer *packer, int depth)
{
    struct span text = random_text(fuzz, 20);
    uint32_t count = below(fuzz, 4);
    switch (below(fuzz, depth ? 9 : 7)) {
    case 0:
        msgpack_pack_nil(packer);
        return;
    case 1:
        msgpack_pack_true(packer);
        return;
    case 2:
        msgpack_pack_uint64(packer, random_number(fuzz, UINT64_MAX));
        return;
    case 3:
        msgpack_pack_int64(packer, -(int64_t)random_number(fuzz, INT64_MAX));
        return;
    case 4:
        msgpack_pack_double(packer, (double)below(fuzz, 1000) / 8);
        return;
    case 5:
        msgpack_pack_str_with_body(packer, text.data, text.size);
        return;
    case 6:
        msgpack_pack_ext_with_body(packer, text.data, text.size, 3);
        return;
    case 7:
        msgpack_pack_array(packer, count);
        while (count-- > 0)
            pack_value(fuzz, packer, depth - 1);
        return;
    default:
        msgpack_pack_map(packer, count);
        for (; count > 0; count--) {
            pack_value(fuzz, packer, 0);
            pack_value(fuzz, packer, depth - 1);
        }
    }
}

static struct span random_raw(struct fuzz *fuzz)
{
    struct buffer bytes = {0};
    msgpack_packer packer;
    msgpack_packer_init(&packer, &bytes, append);
    pack_value(fuzz, &packer, 4);
    char *kept = arena_take(&fuzz->arena, bytes.size);
    memcpy(kept, bytes.data, bytes.size);
    struct span raw = {kept, (uint32_t)bytes.size};
    buffer_fini(&bytes);
    return raw;
}

static void random_map(struct fuzz *fuzz, const struct map_spec *spec, char *map, uint32_t depth);

static void random_list(struct fuzz *fuzz, const struct field_spec *field, char *map, uint32_t depth)
{
    const struct map_spec *child = &codec_maps[field->child];
    uint32_t count = depth ? below(fuzz, depth > 1 && below(fuzz, 8) == 0 ? 40 : 4) : 0;
    if (count > field->max)
        count = (uint32_t)field->max;
    char *items = arena_take(&fuzz->arena, (size_t)count * child->size + 1);
    for (uint32_t i = 0; i < count; i++)
        random_map(fuzz, child, items + (size_t)i * child->size, depth - 1);
    memcpy(map + field->at, &items, sizeof items);
    memcpy(map + field->at + offsetof(struct list_value, count), &count, sizeof count);
}

static void random_field(struct fuzz *fuzz, const struct field_spec *field, char *map, uint32_t depth)
{
    uint64_t number;
    struct span bytes;
    switch ((enum field_type)field->type) {
    case FIELD_none:
        return;
    case FIELD_uint:
        number = random_number(fuzz, field->max);
        memcpy(map + field->at, &number, sizeof number);
        return;
    case FIELD_text:
    case FIELD_raw:
        bytes = field->type == FIELD_text ? random_text(fuzz, field->max) : random_raw(fuzz);
        memcpy(map + field->at, &bytes, sizeof bytes);
        return;
    case FIELD_list:
        random_list(fuzz, field, map, depth);
        return;
    }
}

static void random_map(struct fuzz *fuzz, const struct map_spec *spec, char *map, uint32_t depth)
{
    for (uint32_t key = 1; key < spec->keys; key++)
        if (below(fuzz, 3) > 0)
            random_field(fuzz, &spec->fields[key], map, depth);
}

/* Leaves the bytes of a valid frame in fuzz->bytes. */
static void random_frame(struct fuzz *fuzz)
{
    struct frame frame = {0};
    uint32_t verb;
    do
        verb = below(fuzz, CODEC_VERBS);
    while (!codec_verbs[verb].name);
    frame.verb = (enum verb)verb;
    arena_clear(&fuzz->arena);
    random_map(fuzz, &codec_maps[codec_verbs[verb].map], (char *)&frame.hello, 3);
    buffer_clear(&fuzz->bytes);
    codec_encode(&fuzz->bytes, &frame);
}

/* --- comparing with msgpack-c --- */

static void assert_same_bytes(const struct buffer *a, const struct buffer *b)
{
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a->data, b->data, a->size);
}

/* Raw values are compared as msgpack-c writes them again, so that a NaN equals itself. */
static void assert_same_raw(const msgpack_object *value, struct span raw)
{
    struct buffer expected = {0}, actual = {0};
    msgpack_packer packer;
    msgpack_unpacked unpacked;
    size_t offset = 0;
    msgpack_unpacked_init(&unpacked);
    assert_int_equal(msgpack_unpack_next(&unpacked, raw.data, raw.size, &offset), MSGPACK_UNPACK_SUCCESS);
    assert_int_equal(offset, raw.size);
    msgpack_packer_init(&packer, &expected, append);
    msgpack_pack_object(&packer, *value);
    msgpack_packer_init(&packer, &actual, append);
    msgpack_pack_object(&packer, unpacked.data);
    assert_same_bytes(&expected, &actual);
    msgpack_unpacked_destroy(&unpacked);
    buffer_fini(&expected);
    buffer_fini(&actual);
}

static void assert_same_map(const msgpack_object *value, const struct map_spec *spec, const char *map);

static void assert_same_field(const msgpack_object *value, const struct field_spec *field, const char *map)
{
    uint64_t number;
    struct span bytes;
    struct list_value list;
    switch ((enum field_type)field->type) {
    case FIELD_none:
        return;
    case FIELD_uint:
        memcpy(&number, map + field->at, sizeof number);
        assert_int_equal(value->type, MSGPACK_OBJECT_POSITIVE_INTEGER);
        assert_true(value->via.u64 == number && number <= field->max);
        return;
    case FIELD_text:
        memcpy(&bytes, map + field->at, sizeof bytes);
        assert_int_equal(value->type, MSGPACK_OBJECT_STR);
        assert_true(span_equal((struct span){value->via.str.ptr, value->via.str.size}, bytes) && bytes.size <= field->max);
        return;
    case FIELD_raw:
        memcpy(&bytes, map + field->at, sizeof bytes);
        assert_same_raw(value, bytes);
        return;
    case FIELD_list:
        list = codec_list_value(field, map);
        assert_int_equal(value->type, MSGPACK_OBJECT_ARRAY);
        assert_int_equal(value->via.array.size, list.count);
        for (uint32_t i = 0; i < list.count; i++)
            assert_same_map(&value->via.array.ptr[i], &codec_maps[field->child], list.items + (size_t)i * codec_maps[field->child].size);
        return;
    }
}

static void assert_same_map(const msgpack_object *value, const struct map_spec *spec, const char *map)
{
    uint64_t given = 0;
    assert_int_equal(value->type, MSGPACK_OBJECT_MAP);
    for (uint32_t i = 0; i < value->via.map.size; i++) {
        const msgpack_object_kv *pair = &value->via.map.ptr[i];
        assert_int_equal(pair->key.type, MSGPACK_OBJECT_POSITIVE_INTEGER);
        if (pair->key.via.u64 >= spec->keys)
            continue;
        assert_false(given >> pair->key.via.u64 & 1);
        given |= UINT64_C(1) << pair->key.via.u64;
        assert_same_field(&pair->val, &spec->fields[pair->key.via.u64], map);
    }
    assert_int_equal(spec->required & ~given, 0);
    assert_int_equal(spec->present(map) & ~given, 0);
}

static void assert_msgpack_reads_the_same(struct span bytes, const struct frame *frame)
{
    msgpack_unpacked unpacked;
    size_t offset = 0;
    msgpack_unpacked_init(&unpacked);
    assert_int_equal(msgpack_unpack_next(&unpacked, bytes.data, bytes.size, &offset), MSGPACK_UNPACK_SUCCESS);
    assert_int_equal(offset, bytes.size);
    assert_int_equal(unpacked.data.via.map.ptr[0].key.via.u64, 0);
    assert_int_equal(unpacked.data.via.map.ptr[0].val.via.u64, frame->verb);
    assert_same_map(&unpacked.data, &codec_maps[codec_verbs[frame->verb].map], (const char *)&frame->hello);
    msgpack_unpacked_destroy(&unpacked);
}

/* --- judging --- */

/* What was read and is written again reads the same: the second writing equals the first. */
static void assert_settles(struct fuzz *fuzz, const struct frame *frame)
{
    struct buffer once = {0}, twice = {0};
    struct frame again;
    struct codec_error error;
    codec_encode(&once, frame);
    assert_int_equal(codec_decode((struct span){once.data, (uint32_t)once.size}, &fuzz->decoded, &again, &error), STATUS_ok);
    codec_encode(&twice, &again);
    assert_same_bytes(&once, &twice);
    buffer_fini(&once);
    buffer_fini(&twice);
}

static enum status judge(struct fuzz *fuzz, const void *data, size_t size)
{
    char *exact = malloc(size ? size : 1);
    assert_non_null(exact);
    if (size > 0)
        memcpy(exact, data, size);
    struct span bytes = {exact, (uint32_t)size};
    struct frame frame;
    struct codec_error error;
    struct buffer line = {0};
    enum status status = codec_decode(bytes, &fuzz->decoded, &frame, &error);
    if (status == STATUS_ok) {
        assert_msgpack_reads_the_same(bytes, &frame);
        assert_settles(fuzz, &frame);
    } else {
        assert_true(status <= STATUS_duplicate_field && error.detail[0]);
        assert_non_null(memchr(error.detail, 0, sizeof error.detail));
    }
    codec_text_bytes(&line, bytes);
    assert_true(utf8_valid((struct span){line.data, (uint32_t)line.size}));
    buffer_fini(&line);
    arena_clear(&fuzz->decoded);
    free(exact);
    return status;
}

/* --- damage --- */

static void flip(struct fuzz *fuzz, char *bytes, size_t size)
{
    static const unsigned char telling[] = {0x00, 0x01, 0x7f, 0x80, 0x8f, 0x90, 0x91, 0x9f, 0xa0, 0xbf, 0xc0,
                                            0xc1, 0xc2, 0xc4, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcc, 0xcf, 0xd0,
                                            0xd3, 0xd4, 0xd8, 0xd9, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xff};
    uint32_t at = below(fuzz, (uint32_t)size);
    bytes[at] = (char)(below(fuzz, 2) ? telling[below(fuzz, sizeof telling)] : below(fuzz, 256));
}

/* Copies a run of the bytes over another place, so that fields and keys appear where they do not belong. */
static void smear(struct fuzz *fuzz, char *bytes, size_t size)
{
    uint32_t from = below(fuzz, (uint32_t)size), to = below(fuzz, (uint32_t)size), run = below(fuzz, 20);
    uint32_t room = (uint32_t)size - (from > to ? from : to);
    memmove(bytes + to, bytes + from, run < room ? run : room);
}

static void damage(struct fuzz *fuzz)
{
    struct buffer *bytes = &fuzz->bytes;
    for (uint32_t hits = 1 + below(fuzz, 3); hits > 0 && bytes->size > 0; hits--) {
        switch (below(fuzz, 5)) {
        case 0:
            bytes->size = below(fuzz, (uint32_t)bytes->size);
            break;
        case 1:
            buffer_append(bytes, "\x01", 1);
            break;
        case 2:
            smear(fuzz, bytes->data, bytes->size);
            break;
        default:
            flip(fuzz, bytes->data, bytes->size);
        }
    }
}

/* --- tests --- */

static void every_frame_written_is_read_as_it_was(void **state)
{
    struct fuzz *fuzz = *state;
    for (int i = 0; i < WHOLE_FRAMES; i++) {
        random_frame(fuzz);
        struct frame frame;
        struct codec_error error;
        struct buffer again = {0};
        assert_int_equal(judge(fuzz, fuzz->bytes.data, fuzz->bytes.size), STATUS_ok);
        assert_int_equal(codec_decode((struct span){fuzz->bytes.data, (uint32_t)fuzz->bytes.size}, &fuzz->decoded, &frame, &error),
                         STATUS_ok);
        codec_encode(&again, &frame);
        assert_same_bytes(&again, &fuzz->bytes);
        buffer_fini(&again);
        arena_clear(&fuzz->decoded);
    }
}

static void no_beginning_of_a_frame_is_a_frame(void **state)
{
    struct fuzz *fuzz = *state;
    for (int i = 0; i < 60; i++) {
        random_frame(fuzz);
        size_t step = 1 + fuzz->bytes.size / 200;
        for (size_t size = 0; size < fuzz->bytes.size; size += step)
            assert_int_equal(judge(fuzz, fuzz->bytes.data, size), STATUS_bad_frame);
    }
}

static void a_damaged_frame_is_refused_or_read_as_msgpack_reads_it(void **state)
{
    struct fuzz *fuzz = *state;
    int outcomes[STATUS_duplicate_field + 1] = {0};
    for (int i = 0; i < DAMAGED_FRAMES; i++) {
        random_frame(fuzz);
        damage(fuzz);
        outcomes[judge(fuzz, fuzz->bytes.data, fuzz->bytes.size)]++;
    }
    /* A fuzzer that never gets past the first check tests nothing. */
    assert_true(outcomes[STATUS_ok] > 100 && outcomes[STATUS_bad_frame] > 100 && outcomes[STATUS_bad_field] > 100);
    assert_true(outcomes[STATUS_missing_field] > 10 && outcomes[STATUS_duplicate_field] > 10 && outcomes[STATUS_unknown_verb] > 0);
}

static void random_bytes_are_refused_or_read_as_msgpack_reads_them(void **state)
{
    struct fuzz *fuzz = *state;
    unsigned char bytes[64];
    for (int i = 0; i < RANDOM_FRAMES; i++) {
        uint32_t size = below(fuzz, sizeof bytes + 1);
        for (uint32_t j = 0; j < size; j++)
            bytes[j] = (unsigned char)(below(fuzz, 3) ? below(fuzz, 24) : draw(fuzz));
        if (size > 2 && below(fuzz, 2)) {
            bytes[0] = (unsigned char)(0x80 + below(fuzz, 8));
            bytes[1] = 0;
            bytes[2] = (unsigned char)below(fuzz, 16);
        }
        judge(fuzz, bytes, size);
    }
}

/* Puts `size` bytes where the value of a skipped key, of a field and of a raw field would be. */
static void judge_everywhere(struct fuzz *fuzz, const char *bomb, size_t size)
{
    static const struct span places[] = {{"", 0},
                                         {"\x83\x00\x07\x01\x05\x63", 6},
                                         {"\x83\x00\x03\x01\x07\x02", 6},
                                         {"\x83\x00\x03\x01\x07\x02\x91\x83\x01\x01\x02\xa1k\x14", 14}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        buffer_clear(&fuzz->bytes);
        buffer_append(&fuzz->bytes, places[i].data, places[i].size);
        buffer_append(&fuzz->bytes, bomb, size);
        assert_int_not_equal(judge(fuzz, fuzz->bytes.data, fuzz->bytes.size), STATUS_ok);
    }
}

static void bombs_go_off_without_harm(void **state)
{
    static const unsigned char heads[] = {0xdd, 0xdf, 0xdb, 0xc6, 0xc9, 0xdc, 0xde, 0xda, 0xc5, 0xc8};
    struct fuzz *fuzz = *state;
    char bytes[4096];
    for (size_t i = 0; i < sizeof heads; i++) {
        memset(bytes, 0xff, sizeof bytes);
        bytes[0] = (char)heads[i];
        judge_everywhere(fuzz, bytes, 5);
        judge_everywhere(fuzz, bytes, 20);
        memset(bytes, 0, 5);
        bytes[0] = (char)heads[i];
        bytes[2] = 0x7f;
        judge_everywhere(fuzz, bytes, sizeof bytes);
    }
    for (size_t depth = 8; depth <= sizeof bytes; depth *= 2) {
        memset(bytes, 0x91, depth);
        judge_everywhere(fuzz, bytes, depth);
        memset(bytes, 0x81, depth);
        judge_everywhere(fuzz, bytes, depth);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_frame_written_is_read_as_it_was),
        TEST(no_beginning_of_a_frame_is_a_frame),
        TEST(a_damaged_frame_is_refused_or_read_as_msgpack_reads_it),
        TEST(random_bytes_are_refused_or_read_as_msgpack_reads_them),
        TEST(bombs_go_off_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
