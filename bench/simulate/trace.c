#include "bench/simulate/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/simulate/quantity.h"

enum { HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS };

struct csv {
    FILE *file;
    char *line, *rest; /* rest: what was not yet taken of the line */
    size_t capacity;
};

static bool csv_line(struct csv *csv)
{
    ssize_t size = getline(&csv->line, &csv->capacity, csv->file);
    while (size > 0 && strchr("\r\n", csv->line[size - 1]))
        csv->line[--size] = 0;
    csv->rest = size < 0 ? NULL : csv->line;
    if (size >= 3 && memcmp(csv->line, "\xef\xbb\xbf", 3) == 0) /* as tables are saved for others, their text begins with a mark of UTF-8 */
        csv->rest += 3;
    return size >= 0;
}

/* The cell ends here; the next begins after the separator that follows. */
static void csv_end_cell(struct csv *csv, char *end)
{
    char *separator = end + strcspn(end, ",;\t");
    csv->rest = *separator ? separator + 1 : NULL;
}

/* What stands in quotes may hold separators; a quote in it is doubled. */
static char *csv_quoted(struct csv *csv, char *cell)
{
    char *from = cell, *to = cell;
    for (; *from && (*from != '"' || from[1] == '"'); from++) {
        from += *from == '"';
        *to++ = *from;
    }
    csv_end_cell(csv, from);
    *to = 0;
    return cell;
}

/* The next cell of the line, without quotes and spaces around it; NULL after the last. */
static char *csv_cell(struct csv *csv)
{
    char *cell = csv->rest;
    if (!cell)
        return NULL;
    cell += strspn(cell, " ");
    if (*cell == '"')
        return csv_quoted(csv, cell + 1);
    size_t size = strcspn(cell, ",;\t");
    csv_end_cell(csv, cell + size);
    for (cell[size] = 0; size && cell[size - 1] == ' ';)
        cell[--size] = 0;
    return cell;
}

static void csv_close(struct csv *csv)
{
    free(csv->line);
    if (csv->file)
        fclose(csv->file);
}

static struct trace_slot *slot_add(struct trace *trace)
{
    trace->slots = must_make_room(trace->slots, trace->slots_count, &trace->slots_capacity, sizeof *trace->slots);
    return memset(&trace->slots[trace->slots_count++], 0, sizeof *trace->slots);
}

static bool parse_day(const char *text, int64_t *out_ms, const char **rest)
{
    struct tm day = {0};
    *rest = strptime(text, "%Y-%m-%d", &day);
    if (!*rest)
        return false;
    *out_ms = (int64_t)timegm(&day) * 1000;
    return true;
}

/* --- counts by interval --- */

/* The first line names the intervals by when they begin; each ends where the next begins, the last is as long as the one before it. */
static bool read_intervals(struct csv *csv, struct trace *trace)
{
    double from_ms;
    if (!csv_line(csv) || !csv_cell(csv))
        return false;
    for (const char *cell; (cell = csv_cell(csv));) {
        if (!quantity_parse_clock(cell, &from_ms))
            return false;
        uint32_t at = trace->slots_count;
        slot_add(trace)->from_ms = from_ms;
        if (at && from_ms <= trace->slots[at - 1].from_ms)
            return false;
        if (at)
            trace->slots[at - 1].to_ms = from_ms;
    }
    uint32_t count = trace->slots_count;
    if (count < 2)
        return false;
    trace->slots[count - 1].to_ms = 2 * trace->slots[count - 1].from_ms - trace->slots[count - 2].from_ms;
    return true;
}

static bool read_counts(struct csv *csv, struct trace *trace)
{
    for (uint32_t i = 0; i < trace->slots_count; i++) {
        const char *cell = csv_cell(csv);
        char *end;
        if (!cell)
            return false;
        trace->slots[i].count = strtoull(cell, &end, 10);
        if (*end)
            return false;
    }
    return true;
}

static void read_day(struct document *document, const struct node *node, struct csv *csv, const char *day, struct trace *trace)
{
    unsigned long line = 1;
    const char *rest, *cell;
    if (!parse_day(day, &trace->day_ms, &rest) || *rest)
        node_refuse(document, node, "expected a day such as 2003-03-03, not \"%.40s\"", day);
    else if (!read_intervals(csv, trace))
        node_refuse(document, node, "line 1 of the file: expected a heading, and then the times at which the intervals begin, as HH:MM");
    while (!document->refused && csv_line(csv)) {
        line++;
        if (!(cell = csv_cell(csv)) || strcmp(cell, day) != 0)
            continue;
        if (!read_counts(csv, trace))
            node_refuse(document, node, "line %lu of the file: expected %u counts", line, trace->slots_count);
        return;
    }
    node_refuse(document, node, "the file has no row for the day \"%.40s\"", day);
}

