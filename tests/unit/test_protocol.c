/* PROTOCOL.md against the code: its examples, its field tables, its words, statuses and commands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/change.h"
#include "proto/codec.h"
#include "proto/codec_table.h"

struct page {
    char *text;
    struct buffer bytes, line, again, row;
    struct arena arena;
};

static int setup(void **state)
{
    static struct page page;
    FILE *file = fopen(PROTOCOL_MD, "r");
    if (!file)
        return -1;
    page = (struct page){0};
    struct buffer text = {0};
    size_t size;
    while ((size = fread(buffer_reserve(&text, 4096), 1, 4096, file)) > 0)
        text.size += size;
    fclose(file);
    buffer_append(&text, "", 1);
    page.text = text.data;
    *state = &page;
    return 0;
}

static int teardown(void **state)
{
    struct page *page = *state;
    free(page->text);
    buffer_fini(&page->bytes);
    buffer_fini(&page->line);
    buffer_fini(&page->again);
    buffer_fini(&page->row);
    arena_fini(&page->arena);
    return 0;
}

/* --- examples --- */

struct example {
    struct span line, hex;
};

/* The next block of the language `frame` behind *at. */
static bool next_example(const char **at, struct example *out)
{
    static const char opening[] = "```frame\n";
    const char *begin = strstr(*at, opening);
    if (!begin)
        return false;
    begin += strlen(opening);
    const char *line_end = strchr(begin, '\n'), *end = strstr(begin, "```\n");
    assert_true(line_end && end && line_end < end);
    out->line = (struct span){begin, (uint32_t)(line_end - begin)};
    out->hex = (struct span){line_end + 1, (uint32_t)(end - line_end - 1)};
    *at = end;
    return true;
}

static struct span bytes_of_hex(struct page *page, struct span hex)
{
    buffer_clear(&page->bytes);
    for (uint32_t i = 0; i + 1 < hex.size; i += 3) {
        char digits[3] = {hex.data[i], hex.data[i + 1], 0}, *end;
        char byte = (char)strtoul(digits, &end, 16);
        assert_ptr_equal(end, digits + 2);
        buffer_append(&page->bytes, &byte, 1);
    }
    return (struct span){page->bytes.data, (uint32_t)page->bytes.size};
}

static void assert_same(const struct buffer *actual, struct span expected)
{
    assert_int_equal(actual->size, expected.size);
    assert_memory_equal(actual->data, expected.data, expected.size);
}

static void every_example_reads_as_its_line_and_is_written_again_byte_for_byte(void **state)
{
    struct page *page = *state;
    struct example example;
    bool shown[CODEC_VERBS] = {false};
    for (const char *at = page->text; next_example(&at, &example);) {
        struct span bytes = bytes_of_hex(page, example.hex);
        struct frame frame;
        struct codec_error error;
        buffer_clear(&page->line);
        buffer_clear(&page->again);
        codec_text_bytes(&page->line, bytes);
        assert_same(&page->line, example.line);
        assert_int_equal(codec_decode(bytes, &page->arena, &frame, &error), STATUS_ok);
        codec_encode(&page->again, &frame);
        assert_same(&page->again, bytes);
        shown[frame.verb] = true;
    }
    for (uint32_t verb = 0; verb < CODEC_VERBS; verb++)
        assert_int_equal(shown[verb], codec_verbs[verb].name != NULL);
}

/* --- commands --- */

/* What printf writes for a quoted format without directives. */
static struct span bytes_of_printf(struct page *page, const char *at)
{
    buffer_clear(&page->line);
    while (*at != '\'') {
        char byte = *at++;
        if (byte == '\\') {
            char digits[4] = {at[0], at[1], at[2], 0}, *end;
            byte = (char)strtoul(digits, &end, 8);
            assert_ptr_equal(end, digits + 3);
            at += 3;
        }
        assert_int_not_equal(byte, '%');
        buffer_append(&page->line, &byte, 1);
    }
    return (struct span){page->line.data, (uint32_t)page->line.size};
}

static void the_commands_send_the_first_hello_and_the_first_submit(void **state)
{
    static const char *const lines[] = {"```frame\nhello ", "```frame\nsubmit "};
    struct page *page = *state;
    const char *at = page->text;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct example example;
        const char *first = strstr(page->text, lines[i]);
        assert_non_null(first);
        assert_true(next_example(&first, &example));
        at = strstr(at, "printf '");
        assert_non_null(at);
        at += strlen("printf '");
        bytes_of_hex(page, example.hex);
        assert_same(&page->bytes, bytes_of_printf(page, at));
    }
}

