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

bool config_truth(const struct config_reader *reader, struct config_place place, const char *text)
{
    bool truth = text && strcmp(text, "true") == 0;
    if (text && !truth && strcmp(text, "false") != 0)
        config_refuse(reader->source, place, "expected true or false, not \"%.40s\"", text);
    return truth;
}

enum agent_kind config_agent_kind(const struct config_reader *reader, struct config_place place, const char *text)
{
    uint32_t kind = text ? agent_kind_of(span_of(text)) : AGENT_KIND_human;
    if (!kind)
        config_refuse(reader->source, place, "expected human or bot, not \"%.40s\"", text);
    return (enum agent_kind)kind;
}

enum priority config_priority(const struct config_reader *reader, struct config_place place, const char *text)
{
    uint32_t priority = text ? priority_of(span_of(text)) : PRIORITY_normal;
    if (!priority)
        config_refuse(reader->source, place, "expected low, normal, high or urgent, not \"%.40s\"", text);
    return (enum priority)priority;
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
