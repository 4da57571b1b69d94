/* Any map of the protocol as a JSON object, generated from messages.def: fields under their names, absent ones left out, numbers of closed
 * vocabularies as their words, raw values as hex. */
#ifndef RELEVO_BENCH_JSON_H
#define RELEVO_BENCH_JSON_H

#include <jansson.h>

#include "proto/message.h"

json_t *json_of_page(const struct wire_page *page);
json_t *json_of_overview(const struct wire_overview *overview);
json_t *json_of_explanation(const struct wire_explanation *explanation);
json_t *json_of_peeked(const struct wire_peeked *peeked);
json_t *json_of_result(const struct wire_result *result);

json_t *json_of_span(struct span text);

/* Prints the value and a line end, and lets go of it. */
void json_print(json_t *value);

#endif
