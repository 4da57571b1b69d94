#include "bench/peers/peer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REASON_BYTES = 1024 };

/* Libraries end their reasons with a line's end, and some go on for several lines. */
static void one_line(char *text)
{
    for (char *at = text; *at; at++)
        if (*at == '\n' || *at == '\t')
            *at = ' ';
    for (size_t size = strlen(text); size && text[size - 1] == ' '; size--)
        text[size - 1] = 0;
}

void peer_fail(const char *format, ...)
{
    char reason[REASON_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    one_line(reason);
    fprintf(stderr, "relevo-peers: %s\n", reason);
    _Exit(1);
}

bool peer_wait(struct pollfd *sockets, uint32_t count, uint64_t wait_ns)
{
    struct timespec wait = {(time_t)(wait_ns / 1000000000), (long)(wait_ns % 1000000000)};
    int ready = ppoll(sockets, count, &wait, NULL);
    if (ready < 0 && errno != EINTR)
        peer_fail("poll: %s", strerror(errno));
    return ready > 0;
}
