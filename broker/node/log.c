#include "node/log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const char *const level_words[] = {
    [LOG_debug] = "debug",
    [LOG_info] = "info",
    [LOG_warning] = "warning",
    [LOG_error] = "error",
};

static size_t log_head(char *line, size_t size, enum log_level level, const char *area)
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t used = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
    used += (size_t)snprintf(line + used, size - used, ".%03dZ %s %s: ", (int)(now.tv_nsec / 1000000), level_words[level], area);
    return used;
}

void log_line(const struct log *log, enum log_level level, const char *area, const char *format, ...)
{
    if (level == LOG_debug && !log->verbose)
        return;
    char line[1024];
    size_t used = log_head(line, sizeof line, level, area);
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(line + used, sizeof line - used - 1, format, arguments);
    va_end(arguments);
    size_t end = written < 0 ? used : used + (size_t)written;
    if (end > sizeof line - 2)
        end = sizeof line - 2;
    for (size_t at = used; at < end; at++)
        if ((unsigned char)line[at] < ' ' || line[at] == 0x7f)
            line[at] = '?';
    line[end] = '\n';
    /* One write, so that lines of several processes on one terminal stay whole. A closed stderr must not stop the broker. */
    if (write(STDERR_FILENO, line, end + 1) < 0)
        return;
}