/* --- tables --- */

static const char *limit_text(const struct field_spec *field, char out[48])
{
    const char *unit = field->type == FIELD_uint ? "" : field->type == FIELD_list ? " items" : " bytes";
    if (field->max == UINT64_MAX)
        return "2^64-1";
    if (field->max == INT64_MAX)
        return "2^63-1";
    if (field->max == UINT32_MAX)
        return "2^32-1";
    snprintf(out, 48, "%llu%s", (unsigned long long)field->max, unit);
    return out;
}

static const char *type_text(const struct field_spec *field, char out[48])
{
    switch ((enum field_type)field->type) {
    case FIELD_none:
        break;
    case FIELD_uint:
        return "uint";
    case FIELD_text:
        return "text";
    case FIELD_raw:
        return "raw";
    case FIELD_list:
        snprintf(out, 48, "list of %s", codec_maps[field->child].name);
        return out;
    }
    return "";
}

/* Expects a row that begins so, and goes to the next one. */
static void take_row(const char **at, const char *row)
{
    struct span begin = {*at, (uint32_t)strlen(row)};
    if (strncmp(*at, row, begin.size) != 0)
        fail_msg("PROTOCOL.md says\n%.*s\nand the code\n%s", (int)strcspn(*at, "\n"), *at, row);
    *at += strcspn(*at, "\n") + 1;
}

static const char *find(const char *at, const char *heading)
{
    const char *found = strstr(at, heading);
    if (!found)
        fail_msg("PROTOCOL.md lacks: %s", heading);
    return found + strlen(heading);
}

static void every_map_has_its_table_of_fields(void **state)
{
    struct page *page = *state;
    for (uint32_t id = 0; id < MAP_COUNT; id++) {
        const struct map_spec *spec = &codec_maps[id];
        char row[256], type[48], limit[48];
        snprintf(row, sizeof row, "\n### %s\n", spec->name);
        const char *at = find(find(page->text, row), "|---|---|---|---|---|---|\n");
        for (uint32_t key = 1; key < spec->keys; key++) {
            const struct field_spec *field = &spec->fields[key];
            snprintf(row, sizeof row, "| %u | %s | %s | %s | %s |", key, field->name, type_text(field, type),
                     field->required ? "required" : "optional", limit_text(field, limit));
            take_row(&at, row);
        }
        assert_int_equal(*at, '\n');
    }
}

static void every_verb_has_its_number_and_its_reply(void **state)
{
    struct page *page = *state;
    for (uint32_t verb = 0; verb < CODEC_VERBS; verb++) {
        const struct verb_spec *spec = &codec_verbs[verb];
        char line[128];
        if (!spec->name)
            continue;
        if (spec->reply == (enum verb)verb)
            snprintf(line, sizeof line, "\n### %s\n\nVerb %u.", spec->name, verb);
        else
            snprintf(line, sizeof line, "\n### %s\n\nVerb %u, answered by `%s`.", spec->name, verb, codec_verbs[spec->reply].name);
        find(page->text, line);
    }
}

