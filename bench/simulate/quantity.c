#include "bench/simulate/quantity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *unit;
    double ms;
} units[] = {{"", 1000},   {"ms", 1},      {"s", 1000},     {"sec", 1000}, {"min", 60000},
             {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {"us", 0.001}};

static bool parse_number(const char *text, double *out, const char **rest)
{
    char *end;
    *out = strtod(text, &end);
    *rest = end;
    return end != text && isfinite(*out) && !strpbrk(text, "xXnN");
}

bool quantity_parse_time(const char *text, double *out_ms)
{
    const char *rest;
    char *end;
    *out_ms = strtod(text, &end);
    rest = end;
    if (rest == text || !isfinite(*out_ms) || *out_ms < 0)
        return false;
    rest += strspn(rest, " ");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(rest, units[i].unit) == 0) {
            *out_ms *= units[i].ms;
            return true;
        }
    return false;
}

bool quantity_parse_clock(const char *text, double *out_ms)
{
    unsigned hours, minutes, seconds = 0;
    int used = 0;
    if (sscanf(text, "%2u:%2u%n:%2u%n", &hours, &minutes, &used, &seconds, &used) < 2 || text[used] || minutes > 59 || seconds > 59)
        return quantity_parse_time(text, out_ms);
    *out_ms = 1000.0 * (3600.0 * hours + 60.0 * minutes + seconds);
    return true;
}

double quantity_time_ms(struct document *document, const struct node *node, double absent)
{
    const char *text = node_text(document, node);
    double ms;
    if (!text)
        return absent;
    if (quantity_parse_time(text, &ms))
        return ms;
    node_refuse(document, node, "expected a time such as 20s, 5min, 1.5h or 180 (seconds), not \"%.40s\"", text);
    return absent;
}

double quantity_number(struct document *document, const struct node *node, double min, double max, double absent)
{
    const char *text = node_text(document, node), *rest;
    double number;
    if (!text)
        return absent;
    if (parse_number(text, &number, &rest) && !*rest && number >= min && number <= max)
        return number;
    node_refuse(document, node, "expected a number from %g to %g, not \"%.40s\"", min, max, text);
    return absent;
}

uint64_t quantity_count(struct document *document, const struct node *node, uint64_t min, uint64_t max, uint64_t absent)
{
    double number = quantity_number(document, node, (double)min, (double)max, (double)absent);
    if (number != floor(number))
        node_refuse(document, node, "expected a whole number");
    return node ? (uint64_t)number : absent;
}
