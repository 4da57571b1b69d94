#include "connectors/common/autoplay.h"

void autoplay_see(struct place *place, const struct dialogue *dialogue, const struct wire_record *record)
{
    uint32_t turn;
    if (!dialogue_turn(dialogue, record->key, &turn))
        return;
    bool customer = dialogue->turns[turn].from == SPEAKER_customer;
    if (customer && record->kind == RECORD_message && turn >= place->heard)
        place->heard = turn + 1;
    bool spoken = record->kind == RECORD_reply || record->kind == RECORD_transferred;
    if (!customer && spoken && turn >= place->played)
        place->played = turn + 1;
}

enum autoplay_step autoplay_next(struct place place, const struct dialogue *dialogue, uint32_t *turn)
{
    uint32_t at = place.heard < place.played ? place.heard : place.played;
    for (; at < dialogue->turns_count; at++) {
        bool customer = dialogue->turns[at].from == SPEAKER_customer;
        if (customer && at >= place.heard)
            return AUTOPLAY_listen;
        if (!customer && at >= place.played) {
            *turn = at;
            return AUTOPLAY_play;
        }
    }
    return AUTOPLAY_finish;
}

struct wire_change autoplay_change(const struct dialogue *dialogue, uint32_t turn, uint64_t conversation, uint64_t epoch)
{
    const struct turn *played = &dialogue->turns[turn];
    const struct handover *handover = played->handover;
    struct wire_change change = {.key = played->key, .conversation = conversation, .epoch = epoch};
    if (!handover) {
        change.kind = CHANGE_reply;
        change.text = played->text.size > 0 ? played->text : autoplay_ready_made();
        return change;
    }
    change.kind = CHANGE_transfer;
    change.queue = handover->queue;
    change.agent = handover->agent;
    change.skills = handover->skills;
    change.skills_count = handover->skills_count;
    change.text = handover->note;
    return change;
}

struct span autoplay_ready_made(void)
{
    return span_of("Thank you. I am looking into it.");
}
