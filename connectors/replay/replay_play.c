#include "connectors/replay/replay_play.h"

static uint32_t part_find(const struct dialogue *dialogue, uint32_t from, bool customer)
{
    for (; from < dialogue->turns_count; from++) {
        const struct turn *turn = &dialogue->turns[from];
        if ((turn->from == SPEAKER_customer) == customer && !turn->handover)
            break;
    }
    return from;
}

void part_begin(struct part *part, const struct dialogue *dialogue)
{
    part->dialogue = dialogue;
    part->say = part_find(dialogue, 0, true);
    part->hear = part_find(dialogue, 0, false);
    part->heard_lsn = 0;
    part->saying = false;
}

bool part_may_say(const struct part *part, bool closed)
{
    return !part->saying && part->say < part->dialogue->turns_count && (!closed || part->hear > part->say);
}

void part_said(struct part *part)
{
    part->saying = false;
    part->say = part_find(part->dialogue, part->say + 1, true);
}

enum part_heard part_hear(struct part *part, struct span text, uint32_t *turn)
{
    const struct dialogue *dialogue = part->dialogue;
    *turn = part->hear;
    if (part->hear == dialogue->turns_count)
        return PART_unexpected;
    struct span recorded = dialogue->turns[part->hear].text;
    part->hear = part_find(dialogue, part->hear + 1, false);
    return recorded.size == 0 || span_equal(recorded, text) ? PART_expected : PART_different;
}

bool part_is_complete(const struct part *part)
{
    return !part->saying && part->say == part->dialogue->turns_count && part->hear == part->dialogue->turns_count;
}
