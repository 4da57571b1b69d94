/* Checkpoint rows as plain structs, generated from rows.def. Spans borrow whatever the row was taken from. */
#ifndef RELEVO_ROW_H
#define RELEVO_ROW_H

#include "engine/record.h"

enum row_kind {
#define ROW(kind) ROW_##kind,
#define NUMBER(bit, field, type)
#define BYTES(bit, field)
#define ROW_END(kind)
#include "engine/rows.def"
#undef ROW
#undef NUMBER
#undef BYTES
#undef ROW_END
    ROW_KINDS
};

#define ROW(kind)                                                                                                                          \
    struct row_##kind {                                                                                                                    \
        uint64_t id;
#define NUMBER(bit, field, type) type field;
#define BYTES(bit, field) struct span field;
#define ROW_END(kind)                                                                                                                      \
    }                                                                                                                                      \
    ;
#include "engine/rows.def"
#undef ROW
#undef NUMBER
#undef BYTES
#undef ROW_END

struct row {
    enum row_kind kind;
    bool gone; /* session: the entity no longer exists, its row is deleted */
    union {
        struct row_conversation conversation;
        struct row_customer customer;
        struct row_principal principal;
        struct row_session session;
        struct row_name name;
    };
};

#endif
