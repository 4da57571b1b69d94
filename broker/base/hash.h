/* SipHash-1-3 (Aumasson and Bernstein 2012): a keyed hash that those who do not know the key cannot make collide on purpose. One round a
 * word and three at the end are what tables need, where nobody sees a hash; the authors' 2-4 is for those that are sent about.
 * And CRC-32C (Castagnoli, RFC 3720 appendix B.4), which guards stored records. Both give the same result on every machine. */
#ifndef RELEVO_HASH_H
#define RELEVO_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
    uint64_t k0, k1;
};

struct hash128 {
    uint64_t low, high;
};

/* For a place in a table. */
uint64_t hash_sip64(struct hash_key key, const void *data, size_t size);
/* For what stands for the bytes themselves. */
struct hash128 hash_sip128(struct hash_key key, const void *data, size_t size);

/* Continues from `crc` (0 to start). */
uint32_t hash_crc32c(uint32_t crc, const void *data, size_t size);

#endif
