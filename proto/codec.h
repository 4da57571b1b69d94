/* msgpack <-> structs, driven by the tables of messages.def: one loop decodes every map, one loop encodes every map.
 *
 * A frame is hostile until codec_decode has accepted it. Decoding fills structs from the arena in one pass, checking that the frame holds
 * together (well-formed, nothing after it, not deeper than WIRE_DEPTH_MAX, no count larger than the bytes left), types, ranges, required
 * and doubled fields. Text must be valid UTF-8, inside raw values too. Which fields a kind of change needs is change.h's. */
#ifndef RELEVO_CODEC_H
#define RELEVO_CODEC_H

#include "proto/arena.h"
#include "proto/buffer.h"
#include "proto/message.h"
#include "proto/status.h"

struct codec_error {
    char detail[160]; /* where and what was expected: "submit.changes[3].text: at most 65536 bytes" */
    uint64_t verb;    /* 0 when unreadable */
};

/* Decodes one frame; its first key has to be 0, the verb. `out` borrows `bytes` and `arena`. On any status but ok, `error` says where;
 * `out` is not usable. */
enum status codec_decode(struct span bytes, struct arena *arena, struct frame *out, struct codec_error *error) MUST_CHECK;

/* Appends the frame's bytes. Absent values (0, empty) of optional fields are left out. The caller keeps within the limits (asserted). */
void codec_encode(struct buffer *buffer, const struct frame *frame);

/* A frame of which one long list is written piece by piece, so that no array of structs is ever built: `submitted.results`,
 * `fetched.deliveries`, `page.records`, `submit.changes`. codec_begin writes the frame's other fields and opens its only list, which
 * therefore comes last; each codec_record, codec_result, codec_change appends one element, codec_items_bytes some; codec_end fixes the
 * count. `head`'s list member must be empty. */
struct codec_list {
    struct buffer *buffer;
    size_t count_at; /* offset of the array's 32-bit count */
    uint32_t count;
};
struct codec_list codec_begin(struct buffer *buffer, const struct frame *head);
void codec_record(struct codec_list *list, const struct wire_record *record);
void codec_result(struct codec_list *list, const struct wire_result *result);
void codec_change(struct codec_list *list, const struct wire_change *change);
void codec_items_bytes(struct codec_list *list, uint32_t count, struct span encoded); /* elements encoded before */
void codec_end(struct codec_list *list);

/* One map alone, without a frame around it: what a client keeps of a change until it is answered. */
void codec_encode_change(struct buffer *buffer, const struct wire_change *change);

/* The frame as one readable line ("submit session=7 changes=[{kind=message key=\"a1\" ...}]"), for a person. Long texts are cut. */
void codec_text(struct buffer *out, const struct frame *frame);

/* The same line from bytes that may be anything: what does not decode is shown as its error. */
void codec_text_bytes(struct buffer *out, struct span bytes);

/* The verb that answers `verb`; VERB_error for one that is not a request. */
enum verb codec_reply_of(enum verb verb);

#endif