/* --- a column of times --- */

struct column {
    const char *name; /* NULL: by number */
    uint64_t number;  /* from 1 */
};

static char *cell_at(struct csv *csv, uint64_t number)
{
    char *cell = NULL;
    for (uint64_t i = 0; i < number && (cell = csv_cell(csv)); i++) {
    }
    return cell;
}

static bool find_column(struct csv *csv, struct column *column)
{
    uint64_t number = 0;
    for (const char *cell; (cell = csv_cell(csv));) {
        number++;
        if (strcmp(cell, column->name) == 0)
            column->number = number;
    }
    return column->number;
}

/* "2003-03-03 07:00:12" (or with a T), "07:00:12" or a time. */
static bool parse_moment(struct trace *trace, const char *text, double *out_ms)
{
    const char *rest;
    int64_t day_ms;
    if (!parse_day(text, &day_ms, &rest))
        return quantity_parse_clock(text, out_ms);
    if (!trace->day_ms)
        trace->day_ms = day_ms;
    if (!quantity_parse_clock(rest + strspn(rest, " T"), out_ms))
        return false;
    *out_ms += (double)(day_ms - trace->day_ms);
    return *out_ms >= 0;
}

static int by_time(const void *a, const void *b)
{
    double x = ((const struct trace_slot *)a)->from_ms, y = ((const struct trace_slot *)b)->from_ms;
    return x < y ? -1 : x > y;
}

static void read_times(struct document *document, const struct node *node, struct csv *csv, struct column column, struct trace *trace)
{
    unsigned long line = 0;
    while (!document->refused && csv_line(csv)) {
        double at_ms;
        if (++line == 1 && column.name) {
            if (!find_column(csv, &column))
                node_refuse(document, node, "line 1 of the file: no column is named \"%.40s\"", column.name);
            continue;
        }
        if (!*csv->line)
            continue;
        const char *cell = cell_at(csv, column.number);
        if (cell && parse_moment(trace, cell, &at_ms))
            *slot_add(trace) = (struct trace_slot){at_ms, at_ms, 1};
        else if (line > 1) /* the first may be a heading */
            node_refuse(document, node, "line %lu of the file: expected a time in column %lu, as seconds, HH:MM:SS or 20s; found \"%.40s\"",
                        line, column.number, cell ? cell : "");
    }
    if (!trace->slots_count)
        node_refuse(document, node, "the file holds no times");
    else
        qsort(trace->slots, trace->slots_count, sizeof *trace->slots, by_time);
}

/* --- */

const char *path_beside(struct document *document, const struct node *file)
{
    const char *name = node_text(document, file), *slash = strrchr(file->path, '/');
    if (*name == '/' || !slash)
        return name;
    size_t folder = (size_t)(slash - file->path) + 1;
    char *beside = arena_take(&document->arena, folder + strlen(name) + 1);
    memcpy(beside, file->path, folder);
    memcpy(beside + folder, name, strlen(name));
    return access(beside, R_OK) == 0 ? beside : name;
}

static struct column read_column(struct document *document, const struct node *node)
{
    struct column column = {.number = 1};
    const char *text = node_text(document, node);
    char *end;
    if (!text)
        return column;
    column.number = strtoull(text, &end, 10);
    if (*end || !column.number)
        column = (struct column){.name = text};
    return column;
}

void trace_read(struct document *document, const struct node *node, struct trace *out)
{
    static const char *const known[] = {"file", "day", "column", "scale", NULL};
    struct csv csv = {0};
    *out = (struct trace){0};
    if (!node_keys(document, node, known))
        return;
    const struct node *file = node_find(node, "file"), *day = node_find(node, "day"), *column = node_find(node, "column");
    out->scale = quantity_number(document, node_find(node, "scale"), 0, 1e6, 1);
    if (!file || (day && column)) {
        node_refuse(document, node, "expected file, and day (counts by interval) or column (times)");
        return;
    }
    const char *path = path_beside(document, file);
    csv.file = fopen(path, "r");
    if (!csv.file)
        node_refuse(document, file, "cannot open %.200s: %s", path, strerror(errno));
    else if (day)
        read_day(document, day, &csv, node_text(document, day), out);
    else
        read_times(document, file, &csv, read_column(document, column), out);
    csv_close(&csv);
}

void trace_fini(struct trace *trace)
{
    free(trace->slots);
}
