#include "base/crc32c.h"

#include <string.h>

static uint32_t step_of(uint8_t byte)
{
    uint32_t crc = byte;

    for (int bit = 0; bit < 8; bit++)
        crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
    return crc;
}

uint32_t sf_crc32c_plain(uint32_t crc, const void *data, size_t size)
{
    static _Thread_local uint32_t steps[256]; /* per thread, so that filling it needs no lock */
    const uint8_t *at = data;

    if (!steps[1])
        for (int byte = 0; byte < 256; byte++)
            steps[byte] = step_of((uint8_t)byte);
    crc = ~crc;
    for (; size; size--)
        crc = crc >> 8 ^ steps[(crc ^ *at++) & 0xff];
    return ~crc;
}

#if defined(__x86_64__)

#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t by_processor(uint32_t crc, const uint8_t *at,
                                                               size_t size)
{
    uint64_t state = ~crc;

    for (; size >= 8; size -= 8, at += 8) {
        uint64_t word;

        memcpy(&word, at, 8);
        state = _mm_crc32_u64(state, word);
    }
    for (; size; size--)
        state = _mm_crc32_u8((uint32_t)state, *at++);
    return ~(uint32_t)state;
}

uint32_t sf_crc32c(uint32_t crc, const void *data, size_t size)
{
    if (__builtin_cpu_supports("sse4.2"))
        return by_processor(crc, data, size);
    return sf_crc32c_plain(crc, data, size);
}

#else

uint32_t sf_crc32c(uint32_t crc, const void *data, size_t size)
{
    return sf_crc32c_plain(crc, data, size);
}

#endif
