#include "bench/peers/peer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void peer_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("relevo-peers: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
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
