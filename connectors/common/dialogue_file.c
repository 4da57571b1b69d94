#include "connectors/common/dialogue_file.h"

#include <errno.h>
#include <stdio.h>

#include "connectors/common/dialogue_format.h"
#include "connectors/common/lines.h"

struct reading {
    struct dialogues *dialogues;
    enum dialogue_format format;
    const char *path;
    struct dialogue_error *error;
};

bool dialogue_format_of(const char *word, enum dialogue_format *out)
{
    static const char *const words[] = {[DIALOGUE_star] = "star", [DIALOGUE_multidogo] = "multidogo", [DIALOGUE_jsonl] = "jsonl"};
    for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(word, words[i]) == 0) {
            *out = (enum dialogue_format)i;
            return true;
        }
    }
    return false;
}

static bool reading_format(const struct reading *reading, const json_t *object, struct dialogue *out, struct json_place *place)
{
    struct arena *arena = &reading->dialogues->arena;
    switch (reading->format) {
    case DIALOGUE_star:
        return dialogue_read_star(object, arena, out, place);
    case DIALOGUE_multidogo:
        return dialogue_read_multidogo(object, arena, out, place);
    case DIALOGUE_jsonl:
        return dialogue_read_jsonl(object, arena, out, place);
    }
    return false;
}

/* What every format has to hold. */
static bool reading_check(const struct dialogue *dialogue, struct json_place *place)
{
    place->where[0] = 0;
    if (dialogue->turns_count == 0)
        return json_problem(place, "turns", "expected at least one with a text");
    if (dialogue->turns[0].from != SPEAKER_customer)
        return json_problem(place, "turns[0]", "expected the customer: a conversation begins with a message");
    return true;
}

static bool reading_dialogue(const struct reading *reading, struct span line, uint64_t number, struct json_place *place)
{
    struct dialogues *dialogues = reading->dialogues;
    struct dialogue *dialogue = arena_take(&dialogues->arena, sizeof *dialogue);
    json_t *object = json_line(line, place);
    bool read = object && reading_format(reading, object, dialogue, place) && reading_check(dialogue, place);
    json_decref(object);
    if (!read)
        return false;
    dialogue->line = number;
    for (uint32_t i = 0; i < dialogue->turns_count; i++)
        dialogue->turns[i].key = dialogue_key(&dialogues->arena, dialogue->address, i);
    if (dialogues->count == DIALOGUES_MAX)
        return json_problem(place, "file", "expected at most %d dialogues", DIALOGUES_MAX);
    if (dialogues_add(dialogues, dialogue))
        return true;
    const struct dialogue *other = dialogues_find(dialogues, dialogue->address);
    return json_problem(place, "customer", "expected another one than in line %llu: an address has one dialogue",
                        (unsigned long long)other->line);
}

static bool reading_line(void *context, uint64_t number, struct span line, bool whole)
{
    const struct reading *reading = context;
    struct json_place place = {0};
    if (!whole)
        json_problem(&place, "line", "expected at most %d bytes", DIALOGUE_LINE_MAX);
    else if (line.size == 0 || reading_dialogue(reading, line, number, &place))
        return true;
    snprintf(reading->error->text, sizeof reading->error->text, "%.200s:%llu: %s", reading->path, (unsigned long long)number,
             place.problem);
    return false;
}

static enum status reading_errno(const struct reading *reading)
{
    enum status status = errno == ENOENT ? STATUS_not_found : STATUS_bad_input;
    snprintf(reading->error->text, sizeof reading->error->text, "%.200s: %s", reading->path, strerror(errno));
    return status;
}

static enum status reading_file(struct reading *reading, FILE *file)
{
    struct lines lines = {.line_max = DIALOGUE_LINE_MAX};
    char bytes[1 << 16];
    bool good = true;
    for (size_t size; good && (size = fread(bytes, 1, sizeof bytes, file)) > 0;)
        good = lines_feed(&lines, bytes, size, reading_line, reading);
    enum status status = STATUS_ok;
    if (good && ferror(file))
        status = reading_errno(reading);
    else if (!good || !lines_end(&lines, reading_line, reading))
        status = STATUS_bad_input;
    lines_fini(&lines);
    return status;
}

enum status dialogues_load(struct dialogues *dialogues, enum dialogue_format format, const char *path, struct dialogue_error *error)
{
    struct reading reading = {dialogues, format, path, error};
    FILE *file = fopen(path, "r");
    if (!file)
        return reading_errno(&reading);
    enum status status = reading_file(&reading, file);
    fclose(file);
    return status;
}
