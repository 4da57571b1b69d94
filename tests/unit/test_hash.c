/* The source itself, so that the portable CRC is tested on machines that have the instruction. */
#include "base/hash.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"

/* From the authors' list for key 00 01 .. 0f and input 00 01 .. of each length; digest bytes 0 to 7 are `low`, little-endian. */
static const struct {
    size_t size;
    struct hash128 expected;
} sip_vectors[] = {
    {0, {UINT64_C(0xe6a825ba047f81a3), UINT64_C(0x930255c71472f66d)}},  {1, {UINT64_C(0x44af996bd8c187da), UINT64_C(0x45fc229b11597634)}},
    {7, {UINT64_C(0x53c1dbd8beebf1a1), UINT64_C(0x3982f01fa64ab8c0)}},  {8, {UINT64_C(0x61f55862baa9623b), UINT64_C(0xb49714f364e2830f)}},
    {9, {UINT64_C(0xabbad90a06994426), UINT64_C(0xed716dbb028b7fc4)}},  {15, {UINT64_C(0x11a8b03399e99354), UINT64_C(0xd9c3cf970fec087e)}},
    {16, {UINT64_C(0xbb54b067caa4e26e), UINT64_C(0x77052385bf1533fd)}}, {32, {UINT64_C(0x3efcea5eca56397c), UINT64_C(0x68eb4665559d3e36)}},
    {63, {UINT64_C(0x4a83502f77d15051), UINT64_C(0x7cbd3f979a063e50)}},
};

static const struct hash_key vector_key = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};

static void siphash_gives_the_reference_vectors(void **state)
{
    (void)state;
    uint8_t input[64];
    for (uint8_t i = 0; i < sizeof input; i++)
        input[i] = i;
    for (size_t i = 0; i < sizeof sip_vectors / sizeof sip_vectors[0]; i++) {
        struct hash128 hash = hash_sip128(vector_key, input, sip_vectors[i].size);
        assert_int_equal(hash.low, sip_vectors[i].expected.low);
        assert_int_equal(hash.high, sip_vectors[i].expected.high);
    }
}

static void siphash_depends_on_both_halves_of_the_key(void **state)
{
    (void)state;
    struct hash128 plain = hash_sip128(vector_key, "relay", 5);
    struct hash128 first = hash_sip128((struct hash_key){vector_key.k0 ^ 1, vector_key.k1}, "relay", 5);
    struct hash128 second = hash_sip128((struct hash_key){vector_key.k0, vector_key.k1 ^ 1}, "relay", 5);
    assert_int_not_equal(plain.low, first.low);
    assert_int_not_equal(plain.high, second.high);
    assert_int_not_equal(first.low, second.low);
}

/* The examples of RFC 3720 appendix B.4. */
static void crc32c_gives_the_reference_values(void **state)
{
    (void)state;
    uint8_t zeros[32] = {0}, ones[32], up[32], down[32];
    memset(ones, 0xff, sizeof ones);
    for (uint8_t i = 0; i < 32; i++) {
        up[i] = i;
        down[i] = (uint8_t)(31 - i);
    }
    assert_int_equal(hash_crc32c(0, zeros, 32), 0x8a9136aa);
    assert_int_equal(hash_crc32c(0, ones, 32), 0x62a8ab43);
    assert_int_equal(hash_crc32c(0, up, 32), 0x46dd794e);
    assert_int_equal(hash_crc32c(0, down, 32), 0x113fdb5c);
    assert_int_equal(hash_crc32c(0, "123456789", 9), 0xe3069283);
    assert_int_equal(hash_crc32c(0, "", 0), 0);
}

static uint32_t crc_bit_by_bit(const uint8_t *p, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (; size; size--, p++) {
        crc ^= *p;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return ~crc;
}

static void every_way_to_compute_crc32c_agrees(void **state)
{
    (void)state;
    struct prng prng;
    uint8_t data[300];
    prng_init(&prng, 6);
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)prng_next(&prng);
    for (size_t start = 0; start < 9; start++) {
        for (size_t size = 0; start + size <= sizeof data; size++) {
            uint32_t expected = crc_bit_by_bit(data + start, size);
            assert_int_equal(hash_crc32c(0, data + start, size), expected);
            assert_int_equal(~crc_portable(UINT32_MAX, data + start, size), expected);
            uint32_t half = hash_crc32c(0, data + start, size / 2);
            assert_int_equal(hash_crc32c(half, data + start + size / 2, size - size / 2), expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_gives_the_reference_vectors),
        cmocka_unit_test(siphash_depends_on_both_halves_of_the_key),
        cmocka_unit_test(crc32c_gives_the_reference_values),
        cmocka_unit_test(every_way_to_compute_crc32c_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
