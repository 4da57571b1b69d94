#include "bench/signals.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>

int signals_open(void)
{
    sigset_t set;
    /* Whoever stops reading what is printed must not keep a directory from being removed. */
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

bool signals_came(int signals)
{
    struct pollfd readable = {signals, POLLIN, 0};
    return poll(&readable, 1, 0) > 0;
}
