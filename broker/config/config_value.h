/* Turns the texts of a configuration file into values. A text that cannot be one is refused at its place, the caller goes on with a value
 * that is harmless, and only the first refusal is kept; whoever started it asks source->refused in the end. */
#ifndef RELEVO_CONFIG_VALUE_H
#define RELEVO_CONFIG_VALUE_H

#include "config/config_source.h"
#include "proto/arena.h"

/* A token in the file: the scheme, then its hash in hexadecimal. */
#define CONFIG_TOKEN_SCHEME "blake2b:"
enum {
    CONFIG_TOKEN_HASH_BYTES = 32,
    CONFIG_CAP_MAX = 100000 /* conversations of one channel type at once */
};

struct config_reader {
    struct config_source *source;
    struct arena *arena; /* where values live */
};

/* Refuses more than `max` entries at the place, and says whether it did. */
bool config_too_many(const struct config_reader *reader, struct config_place place, uint32_t count, uint32_t max);

/* Room for `count` values. */
void *config_items(const struct config_reader *reader, uint32_t count, size_t size);

/* 1 to WIRE_NAME_MAX bytes without control characters; NULL for NULL. */
char *config_name(const struct config_reader *reader, struct config_place place, const char *text);

/* A whole number from min to max; `absent` for NULL. */
uint64_t config_number(const struct config_reader *reader, struct config_place place, const char *text, uint64_t min, uint64_t max,
                       uint64_t absent);

/* true or false; `absent` for NULL. */
bool config_truth(const struct config_reader *reader, struct config_place place, const char *text, bool absent);

/* 1 to `max` bytes; NULL for NULL. */
char *config_text(const struct config_reader *reader, struct config_place place, const char *text, uint32_t max);

/* A word of a vocabulary, as its number; `absent` for NULL. `expected` lists the words: "human or bot". */
uint32_t config_word(const struct config_reader *reader, struct config_place place, const char *text, uint32_t (*number_of)(struct span),
                     const char *expected, uint32_t absent);
enum priority config_priority(const struct config_reader *reader, struct config_place place, const char *text, uint32_t absent);
enum choice config_choice(const struct config_reader *reader, struct config_place place, const char *text, uint32_t absent);

/* "spanish:4", or "spanish" with the level `absent`. */
struct config_skill config_skill(const struct config_reader *reader, struct config_place place, const char *text, uint8_t absent);

/* "whatsapp:3" */
struct config_cap config_cap(const struct config_reader *reader, struct config_place place, const char *text);

/* "tier=gold" */
struct config_attribute config_attribute(const struct config_reader *reader, struct config_place place, const char *text);

/* Lists of these. */
char **config_names(const struct config_reader *reader, struct config_place place, char **texts, uint32_t count);
struct config_skill *config_skills(const struct config_reader *reader, struct config_place place, char **texts, uint32_t count,
                                   uint8_t absent);

/* "blake2b:" and 64 hexadecimal digits. */
char *config_token(const struct config_reader *reader, struct config_place place, const char *text);

/* "tcp://HOST:PORT"; `absent` for NULL. */
char *config_url(const struct config_reader *reader, struct config_place place, const char *text, const char *absent);

#endif
