/* A new secret token and its hash as the configuration wants it. */
#ifndef RELEVO_BENCH_TOKEN_H
#define RELEVO_BENCH_TOKEN_H

#include <stdbool.h>

enum { TOKEN_BYTES = 24 };

struct token {
    char text[2 * TOKEN_BYTES + 1]; /* hex */
    char hash[80];
};

/* False when the system gives no random numbers. */
bool token_make(struct token *token);

#endif
