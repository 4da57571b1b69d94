#include "config/config_value.h"

#include "proto/message.h"

enum {
    LEVEL_MAX = 5,
    TOKEN_HEX_DIGITS = 2 * CONFIG_TOKEN_HASH_BYTES,
    URL_BYTES_MAX = 256,
};

static char *copy(const struct config_reader *reader, const char *text, size_t size)
{
    return memcpy(arena_take(reader->arena, size + 1), text, size);
}

bool config_too_many(const struct config_reader *reader, struct config_place place, uint32_t count, uint32_t max)
{
    if (count > max)
        config_refuse(reader->source, place, "%u entries; expected at most %u", count, max);
    return count > max;
}

void *config_items(const struct config_reader *reader, uint32_t count, size_t size)
{
    return arena_take(reader->arena, count * size);
}

static bool is_name(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    return size >= 1 && size <= WIRE_NAME_MAX;
}

char *config_name(const struct config_reader *reader, struct config_place place, const char *text)
{
    if (!text)
        return NULL;
    size_t size = strlen(text);
    if (!is_name(text, size))
        config_refuse(reader->source, place, "expected 1 to %d bytes of text without control characters", WIRE_NAME_MAX);
    return copy(reader, text, size);
}

static bool parse_number(const char *text, uint64_t *out)
{
    *out = 0;
    for (const char *p = text; *p; p++) {
        unsigned digit = (unsigned)*p - '0';
        if (digit > 9 || __builtin_mul_overflow(*out, 10, out) || __builtin_add_overflow(*out, digit, out))
            return false;
    }
    return *text;
}

uint64_t config_number(const struct config_reader *reader, struct config_place place, const char *text, uint64_t min, uint64_t max,
                       uint64_t absent)
{
    uint64_t value;
    if (!text)
        return absent;
    if (parse_number(text, &value) && value >= min && value <= max)
        return value;
    config_refuse(reader->source, place, "expected a whole number from %llu to %llu, not \"%.40s\"", (unsigned long long)min,
                  (unsigned long long)max, text);
    return absent;
}

bool config_truth(const struct config_reader *reader, struct config_place place, const char *text, bool absent)
{
    if (!text)
        return absent;
    bool truth = strcmp(text, "true") == 0;
    if (!truth && strcmp(text, "false") != 0)
        config_refuse(reader->source, place, "expected true or false, not \"%.40s\"", text);
    return truth;
}

char *config_text(const struct config_reader *reader, struct config_place place, const char *text, uint32_t max)
{
    if (!text)
        return NULL;
    size_t size = strlen(text);
    if (size == 0 || size > max)
        config_refuse(reader->source, place, "expected 1 to %u bytes of text, not %zu", max, size);
    return copy(reader, text, size);
}

uint32_t config_word(const struct config_reader *reader, struct config_place place, const char *text, uint32_t (*number_of)(struct span),
                     const char *expected, uint32_t absent)
{
    uint32_t number = text ? number_of(span_of(text)) : absent;
    if (text && !number)
        config_refuse(reader->source, place, "expected %s, not \"%.40s\"", expected, text);
    return number;
}

enum priority config_priority(const struct config_reader *reader, struct config_place place, const char *text, uint32_t absent)
{
    return (enum priority)config_word(reader, place, text, priority_of, "low, normal, high or urgent", absent);
}

enum choice config_choice(const struct config_reader *reader, struct config_place place, const char *text, uint32_t absent)
{
    return (enum choice)config_word(reader, place, text, choice_of, "longest_idle, least_loaded, most_skilled, round_robin or last_agent",
                                    absent);
}

struct config_skill config_skill(const struct config_reader *reader, struct config_place place, const char *text, uint8_t absent)
{
    const char *colon = strchr(text, ':');
    size_t size = colon ? (size_t)(colon - text) : strlen(text);
    uint64_t level = absent;
    if (!is_name(text, size) || (colon && !parse_number(colon + 1, &level)) || level < 1 || level > LEVEL_MAX)
        config_refuse(reader->source, place, "expected a skill as NAME or NAME:LEVEL with a level from 1 to %d, not \"%.80s\"", LEVEL_MAX,
                      text);
    return (struct config_skill){copy(reader, text, size), (uint8_t)level};
}

struct config_cap config_cap(const struct config_reader *reader, struct config_place place, const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t size = colon ? (size_t)(colon - text) : 0;
    uint64_t conversations = 0;
    if (!is_name(text, size) || !parse_number(colon + 1, &conversations) || conversations < 1 || conversations > CONFIG_CAP_MAX)
        config_refuse(reader->source, place, "expected a channel type as NAME:CONVERSATIONS with 1 to %d of them, not \"%.80s\"",
                      CONFIG_CAP_MAX, text);
    return (struct config_cap){copy(reader, text, size), (uint32_t)conversations};
}

struct config_attribute config_attribute(const struct config_reader *reader, struct config_place place, const char *text)
{
    const char *equals = strchr(text, '=');
    size_t size = equals ? (size_t)(equals - text) : 0;
    const char *value = equals ? equals + 1 : "";
    if (!is_name(text, size) || !is_name(value, strlen(value)))
        config_refuse(reader->source, place, "expected an attribute of the customer as NAME=VALUE, not \"%.80s\"", text);
    return (struct config_attribute){copy(reader, text, size), copy(reader, value, strlen(value))};
}

char **config_names(const struct config_reader *reader, struct config_place place, char **texts, uint32_t count)
{
    char **names = config_items(reader, count, sizeof *names);
    for (uint32_t i = 0; i < count; i++)
        names[i] = config_name(reader, config_place_entry(place, i), texts[i]);
    return names;
}

struct config_skill *config_skills(const struct config_reader *reader, struct config_place place, char **texts, uint32_t count,
                                   uint8_t absent)
{
    struct config_skill *skills = config_items(reader, count, sizeof *skills);
    for (uint32_t i = 0; i < count; i++)
        skills[i] = config_skill(reader, config_place_entry(place, i), texts[i], absent);
    return skills;
}

char *config_token(const struct config_reader *reader, struct config_place place, const char *text)
{
    static const char scheme[] = CONFIG_TOKEN_SCHEME;
    const char *digits = text + strlen(scheme);
    bool holds = strncmp(text, scheme, strlen(scheme)) == 0 && strlen(digits) == TOKEN_HEX_DIGITS &&
                 strspn(digits, "0123456789abcdefABCDEF") == TOKEN_HEX_DIGITS;
    /* Never shown: it may well be the token itself. */
    if (!holds)
        config_refuse(reader->source, place, "expected \"%s\" and %d hexadecimal digits, as `relevo token` prints them", scheme,
                      TOKEN_HEX_DIGITS);
    return copy(reader, text, strlen(text));
}

static bool is_url(const char *text)
{
    static const char scheme[] = "tcp://";
    const char *host = text + strlen(scheme), *colon = strrchr(text, ':');
    uint64_t port;
    return strncmp(text, scheme, strlen(scheme)) == 0 && colon > host && parse_number(colon + 1, &port) && port <= UINT16_MAX &&
           strlen(text) <= URL_BYTES_MAX;
}

char *config_url(const struct config_reader *reader, struct config_place place, const char *text, const char *absent)
{
    if (text && !is_url(text))
        config_refuse(reader->source, place, "expected tcp://HOST:PORT, not \"%.80s\"", text);
    return copy(reader, text ? text : absent, strlen(text ? text : absent));
}
