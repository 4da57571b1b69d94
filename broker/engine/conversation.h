/* Conversations and their place: waiting in a class, offered to an agent, owned by one, or nowhere. The place is derived from the row, so
 * every change of state is: leave the place, change the row, take the place. */
#ifndef RELEVO_CONVERSATION_H
#define RELEVO_CONVERSATION_H

#include "engine/state.h"

/* NULL: not in memory. */
struct conversation *conversation_get(const struct engine *engine, conversation_id id);

/* Brings it into memory from a row, in its place. Copies. */
struct conversation *conversation_add(struct engine *engine, const struct row_conversation *row);
void conversation_forget(struct engine *engine, struct conversation *conversation);
void conversation_fini(struct engine *engine);

void conversation_leave_place(struct engine *engine, struct conversation *conversation);
void conversation_take_place(struct engine *engine, struct conversation *conversation);

bool conversation_finished(const struct row_conversation *row);
bool conversation_in_progress(const struct row_conversation *row);

/* The agent missed it: not offered to it again before until_ms. The oldest entry makes room. */
void conversation_pass_over(struct conversation *conversation, name_id agent, int64_t until_ms);
bool conversation_passes_over(const struct conversation *conversation, name_id agent, int64_t now_ms);

/* A passing over ended while it waits: an agent may take it who could not before. */
void conversation_match_again(struct engine *engine, struct conversation *conversation);

/* (Re)arms its timer: the offer's deadline, or the next end of a passing over. */
void conversation_arm(struct engine *engine, struct conversation *conversation);

/* The row with passed_over filled in, borrowing the engine until the next call. */
struct row_conversation conversation_row(struct engine *engine, const struct conversation *conversation);

#endif
