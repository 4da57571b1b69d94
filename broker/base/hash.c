#include "base/hash.h"

#include "base/little.h"

/* Bytes are little-endian in both algorithms. */
static inline uint64_t load64(const uint8_t *p)
{
    return little_get((const char *)p, sizeof(uint64_t));
}

/* The last bytes of `size`, fewer than eight, and above them the size. */
static inline uint64_t load_tail(const uint8_t *end, size_t size)
{
    size_t left = size % 8;
    uint64_t word = 0;
    if (left && size >= 8)
        word = load64(end - 8) >> (8 * (8 - left)); /* one load; the lower ones are known already */
    else
        for (size_t i = 0; i < left; i++)
            word |= (uint64_t)end[(ptrdiff_t)i - (ptrdiff_t)left] << (8 * i);
    return word | (uint64_t)size << 56;
}

static inline uint64_t rotate_left(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

/* Named words stay in registers where an array of them would not. */
struct sip {
    uint64_t v0, v1, v2, v3;
};

static inline void sip_round(struct sip *sip)
{
    sip->v0 += sip->v1;
    sip->v2 += sip->v3;
    sip->v1 = rotate_left(sip->v1, 13) ^ sip->v0;
    sip->v3 = rotate_left(sip->v3, 16) ^ sip->v2;
    sip->v0 = rotate_left(sip->v0, 32);
    sip->v2 += sip->v1;
    sip->v0 += sip->v3;
    sip->v1 = rotate_left(sip->v1, 17) ^ sip->v2;
    sip->v3 = rotate_left(sip->v3, 21) ^ sip->v0;
    sip->v2 = rotate_left(sip->v2, 32);
}

static inline void sip_compress(struct sip *sip, uint64_t word)
{
    sip->v3 ^= word;
    sip_round(sip);
    sip->v0 ^= word;
}

static inline uint64_t sip_finish(struct sip *sip)
{
    sip_round(sip);
    sip_round(sip);
    sip_round(sip);
    return sip->v0 ^ sip->v1 ^ sip->v2 ^ sip->v3;
}

/* `wide` sets the two lengths of output apart: 0, or 0xee for 128 bits. Inline in both, or its state goes through memory. */
__attribute__((always_inline)) static inline struct sip sip_absorb(struct hash_key key, const uint8_t *p, size_t size, uint64_t wide)
{
    struct sip sip = {
        key.k0 ^ UINT64_C(0x736f6d6570736575),
        key.k1 ^ UINT64_C(0x646f72616e646f6d) ^ wide,
        key.k0 ^ UINT64_C(0x6c7967656e657261),
        key.k1 ^ UINT64_C(0x7465646279746573),
    };
    const uint8_t *end = p + size;
    for (; end - p >= 8; p += 8)
        sip_compress(&sip, load64(p));
    sip_compress(&sip, load_tail(end, size));
    return sip;
}

uint64_t hash_sip64(struct hash_key key, const void *data, size_t size)
{
    struct sip sip = sip_absorb(key, data, size, 0);
    sip.v2 ^= 0xff;
    return sip_finish(&sip);
}

struct hash128 hash_sip128(struct hash_key key, const void *data, size_t size)
{
    struct sip sip = sip_absorb(key, data, size, 0xee);
    struct hash128 result;
    sip.v2 ^= 0xee;
    result.low = sip_finish(&sip);
    sip.v1 ^= 0xdd;
    result.high = sip_finish(&sip);
    return result;
}

/* A CRC is linear, so the 256 entries of a table follow from those of its eight bits. */
#define BIT(i, b, value) (((i) >> (b)&1u) * (value))
#define ENTRY(i, a, b, c, d, e, f, g, h)                                                                                                   \
    (BIT(i, 0, a) ^ BIT(i, 1, b) ^ BIT(i, 2, c) ^ BIT(i, 3, d) ^ BIT(i, 4, e) ^ BIT(i, 5, f) ^ BIT(i, 6, g) ^ BIT(i, 7, h))
#define FOUR(i, ...) ENTRY(i, __VA_ARGS__), ENTRY((i) + 1u, __VA_ARGS__), ENTRY((i) + 2u, __VA_ARGS__), ENTRY((i) + 3u, __VA_ARGS__)
#define SIXTEEN(i, ...) FOUR(i, __VA_ARGS__), FOUR((i) + 4u, __VA_ARGS__), FOUR((i) + 8u, __VA_ARGS__), FOUR((i) + 12u, __VA_ARGS__)
#define SIXTY_FOUR(i, ...)                                                                                                                 \
    SIXTEEN(i, __VA_ARGS__), SIXTEEN((i) + 16u, __VA_ARGS__), SIXTEEN((i) + 32u, __VA_ARGS__), SIXTEEN((i) + 48u, __VA_ARGS__)
#define ALL(...) SIXTY_FOUR(0u, __VA_ARGS__), SIXTY_FOUR(64u, __VA_ARGS__), SIXTY_FOUR(128u, __VA_ARGS__), SIXTY_FOUR(192u, __VA_ARGS__)

/* crc_tables[k][b] is the CRC of byte b followed by k zero bytes. */
static const uint32_t crc_tables[8][256] = {
    {ALL(0xf26b8303u, 0xe13b70f7u, 0xc79a971fu, 0x8ad958cfu, 0x105ec76fu, 0x20bd8edeu, 0x417b1dbcu, 0x82f63b78u)},
    {ALL(0x13a29877u, 0x274530eeu, 0x4e8a61dcu, 0x9d14c3b8u, 0x3fc5f181u, 0x7f8be302u, 0xff17c604u, 0xfbc3faf9u)},
    {ALL(0xa541927eu, 0x4f6f520du, 0x9edea41au, 0x38513ec5u, 0x70a27d8au, 0xe144fb14u, 0xc76580d9u, 0x8b277743u)},
    {ALL(0xdd45aab8u, 0xbf672381u, 0x7b2231f3u, 0xf64463e6u, 0xe964b13du, 0xd725148bu, 0xaba65fe7u, 0x52a0c93fu)},
    {ALL(0x38116facu, 0x7022df58u, 0xe045beb0u, 0xc5670b91u, 0x8f2261d3u, 0x1ba8b557u, 0x37516aaeu, 0x6ea2d55cu)},
    {ALL(0xef306b19u, 0xdb8ca0c3u, 0xb2f53777u, 0x6006181fu, 0xc00c303eu, 0x85f4168du, 0x0e045bebu, 0x1c08b7d6u)},
    {ALL(0x68032cc8u, 0xd0065990u, 0xa5e0c5d1u, 0x4e2dfd53u, 0x9c5bfaa6u, 0x3d5b83bdu, 0x7ab7077au, 0xf56e0ef4u)},
    {ALL(0x493c7d27u, 0x9278fa4eu, 0x211d826du, 0x423b04dau, 0x847609b4u, 0x0d006599u, 0x1a00cb32u, 0x34019664u)},
};

static uint32_t crc_portable(uint32_t crc, const uint8_t *p, size_t size)
{
    for (; size >= 8; size -= 8, p += 8) {
        uint64_t word = load64(p) ^ crc;
        crc = 0;
        for (int k = 0; k < 8; k++)
            crc ^= crc_tables[k][word >> (8 * (7 - k)) & 0xff];
    }
    for (; size; size--, p++)
        crc = crc >> 8 ^ crc_tables[0][(crc ^ *p) & 0xff];
    return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t crc_instruction(uint32_t crc, const uint8_t *p, size_t size)
{
    for (; size >= 8; size -= 8, p += 8)
        crc = (uint32_t)__builtin_ia32_crc32di(crc, load64(p));
    for (; size; size--, p++)
        crc = __builtin_ia32_crc32qi(crc, *p);
    return crc;
}
#endif

uint32_t hash_crc32c(uint32_t crc, const void *data, size_t size)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.2"))
        return ~crc_instruction(~crc, data, size);
#endif
    return ~crc_portable(~crc, data, size);
}