static void every_status_of_the_wire_has_its_row(void **state)
{
    struct page *page = *state;
    const char *at = find(page->text, "| number | status | meaning |\n|---|---|---|\n");
#define STATUS(number, name, text)                                                                                                         \
    if (number < 100)                                                                                                                      \
        take_row(&at, "| " #number " | " #name " | " text " |\n");
#include "proto/status.def"
#undef STATUS
    assert_int_equal(*at, 0);
}

static void add_word(struct page *page, unsigned number, const char *name)
{
    char word[64];
    int size = snprintf(word, sizeof word, "%s%u %s", page->row.size ? ", " : "", number, name);
    buffer_append(&page->row, word, (size_t)size);
}

static void take_words(struct page *page, const char **at, const char *vocabulary)
{
    char row[1024];
    snprintf(row, sizeof row, "| %s | %.*s |\n", vocabulary, (int)page->row.size, page->row.data);
    take_row(at, row);
    buffer_clear(&page->row);
}

static void every_vocabulary_has_its_row(void **state)
{
    struct page *page = *state;
    const char *at = find(page->text, "| vocabulary | words |\n|---|---|\n");
#define ROLE(number, name) add_word(page, number, #name);
#include "proto/words.def"
    take_words(page, &at, "role");
#define CHANGE(number, name) add_word(page, number, #name);
#include "proto/words.def"
    take_words(page, &at, "kind of change");
#define RECORD(number, name) add_word(page, number, #name);
#include "proto/words.def"
    take_words(page, &at, "kind of record");
#define PRIORITY(number, name) add_word(page, number, #name);
#include "proto/words.def"
    take_words(page, &at, "priority");
#define RECEIPT(number, name) add_word(page, number, #name);
#include "proto/words.def"
    take_words(page, &at, "receipt state");
#define SUBSTATE(number, name) add_word(page, number, #name);
#include "proto/words.def"
    take_words(page, &at, "conversation state");
#define AGENT_KIND(number, name) add_word(page, number, #name);
#include "proto/words.def"
    take_words(page, &at, "agent kind");
#define AGENT_STATE(number, name) add_word(page, number, #name);
#include "proto/words.def"
    take_words(page, &at, "agent state");
#define CAUSE(number, name) add_word(page, number, #name);
#include "proto/words.def"
    take_words(page, &at, "cause");
#define DEADLINE(number, name) add_word(page, number, #name);
#include "proto/words.def"
    take_words(page, &at, "deadline");
#define TIE(number, name) add_word(page, number, #name);
#include "proto/words.def"
    take_words(page, &at, "tie");
#define NEXT(number, name) add_word(page, number, #name);
#include "proto/words.def"
    take_words(page, &at, "next");
#define VERDICT(number, name) add_word(page, number, #name);
#include "proto/words.def"
    take_words(page, &at, "verdict");
}

static void every_kind_of_change_has_its_role(void **state)
{
    struct page *page = *state;
    const char *at = find(page->text, "| kind | role | needs | may have |\n|---|---|---|---|\n");
    char row[64];
#define CHANGE(number, name)                                                                                                               \
    snprintf(row, sizeof row, "| %s | %s |", #name, role_word((uint32_t)change_role(CHANGE_##name)));                                      \
    take_row(&at, row);
#include "proto/words.def"
    assert_int_equal(*at, '\n');
}

static void every_verdict_has_its_meaning(void **state)
{
    struct page *page = *state;
    const char *at = find(page->text, "| verdict | the agent |\n|---|---|\n");
#define VERDICT(number, name) take_row(&at, "| " #name " | ");
#include "proto/words.def"
    assert_int_equal(*at, '\n');
}

/* Either it travels and says with which fields, or the page says that it does not. */
static void every_kind_of_record_is_told(void **state)
{
    struct page *page = *state;
    const char *records = find(page->text, "| kind | what happened | fields |\n|---|---|---|"), *end = find(records, "\n## Words");
#define RECORD(number, name)                                                                                                               \
    if (!strstr(records, "\n| " #name " | "))                                                                                              \
        assert_true(find(records, "`" #name "`") < end);
#include "proto/words.def"
}

static void every_kind_of_change_has_an_example(void **state)
{
    struct page *page = *state;
#define CHANGE(number, name) find(page->text, "{kind=" #name " key=");
#include "proto/words.def"
}

static void the_limits_are_those_of_the_code(void **state)
{
    struct page *page = *state;
    const char *at = find(page->text, "| what | limit |\n|---|---|\n");
    char rows[6][96];
    snprintf(rows[0], sizeof rows[0], "| a frame | %d bytes, nested at most %d deep |", WIRE_FRAME_MAX, WIRE_DEPTH_MAX);
    snprintf(rows[1], sizeof rows[1], "| a raw value | %d bytes, nested at most %d deep |", WIRE_NATIVE_MAX, WIRE_RAW_DEPTH_MAX);
    snprintf(rows[2], sizeof rows[2], "| text of a message | %d bytes", WIRE_BODY_MAX);
    snprintf(rows[3], sizeof rows[3], "| changes in a submit | %d |", WIRE_BATCH_MAX);
    snprintf(rows[4], sizeof rows[4], "| deliveries in a fetched | %d", WIRE_CREDIT_MAX);
    snprintf(rows[5], sizeof rows[5], "| records in a page | %d", WIRE_HISTORY_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        take_row(&at, rows[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_example_reads_as_its_line_and_is_written_again_byte_for_byte),
        TEST(the_commands_send_the_first_hello_and_the_first_submit),
        TEST(every_map_has_its_table_of_fields),
        TEST(every_verb_has_its_number_and_its_reply),
        TEST(every_status_of_the_wire_has_its_row),
        TEST(every_vocabulary_has_its_row),
        TEST(every_kind_of_change_has_its_role),
        TEST(every_verdict_has_its_meaning),
        TEST(every_kind_of_record_is_told),
        TEST(every_kind_of_change_has_an_example),
        TEST(the_limits_are_those_of_the_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
