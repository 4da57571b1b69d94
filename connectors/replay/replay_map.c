#include "connectors/replay/replay_map.h"

struct wire_change replay_message(const struct dialogue *dialogue, uint32_t turn)
{
    /* What rules look at goes with every message: any of them may open or reopen the conversation. */
    return (struct wire_change){
        .kind = CHANGE_message,
        .key = dialogue->turns[turn].key,
        .address = dialogue->address,
        .name = dialogue->name,
        .text = dialogue->turns[turn].text,
        .topic = dialogue->topic,
        .language = dialogue->language,
        .priority = dialogue->priority,
        .source_ms = dialogue->turns[turn].source_ms,
    };
}
