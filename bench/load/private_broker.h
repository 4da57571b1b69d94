/* A relevod of one's own: in a new directory, on a free port, gone with all it wrote when stopped, and also when this process dies. */
#ifndef RELEVO_BENCH_PRIVATE_BROKER_H
#define RELEVO_BENCH_PRIVATE_BROKER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "bench/scratch.h"

struct private_broker {
    char directory[SCRATCH_PATH];
    char url[128];
    pid_t pid; /* 0: none runs */
};

struct private_broker_options {
    const char *relevod; /* the program; NULL: beside this one */
    void (*write_configuration)(FILE *out, const void *context);
    const void *context;
};

/* Starts it and waits until it serves. False: `error` says why, nothing is left behind. */
bool private_broker_start(struct private_broker *broker, const struct private_broker_options *options, char error[1024]);

/* Ends it and keeps the directory: as an operator would, or by SIGKILL. */
void private_broker_end(struct private_broker *broker, bool by_kill);

/* Starts one that was ended again, on what it has stored; its url is another. False: `error` says why. */
bool private_broker_restart(struct private_broker *broker, const struct private_broker_options *options, char error[1024]);

bool private_broker_alive(struct private_broker *broker);

/* Prints the last of what it logged. */
void private_broker_print_log(const struct private_broker *broker, FILE *out);

/* The last line that it logged with these words. False: there is none. */
bool private_broker_logged(const struct private_broker *broker, const char *words, char *line, size_t line_size);

struct process_use {
    double cpu_s;
    uint64_t rss_bytes, anonymous_bytes; /* resident, with and without the mapped store */
};
struct process_use private_broker_use(const struct private_broker *broker);

/* What its data takes on the disk. */
uint64_t private_broker_disk_bytes(const struct private_broker *broker);

/* Ends it, and removes the directory. Does nothing when none runs. */
void private_broker_stop(struct private_broker *broker);

#endif
