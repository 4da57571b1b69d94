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

/* As OpenSSL computes them (openssl mac -macopt c-rounds:1 -macopt d-rounds:3 -macopt size:16 or 8 SIPHASH), for key 00 01 .. 0f and input
 * 00 01 .. of each length; digest bytes 0 to 7 are `low`, little-endian. */
static const struct {
    size_t size;
    struct hash128 wide;
    uint64_t narrow;
} sip_vectors[] = {
    {0, {UINT64_C(0xbea58827b2bc7ee7), UINT64_C(0x013030dd6adb62fd)}, UINT64_C(0xabac0158050fc4dc)},
    {1, {UINT64_C(0xa8edd36004376ffc), UINT64_C(0x63f02f2bcc73055e)}, UINT64_C(0xc9f49bf37d57ca93)},
    {7, {UINT64_C(0xc3e0aaf223b98410), UINT64_C(0x77ab4808c82e2fa6)}, UINT64_C(0xd3927d989bb11140)},
    {8, {UINT64_C(0xb4dae3d5e1fe12aa), UINT64_C(0x99c7f935ab164f72)}, UINT64_C(0x369095118d299a8e)},
    {9, {UINT64_C(0x9439f32c04b8dd81), UINT64_C(0x427c1394000e72f4)}, UINT64_C(0x25a48eb36c063de4)},
    {15, {UINT64_C(0x6c52bdb205557ec1), UINT64_C(0x09017e1eeccd2129)}, UINT64_C(0xd320d86d2a519956)},
    {16, {UINT64_C(0xeb8e511557d9a8d0), UINT64_C(0x93179e3df8b013b5)}, UINT64_C(0xcc4fdd1a7d908b66)},
    {32, {UINT64_C(0xb25778e6de446c40), UINT64_C(0xd317740cf3603194)}, UINT64_C(0x81157b6c16a7b60d)},
    {63, {UINT64_C(0x6f42fe4ee300584c), UINT64_C(0xad6052a70a6b9f07)}, UINT64_C(0x9d199062b7bbb3a8)},
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
        assert_int_equal(hash.low, sip_vectors[i].wide.low);
        assert_int_equal(hash.high, sip_vectors[i].wide.high);
        assert_int_equal(hash_sip64(vector_key, input, sip_vectors[i].size), sip_vectors[i].narrow);
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
