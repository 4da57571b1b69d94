/* The three formats, one line each: JSON object in, dialogue out. Used by dialogue_file.c alone. */
#ifndef RELEVO_DIALOGUE_FORMAT_H
#define RELEVO_DIALOGUE_FORMAT_H

#include "connectors/common/dialogue.h"
#include "connectors/common/json_field.h"

enum {
    DIALOGUE_GAP_MS = 2000, /* between two turns of a recording without times */
    DIALOGUE_GAP_MS_MAX = 86400000,
};

/* Fill in everything of a zeroed dialogue but `line` and the turns' keys. Texts are copied into the arena. False, with the problem said in
 * `place`. */
bool dialogue_read_star(const json_t *object, struct arena *arena, struct dialogue *out, struct json_place *place);
bool dialogue_read_multidogo(const json_t *object, struct arena *arena, struct dialogue *out, struct json_place *place);
bool dialogue_read_jsonl(const json_t *object, struct arena *arena, struct dialogue *out, struct json_place *place);

#endif
