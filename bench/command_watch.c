#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "bench/json.h"
#include "bench/overview.h"
#include "bench/readable.h"
#include "bench/session.h"

struct watch {
    struct session session;
    uint64_t interval_ms, idle_s; /* idle_s 0: for ever */
    bool json, screen;
    int signals;             /* signalfd of SIGINT and SIGTERM */
    uint64_t lsn, at_ms;     /* of the overview before */
    uint64_t quiet_since_ms; /* the broker's time since which nothing new was recorded; 0: not quiet */
};

/* A command stopped by ^C has still done what it was asked for. */
static int signals_open(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static void print(struct watch *watch, const struct wire_overview *overview)
{
    uint64_t elapsed_ms = overview->now_ms - watch->at_ms;
    uint64_t rate = watch->at_ms && elapsed_ms ? (overview->lsn - watch->lsn) * 1000 / elapsed_ms : 0;
    char time[READABLE_MAX], count[READABLE_MAX];
    if (watch->json) {
        json_t *object = json_of_overview(overview);
        json_object_set_new(object, "records_per_second", json_integer((json_int_t)rate));
        json_print(object);
    } else if (watch->screen) {
        fputs("\033[H\033[J", stdout);
        overview_print(overview, stdout);
        printf("\n%s records a second\n", readable_count(count, rate));
    } else {
        printf("%s  ", readable_time(time, overview->now_ms));
        overview_print_line(overview, stdout);
        printf("  +%s/s\n", readable_count(count, rate));
    }
    fflush(stdout);
}

/* True when the broker has been idle for as long as asked. */
static bool is_idle(struct watch *watch, const struct wire_overview *overview)
{
    bool quiet = overview->lsn == watch->lsn;
    if (!quiet)
        watch->quiet_since_ms = 0;
    else if (!watch->quiet_since_ms)
        watch->quiet_since_ms = overview->now_ms;
    return watch->idle_s && quiet && overview->now_ms - watch->quiet_since_ms >= watch->idle_s * 1000;
}

/* Waits one interval; false when a signal asks to stop. */
static bool pause_interval(const struct watch *watch)
{
    struct pollfd signals = {watch->signals, POLLIN, 0};
    return poll(&signals, 1, (int)watch->interval_ms) == 0;
}

static enum command_exit watch_run(struct watch *watch)
{
    struct arena arena = {0};
    struct wire_overview overview;
    bool told = true, over = false;
    while (!over && (told = session_overview(&watch->session, false, &arena, &overview))) {
        print(watch, &overview);
        over = is_idle(watch, &overview) || !pause_interval(watch);
        watch->lsn = overview.lsn;
        watch->at_ms = overview.now_ms;
        arena_clear(&arena);
    }
    arena_fini(&arena);
    return told ? COMMAND_done : COMMAND_failed;
}

enum command_exit command_watch(int argc, char **argv)
{
    struct watch watch = {.interval_ms = 1000, .screen = isatty(STDOUT_FILENO)};
    struct broker_address broker;
    const struct option_spec options[] = {
        {"interval", OPTION_number, &watch.interval_ms, 50, 10000, "milliseconds between two looks"},
        {"until-idle", OPTION_number, &watch.idle_s, 0, 86400, "stop when nothing new was recorded for N seconds; 0: only on ^C"},
        {"json", OPTION_flag, &watch.json, 0, 0, "one JSON object a line"}};
    const struct usage usage = {"watch", NULL, "Prints progress once per interval: a screen in a terminal, a line elsewhere.",
                                options, 3,    &broker};
    enum command_exit exit_code;
    if (!options_parse(&usage, argc, argv, NULL, &exit_code))
        return exit_code;
    watch.signals = signals_open();
    if (!session_open(&watch.session, "watch", &broker))
        return COMMAND_failed;
    exit_code = watch_run(&watch);
    session_close(&watch.session);
    close(watch.signals);
    return exit_code;
}
