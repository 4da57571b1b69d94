/* A table of text for a person: cells are collected row by row, and printed once all widths are known. */
#ifndef RELEVO_BENCH_TABLE_H
#define RELEVO_BENCH_TABLE_H

#include <stdio.h>

#include "proto/buffer.h"

enum { TABLE_COLUMNS_MAX = 16 };

/* Empty when zeroed. */
struct table {
    struct {
        const char *heading;
        bool right; /* numbers stand under each other */
    } columns[TABLE_COLUMNS_MAX];
    uint32_t columns_count;
    struct buffer cells; /* NUL-terminated, one after the other */
    uint32_t cells_count;
};

void table_left(struct table *table, const char *heading);
void table_right(struct table *table, const char *heading);

/* The next cell; what could steer a terminal is replaced. */
void table_span(struct table *table, struct span text);
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints headings and rows, or nothing when there is no row. */
void table_print(const struct table *table, FILE *out);

void table_fini(struct table *table);

#endif
