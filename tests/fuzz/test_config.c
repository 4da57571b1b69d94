/* The example, damaged in a thousand ways from one fixed seed: whatever it has become is read or refused with an error that names the file,
 * and the sanitizers watch that nothing else happens. */
#include "base/prng.h"
#include "proto/buffer.h"
#include "tests/lib/config_file.h"

enum { SEED = 20260329, ROUNDS = 4000, DAMAGES_MAX = 4 };

struct fuzz {
    struct prng prng;
    struct buffer example, text;
};

static int setup(void **state)
{
    static struct fuzz fuzz;
    FILE *file = fopen(EXAMPLE_YAML, "rb");
    assert_non_null(file);
    prng_init(&fuzz.prng, SEED);
    fuzz.example.size = fread(buffer_reserve(&fuzz.example, 64 << 10), 1, 64 << 10, file);
    fclose(file);
    *state = &fuzz;
    return 0;
}

static int teardown(void **state)
{
    struct fuzz *fuzz = *state;
    buffer_fini(&fuzz->example);
    buffer_fini(&fuzz->text);
    return 0;
}

static size_t below(struct fuzz *fuzz, size_t bound)
{
    return (size_t)prng_below(&fuzz->prng, bound);
}

static void replace(struct fuzz *fuzz, size_t at, size_t size, const char *by, size_t by_size)
{
    struct buffer result = {0};
    buffer_append(&result, fuzz->text.data, at);
    buffer_append(&result, by, by_size);
    buffer_append(&result, fuzz->text.data + at + size, fuzz->text.size - at - size);
    buffer_fini(&fuzz->text);
    fuzz->text = result;
}

/* A run of letters, digits and the like beginning somewhere behind `at`. */
static struct span word_at(const struct buffer *text, size_t at)
{
    static const char blanks[] = " \n,[]{}\"";
    while (at < text->size && strchr(blanks, text->data[at]))
        at++;
    size_t end = at;
    while (end < text->size && !strchr(blanks, text->data[end]))
        end++;
    return (struct span){text->data + at, (uint32_t)(end - at)};
}

/* Where the line that `at` is in begins. */
static size_t line_begin(const struct buffer *text, size_t at)
{
    while (at > 0 && text->data[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_end(const struct buffer *text, size_t at)
{
    while (at < text->size && text->data[at] != '\n')
        at++;
    return at < text->size ? at + 1 : at;
}

static void swap_word(struct fuzz *fuzz, size_t at)
{
    struct span old = word_at(&fuzz->text, at), other = word_at(&fuzz->example, below(fuzz, fuzz->example.size));
    replace(fuzz, (size_t)(old.data - fuzz->text.data), old.size, other.data, other.size);
}

static void put_strange_word(struct fuzz *fuzz, size_t at)
{
    static const char *const strange[] = {"0",     "-1",          "18446744073709551616",
                                          "\"\"",  "[]",          "{}",
                                          "[[x]]", "&a b",        "*a",
                                          "~",     "!!x",         "%",
                                          "\xff",  "ñ",           "a:",
                                          ":5",    "tier=",       "(?R)",
                                          "(a+)+", "[",           "'",
                                          "99:99", "24:00-24:00", "02-29",
                                          "mon-",  "EST5",        "../../x",
                                          "|",     ">\n",         "\t"};
    struct span old = word_at(&fuzz->text, at);
    const char *by = strange[below(fuzz, sizeof strange / sizeof strange[0])];
    replace(fuzz, (size_t)(old.data - fuzz->text.data), old.size, by, strlen(by));
}

static void copy_line(struct fuzz *fuzz, size_t at)
{
    size_t from = line_begin(&fuzz->example, below(fuzz, fuzz->example.size));
    replace(fuzz, line_begin(&fuzz->text, at), 0, fuzz->example.data + from, line_end(&fuzz->example, from) - from);
}

static void drop_line(struct fuzz *fuzz, size_t at)
{
    size_t from = line_begin(&fuzz->text, at);
    replace(fuzz, from, line_end(&fuzz->text, from) - from, "", 0);
}

static void damage(struct fuzz *fuzz)
{
    size_t at = below(fuzz, fuzz->text.size + 1);
    char byte = (char)below(fuzz, 256);
    switch (below(fuzz, 8)) {
    case 0:
        replace(fuzz, at, at < fuzz->text.size, &byte, 1);
        break;
    case 1:
        replace(fuzz, at, 0, &byte, 1);
        break;
    case 2:
        drop_line(fuzz, at);
        break;
    case 3:
        copy_line(fuzz, at);
        break;
    case 4:
    case 5:
        put_strange_word(fuzz, at);
        break;
    default:
        swap_word(fuzz, at);
        break;
    }
}

static void a_damaged_file_is_read_or_refused(void **state)
{
    struct fuzz *fuzz = *state;
    uint32_t read = 0, refused = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct config *config = NULL;
        struct config_error error = {{0}};
        fuzz->text.size = 0;
        buffer_append(&fuzz->text, fuzz->example.data, fuzz->example.size);
        for (size_t left = 1 + below(fuzz, DAMAGES_MAX); left; left--)
            damage(fuzz);
        enum status status = load((struct span){fuzz->text.data, (uint32_t)fuzz->text.size}, &config, &error);
        assert_true(status == STATUS_ok || (status == STATUS_bad_config && error.text[0] == ':' && !config));
        read += status == STATUS_ok;
        refused += status != STATUS_ok;
        config_free(config);
    }
    /* Both ways are walked often. */
    assert_in_range(read, ROUNDS / 20, ROUNDS);
    assert_in_range(refused, ROUNDS / 20, ROUNDS);
}

/* A file cut short anywhere, as one that is still being written. */
static void a_cut_file_is_read_or_refused(void **state)
{
    struct fuzz *fuzz = *state;
    for (size_t size = 0; size < fuzz->example.size; size += 1 + below(fuzz, 16)) {
        struct config *config = NULL;
        struct config_error error = {{0}};
        enum status status = load((struct span){fuzz->example.data, (uint32_t)size}, &config, &error);
        assert_true(status == STATUS_ok || (status == STATUS_bad_config && error.text[0] == ':'));
        config_free(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_file_is_read_or_refused),
        cmocka_unit_test(a_cut_file_is_read_or_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
