/* Turns the texts of a configuration file into values. A text that cannot be one is refused at its place, the caller goes on with a value
 * that is harmless, and only the first refusal is kept; whoever started it asks source->refused in the end. */
#ifndef RELEVO_CONFIG_VALUE_H
#define RELEVO_CONFIG_VALUE_H

#include "config/config_source.h"
#include "proto/arena.h"

/* A token in the file: the scheme, then its hash in hexadecimal. */
#define CONFIG_TOKEN_SCHEME "blake2b:"
enum { CONFIG_TOKEN_HASH_BYTES = 32 };

struct config_reader {
    struct config_source *source;
    struct arena *arena; /* where values live */
};

/* 1 to WIRE_NAME_MAX bytes without control characters; NULL for NULL. */
char *config_name(const struct config_reader *reader, struct config_place place, const char *text);

/* A whole number from min to max; `absent` for NULL. */
uint64_t config_number(const struct config_reader *reader, struct config_place place, const char *text, uint64_t min, uint64_t max,
                       uint64_t absent);

/* true or false; false for NULL. */
bool config_truth(const struct config_reader *reader, struct config_place place, const char *text);

enum agent_kind config_agent_kind(const struct config_reader *reader, struct config_place place, const char *text);
enum priority config_priority(const struct config_reader *reader, struct config_place place, const char *text);

/* "spanish:4", or "spanish" with the level `absent`. */
struct config_skill config_skill(const struct config_reader *reader, struct config_place place, const char *text, uint8_t absent);

/* "blake2b:" and 64 hexadecimal digits. */
char *config_token(const struct config_reader *reader, struct config_place place, const char *text);

/* "tcp://HOST:PORT"; `absent` for NULL. */
char *config_url(const struct config_reader *reader, struct config_place place, const char *text, const char *absent);

#endif
