#include "store/field_codec.h"

#include <assert.h>
#include <stddef.h>

#include "base/check.h"
#include "base/little.h"

enum {
    FIELD_MAX = 64,  /* bits of the presence mask */
    VARINT_MAX = 10, /* bytes of the longest varint */
    NUMBERS_MAX = (1 + FIELD_MAX) * VARINT_MAX,
    RECORD_HEADER = 1 + 8, /* kind, at_ms */
};

enum field_type {
    FIELD_none, /* a bit that no field has */
    FIELD_u32,
    FIELD_u8,
    FIELD_u16,
    FIELD_u64,
    FIELD_i64,
    FIELD_bytes,
};

struct field {
    enum field_type type;
    uint32_t offset; /* in the struct */
};

struct field_table {
    const struct field *fields; /* by bit */
    uint32_t count;
    uint64_t (*present)(const void *base); /* which fields are not 0 and not empty: a bit of each */
};

/* A field of any other type does not compile. */
#define TYPE_OF(type)                                                                                                                      \
    _Generic((type)0, uint8_t : FIELD_u8, uint16_t : FIELD_u16, uint32_t : FIELD_u32, uint64_t : FIELD_u64, int64_t : FIELD_i64)
#define FITS_MASK(fields) static_assert(sizeof fields / sizeof *fields <= FIELD_MAX, "the bit of a field is at most 63")
#define TABLE(fields, present) ((struct field_table){fields, sizeof fields / sizeof *fields, present})

/* Which fields are there: written out, as it is asked of every record. Most are not, and a branch that is not taken costs the least. */
// clang-format off
#define NOTE(bit, value) if (__builtin_expect((value) != 0, 0)) present |= UINT64_C(1) << (bit);
#define NUMBER(bit, field, type) NOTE(bit, self->field)
#define BYTES(bit, field) NOTE(bit, self->field.size)
static uint64_t record_present(const void *base)
{
    const struct record *self = base;
    uint64_t present = 0;
#include "engine/records.def"
    return present;
}
#define ROW(name) static uint64_t row_##name##_present(const void *base) { const struct row_##name *self = base; uint64_t present = 0;
#define ROW_END(name) return present; }
#include "engine/rows.def"
#undef ROW
#undef NUMBER
#undef BYTES
#undef ROW_END
#undef NOTE
// clang-format on

static struct field_table record_table(void)
{
#define NUMBER(bit, field, type) [bit] = {TYPE_OF(type), offsetof(struct record, field)},
#define BYTES(bit, field) [bit] = {FIELD_bytes, offsetof(struct record, field)},
    static const struct field fields[] = {
#include "engine/records.def"
    };
#undef NUMBER
#undef BYTES
    FITS_MASK(fields);
    return TABLE(fields, record_present);
}

/* Offsets count from the start of the row's own struct; `self` names that struct to the fields inside it. */
static struct field_table row_table(enum row_kind kind)
{
    switch (kind) {
// clang-format off
#define ROW(name) \
    case ROW_##name: { \
        typedef struct row_##name self; \
        static const struct field fields[] = {
#define NUMBER(bit, field, type) [bit] = {TYPE_OF(type), offsetof(self, field)},
#define BYTES(bit, field) [bit] = {FIELD_bytes, offsetof(self, field)},
#define ROW_END(name) \
        }; \
        FITS_MASK(fields); \
        return TABLE(fields, row_##name##_present); \
    }
// clang-format on
#include "engine/rows.def"
#undef ROW
#undef NUMBER
#undef BYTES
#undef ROW_END
    case ROW_KINDS:
        break;
    }
    check_failed(__FILE__, __LINE__, "a row has one of the known kinds");
}

static inline char *varint_put(char *to, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *to++ = (char)(value | 0x80);
    *to++ = (char)value;
    return to;
}

/* What is still to be decoded. */
struct rest {
    const char *at, *end;
};

static bool varint_get_long(struct rest *rest, uint64_t *out)
{
    const char *at = rest->at;
    uint64_t value = 0;
    for (unsigned shift = 0; at < rest->end && shift < 7 * VARINT_MAX; shift += 7) {
        uint64_t byte = (unsigned char)*at++;
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            rest->at = at;
            *out = value;
            return byte != 0 && byte << shift >> shift == byte;
        }
    }
    return false;
}

/* Takes a varint from the front. Only the shortest form is one: the same state has the same bytes. */
static inline bool varint_get(struct rest *rest, uint64_t *out)
{
    if (rest->at == rest->end || *rest->at & 0x80)
        return varint_get_long(rest, out);
    *out = (unsigned char)*rest->at++;
    return true;
}

/* What is written for a field that is not bytes: the number, zigzag when signed. */
static inline uint64_t field_load(struct field field, const char *base)
{
    const char *from = base + field.offset;
    uint32_t small;
    uint64_t number;
    uint16_t half;
    switch (field.type) {
    case FIELD_none:
    case FIELD_bytes:
        return 0;
    case FIELD_u8:
        return (unsigned char)*from;
    case FIELD_u16:
        memcpy(&half, from, sizeof half);
        return half;
    case FIELD_u32:
        memcpy(&small, from, sizeof small);
        return small;
    case FIELD_u64:
        memcpy(&number, from, sizeof number);
        return number;
    case FIELD_i64:
        memcpy(&number, from, sizeof number);
        return number << 1 ^ (0 - (number >> 63));
    }
    return 0;
}

