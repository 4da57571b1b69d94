#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "config/config_loaded.h"
#include "config/config_value.h"

static void hash_token(struct span token, unsigned char out[CONFIG_TOKEN_HASH_BYTES])
{
    if (sodium_init() < 0)
        fatal(FATAL_system, "libsodium cannot start");
    crypto_generichash(out, CONFIG_TOKEN_HASH_BYTES, (const unsigned char *)token.data, token.size, NULL, 0);
}

void config_token_hash(struct span token, char out[80])
{
    unsigned char hash[CONFIG_TOKEN_HASH_BYTES];
    char hex[2 * CONFIG_TOKEN_HASH_BYTES + 1];
    hash_token(token, hash);
    snprintf(out, 80, CONFIG_TOKEN_SCHEME "%s", sodium_bin2hex(hex, sizeof hex, hash, sizeof hash));
}

/* The configured hash of a principal as text; NULL when there is no such principal. */
static const char *token_of(const struct config_loaded *loaded, enum role role, struct span name)
{
    const struct config *config = &loaded->config;
    uint32_t holder;
    switch (role) {
    case ROLE_connector:
        holder = config_index_holder(&loaded->accounts, name);
        return holder == UINT32_MAX ? NULL : config->accounts[holder].token;
    case ROLE_agent:
        holder = config_index_holder(&loaded->agents, name);
        return holder == UINT32_MAX ? NULL : config->agents[holder].token;
    case ROLE_operator:
        holder = config_index_holder(&loaded->operators, name);
        return holder == UINT32_MAX ? NULL : config->operators[holder].token;
    }
    return NULL;
}

bool config_authenticate(const struct config *config, enum role role, struct span name, struct span token)
{
    unsigned char expected[CONFIG_TOKEN_HASH_BYTES], given[CONFIG_TOKEN_HASH_BYTES];
    const char *text = token_of((const struct config_loaded *)config, role, name);
    if (!text)
        return false;
    const char *hex = text + strlen(CONFIG_TOKEN_SCHEME);
    int decoded = sodium_hex2bin(expected, sizeof expected, hex, strlen(hex), NULL, NULL, NULL);
    ASSERT(decoded == 0);
    hash_token(token, given);
    return sodium_memcmp(expected, given, sizeof expected) == 0;
}
