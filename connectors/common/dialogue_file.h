/* Files of recorded dialogues, one JSON object a line, in three formats:
 *
 *   star       {DialogueID, Tasks[], Events[{Agent: User|Wizard, Text, UnixTime}]}
 *              topic is the first task, language "en"
 *   multidogo  {domain, conversationId, customerTurns[[number, text, intent]]}
 *              topic is the domain, language "en"; after each customer turn any answer is expected, because the recording has none;
 *              a customer turn without text is left out
 *   jsonl      {id, customer, channel?, language?, topic?, name?, priority?, turns[{from, text, after_ms?}
 *              or {from, transfer, note?, after_ms?}]}
 *
 * Addresses are star-<DialogueID>, multidogo-<conversationId>, and for jsonl the customer field. The file is not trusted: any line that
 * is not as described ends the reading with an error that says where and what was expected. */
#ifndef RELEVO_DIALOGUE_FILE_H
#define RELEVO_DIALOGUE_FILE_H

#include "connectors/common/dialogue.h"
#include "proto/status.h"

enum dialogue_format { DIALOGUE_star, DIALOGUE_multidogo, DIALOGUE_jsonl };

enum {
    DIALOGUE_LINE_MAX = 4 << 20, /* bytes */
};

struct dialogue_error {
    char text[640]; /* "FILE:LINE: turns[3].text: expected a text of 1 to 65536 bytes" */
};

/* False for a word that is no format. */
bool dialogue_format_of(const char *word, enum dialogue_format *out);

/* Adds every dialogue of the file. On bad_input or not_found `error` says where and what was expected. */
enum status dialogues_load(struct dialogues *dialogues, enum dialogue_format format, const char *path,
                           struct dialogue_error *error) MUST_CHECK;

#endif
