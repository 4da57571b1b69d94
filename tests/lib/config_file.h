/* What tests of the configuration share: a text as the file that it would be, and the one error that refuses it. */
#ifndef RELEVO_TEST_CONFIG_FILE_H
#define RELEVO_TEST_CONFIG_FILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"

#define TOKEN "\"blake2b:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\""

/* Loads `text` as a file that is gone afterwards; the error begins with its name, which `error` is rid of. */
static inline enum status load(struct span text, struct config **config, struct config_error *error)
{
    char path[] = "/tmp/relevo-config-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text.data, text.size), text.size);
    close(file);
    enum status status = config_load(path, config, error);
    unlink(path);
    if (status != STATUS_ok) {
        assert_memory_equal(error->text, path, strlen(path));
        memmove(error->text, error->text + strlen(path), strlen(error->text + strlen(path)) + 1);
    }
    return status;
}

static inline struct config *load_good(const char *text)
{
    struct config *config = NULL;
    struct config_error error = {{0}};
    enum status status = load(span_of(text), &config, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_ok);
    return config;
}

static inline void assert_refused(struct span text, const char *expected)
{
    struct config *config = NULL;
    struct config_error error = {{0}};
    assert_int_equal(load(text, &config, &error), STATUS_bad_config);
    assert_string_equal(error.text, expected);
    assert_null(config);
}

/* A test that `yaml` is refused with exactly this error, in which the file's name is left out. */
#define REFUSED(name, yaml, expected)                                                                                                      \
    static void name(void **state)                                                                                                         \
    {                                                                                                                                      \
        (void)state;                                                                                                                       \
        assert_refused(span_of(yaml), expected);                                                                                           \
    }

/* Two agents in two queues, in lines 1 to 6. */
#define AGENTS                                                                                                                             \
    "agents:\n"                                                                                                                            \
    "  - {name: ana, token: " TOKEN ", queues: [support], skills: [\"spanish:4\", billing]}\n"                                             \
    "  - {name: bob, token: " TOKEN ", queues: [support, sales], skills: [\"english:2\"]}\n"
#define QUEUES "queues:\n  - name: support\n  - name: sales\n"
#define BASE AGENTS QUEUES

#endif