/* Takes the field's bytes, if it has any, from the front of `rest`. */
static inline bool field_store(struct field field, char *base, uint64_t value, struct rest *rest)
{
    char *to = base + field.offset;
    uint32_t small = (uint32_t)value;
    uint16_t half = (uint16_t)value;
    uint64_t plain = value >> 1 ^ (0 - (value & 1));
    struct span bytes = {rest->at, small};
    switch (field.type) {
    case FIELD_none:
        return false;
    case FIELD_u8:
        *to = (char)half;
        return value == (uint8_t)value;
    case FIELD_u16:
        memcpy(to, &half, sizeof half);
        return value == half;
    case FIELD_u32:
        memcpy(to, &small, sizeof small);
        return value == small;
    case FIELD_u64:
        memcpy(to, &value, sizeof value);
        return true;
    case FIELD_i64:
        memcpy(to, &plain, sizeof plain);
        return true;
    case FIELD_bytes:
        if (value > (uint64_t)(rest->end - rest->at))
            return false;
        rest->at += small;
        memcpy(to, &bytes, sizeof bytes);
        return true;
    }
    return false;
}

/* Its size, itself, and behind it room for all the numbers that may still come. */
static char *bytes_put(struct buffer *buffer, char *to, struct span bytes)
{
    to = varint_put(to, bytes.size);
    buffer->size = (size_t)(to - buffer->data);
    to = buffer_reserve(buffer, bytes.size + (size_t)NUMBERS_MAX);
    memcpy(to, bytes.data, bytes.size);
    return to + bytes.size;
}

static void fields_encode(struct buffer *buffer, struct field_table table, const void *base)
{
    uint64_t present = table.present(base);
    char *to = varint_put(buffer_reserve(buffer, NUMBERS_MAX), present);
    for (uint64_t left = present; left; left &= left - 1) {
        struct field field = table.fields[__builtin_ctzll(left)];
        struct span bytes;
        if (field.type == FIELD_bytes) {
            memcpy(&bytes, (const char *)base + field.offset, sizeof bytes);
            to = bytes_put(buffer, to, bytes);
        } else {
            to = varint_put(to, field_load(field, base));
        }
    }
    buffer->size = (size_t)(to - buffer->data);
}

static bool fields_decode(struct span bytes, struct field_table table, void *base)
{
    struct rest rest = {bytes.data, bytes.data + bytes.size};
    uint64_t present, value;
    if (!varint_get(&rest, &present))
        return false;
    for (uint64_t left = present; left; left &= left - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(left);
        if (bit >= table.count || !varint_get(&rest, &value) || value == 0 || !field_store(table.fields[bit], base, value, &rest))
            return false;
    }
    return rest.at == rest.end;
}

void record_encode(struct buffer *buffer, const struct record *record)
{
    unsigned kind = record->kind;
    ASSERT(kind >= 1 && kind <= RECORD_MAX);
    char *header = buffer_reserve(buffer, RECORD_HEADER);
    header[0] = (char)kind;
    little_put(header + 1, (uint64_t)record->at_ms, 8);
    buffer->size += RECORD_HEADER;
    fields_encode(buffer, record_table(), record);
}

enum status record_decode(struct span bytes, lsn_t lsn, struct record *out)
{
    if (bytes.size <= RECORD_HEADER)
        return STATUS_corrupt;
    unsigned kind = (unsigned char)bytes.data[0];
    if (kind < 1 || kind > RECORD_MAX)
        return STATUS_corrupt;
    *out = (struct record){.lsn = lsn, .kind = (enum record_kind)kind, .at_ms = (int64_t)little_get(bytes.data + 1, 8)};
    struct span fields = {bytes.data + RECORD_HEADER, bytes.size - RECORD_HEADER};
    return fields_decode(fields, record_table(), out) ? STATUS_ok : STATUS_corrupt;
}

/* Every row struct begins with its id and sits at the start of the union, so any member finds them. */
void row_encode(struct buffer *buffer, const struct row *row)
{
    ASSERT(!row->gone);
    fields_encode(buffer, row_table(row->kind), &row->conversation);
}

enum status row_decode(struct span bytes, enum row_kind kind, uint64_t id, struct row *out)
{
    memset(out, 0, sizeof *out);
    out->kind = kind;
    out->conversation.id = id;
    return fields_decode(bytes, row_table(kind), &out->conversation) ? STATUS_ok : STATUS_corrupt;
}

static void big_put(char *to, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        to[i] = (char)(value >> (8 * (size - 1 - i)));
}

static uint64_t big_get(const char *from, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value = value << 8 | (unsigned char)from[i];
    return value;
}

struct span key_u64(uint64_t id, char out[8])
{
    big_put(out, id, 8);
    return (struct span){out, 8};
}

uint64_t key_u64_value(struct span key)
{
    return key.size == 8 ? big_get(key.data, 8) : 0;
}

struct span key_pending(name_id principal, lsn_t lsn, char out[12])
{
    big_put(out, principal, 4);
    big_put(out + 4, lsn, 8);
    return (struct span){out, 12};
}

bool key_pending_value(struct span key, name_id *principal, lsn_t *lsn)
{
    if (key.size != 12)
        return false;
    *principal = (name_id)big_get(key.data, 4);
    *lsn = big_get(key.data + 4, 8);
    return true;
}
