#include "bench/table.h"

#include <stdarg.h>

#include "base/check.h"
#include "bench/readable.h"

enum { CELL_BYTES_MAX = 400, GAP = 2 };

static void column_add(struct table *table, const char *heading, bool right)
{
    ASSERT(table->columns_count < TABLE_COLUMNS_MAX && table->cells_count == 0);
    table->columns[table->columns_count].heading = heading;
    table->columns[table->columns_count++].right = right;
}

void table_left(struct table *table, const char *heading)
{
    column_add(table, heading, false);
}

void table_right(struct table *table, const char *heading)
{
    column_add(table, heading, true);
}

void table_span(struct table *table, struct span text)
{
    readable_text(&table->cells, text);
    buffer_append(&table->cells, "", 1);
    table->cells_count++;
}

void table_cell(struct table *table, const char *format, ...)
{
    char text[CELL_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    table_span(table, span_of(text));
}

static void print_cell(FILE *out, const char *text, size_t width, bool right, bool last)
{
    size_t used = readable_width(text), missing = width > used ? width - used : 0;
    if (right)
        fprintf(out, "%*s%s", (int)missing, "", text);
    else
        fprintf(out, "%s%*s", text, last ? 0 : (int)missing, "");
    fprintf(out, "%*s", last ? 0 : GAP, "");
}

static void widths_measure(const struct table *table, size_t widths[TABLE_COLUMNS_MAX])
{
    for (uint32_t column = 0; column < table->columns_count; column++)
        widths[column] = readable_width(table->columns[column].heading);
    const char *text = table->cells.data;
    for (uint32_t cell = 0; cell < table->cells_count; cell++, text += strlen(text) + 1) {
        size_t width = readable_width(text), *widest = &widths[cell % table->columns_count];
        *widest = width > *widest ? width : *widest;
    }
}

void table_print(const struct table *table, FILE *out)
{
    if (!table->cells_count)
        return;
    ASSERT(table->cells_count % table->columns_count == 0);
    size_t widths[TABLE_COLUMNS_MAX];
    widths_measure(table, widths);
    uint32_t columns = table->columns_count;
    for (uint32_t column = 0; column < columns; column++)
        print_cell(out, table->columns[column].heading, widths[column], table->columns[column].right, column + 1 == columns);
    const char *text = table->cells.data;
    for (uint32_t cell = 0; cell < table->cells_count; cell++, text += strlen(text) + 1) {
        uint32_t column = cell % columns;
        fputs(column == 0 ? "\n" : "", out);
        print_cell(out, text, widths[column], table->columns[column].right, column + 1 == columns);
    }
    fputc('\n', out);
}

void table_fini(struct table *table)
{
    buffer_fini(&table->cells);
    *table = (struct table){0};
}
