/* The broker's log: one line per event on stderr, "2025-06-01T10:00:00.123Z info store: text". What a line quotes may come from anybody, so
 * control characters are shown as '?': a peer cannot forge a line. */
#ifndef RELEVO_LOG_H
#define RELEVO_LOG_H

#include <stdbool.h>

enum log_level {
    LOG_debug, /* only with --verbose */
    LOG_info,
    LOG_warning,
    LOG_error,
};

struct log {
    bool verbose;
};

void log_line(const struct log *log, enum log_level level, const char *area, const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
