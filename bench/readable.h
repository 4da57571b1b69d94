/* Values as a person reads them: durations, counts, times, texts of strangers, and one record of a conversation as one line. */
#ifndef RELEVO_BENCH_READABLE_H
#define RELEVO_BENCH_READABLE_H

#include "proto/buffer.h"
#include "proto/message.h"

enum { READABLE_MAX = 48 };

/* "350 ms", "12.3 s", "4 min 05 s", "2 h 03 min", "3 d 04 h" in `out`, which is returned. */
const char *readable_duration(char out[READABLE_MAX], uint64_t ms);

/* "1,234,567" */
const char *readable_count(char out[READABLE_MAX], uint64_t count);

/* "2024-05-01 10:00:00.123", in local time. */
const char *readable_time(char out[READABLE_MAX], uint64_t at_ms);

/* "10:00:00" on the day of `now_ms`, else "2024-05-01 10:00", in local time. */
const char *readable_clock(char out[READABLE_MAX], uint64_t at_ms, uint64_t now_ms);

/* Appends text that a stranger wrote: line breaks become " / ", and other control characters, which could steer a terminal, "?". */
void readable_text(struct buffer *out, struct span text);

/* Columns that UTF-8 text takes, counting a code point as one. */
size_t readable_width(const char *text);

/* Appends who did what, without a line end: "ana             Good morning". */
void readable_record(struct buffer *out, const struct wire_record *record);

/* Appends whereto a `transferred` record hands over: "queue sales", "agent ana", "skills billing:2". */
void readable_target(struct buffer *out, const struct wire_record *record);

#endif
