#include "bench/token.h"

#include <sodium.h>

#include "config/config.h"

bool token_make(struct token *token)
{
    if (sodium_init() < 0)
        return false;
    unsigned char bytes[TOKEN_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(token->text, sizeof token->text, bytes, sizeof bytes);
    config_token_hash(span_of(token->text), token->hash);
    return true;
}
