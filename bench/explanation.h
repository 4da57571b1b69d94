/* An explanation as a supervisor reads it: why a conversation is where it is, what keeps each agent from it, what happens next. */
#ifndef RELEVO_BENCH_EXPLANATION_H
#define RELEVO_BENCH_EXPLANATION_H

#include "proto/buffer.h"
#include "proto/message.h"

/* Appends it, with line ends. `of_one`: one agent was asked about, who is the only finding. */
void explanation_text(struct buffer *out, const struct wire_explanation *explanation, bool of_one);

#endif
