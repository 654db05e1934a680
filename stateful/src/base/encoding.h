/* encoding.h - numbers as bytes: big-endian where bytes are compared or Kafka wants it, little-endian
 * and varints (LEB128) where only we read them. */
#ifndef SF_BASE_ENCODING_H
#define SF_BASE_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <stateful/bytes.h>

static inline void sf_put_be32(uint8_t *to, uint32_t value)
{
    value = __builtin_bswap32(value);
    memcpy(to, &value, 4);
}

static inline uint32_t sf_get_be32(const uint8_t *from)
{
    uint32_t value;

    memcpy(&value, from, 4);
    return __builtin_bswap32(value);
}

static inline void sf_put_be64(uint8_t *to, uint64_t value)
{
    value = __builtin_bswap64(value);
    memcpy(to, &value, 8);
}

static inline uint64_t sf_get_be64(const uint8_t *from)
{
    uint64_t value;

    memcpy(&value, from, 8);
    return __builtin_bswap64(value);
}

static inline void sf_put_le32(uint8_t *to, uint32_t value)
{
    memcpy(to, &value, 4);
}

static inline uint32_t sf_get_le32(const uint8_t *from)
{
    uint32_t value;

    memcpy(&value, from, 4);
    return value;
}

static inline void sf_put_le64(uint8_t *to, uint64_t value)
{
    memcpy(to, &value, 8);
}

static inline uint64_t sf_get_le64(const uint8_t *from)
{
    uint64_t value;

    memcpy(&value, from, 8);
    return value;
}

#define SF_VARINT_MAX 10

/* Writes value (at most SF_VARINT_MAX bytes); returns the size in bytes. */
static inline size_t sf_put_varint(uint8_t *to, uint64_t value)
{
    size_t size = 0;

    while (value >= 0x80) {
        to[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    to[size++] = (uint8_t)value;
    return size;
}

/* Reads a varint; returns its size in bytes, 0 if it is cut or too long. */
static inline size_t sf_get_varint(const uint8_t *from, size_t available, uint64_t *value)
{
    uint64_t result = 0;

    for (size_t i = 0; i < available && i < SF_VARINT_MAX; i++) {
        result |= (uint64_t)(from[i] & 0x7f) << (7 * i);
        if (from[i] < 0x80) {
            *value = result;
            return i + 1;
        }
    }
    return 0;
}

/* Takes a varint from the front of what is left to read; false: it is cut or too long. */
static inline bool sf_take_varint(sf_bytes *left, uint64_t *value)
{
    size_t size = sf_get_varint(left->data, left->size, value);

    if (!size)
        return false;
    *left = sf_bytes_of(left->data + size, left->size - size);
    return true;
}

/* Takes as many bytes; false: there are fewer. */
static inline bool sf_take_bytes(sf_bytes *left, uint64_t size, sf_bytes *taken)
{
    if (size > left->size)
        return false;
    *taken = sf_bytes_of(left->data, (size_t)size);
    *left = sf_bytes_of(left->data + size, left->size - (size_t)size);
    return true;
}

/* Signed numbers, small ones of either sign short. */
static inline uint64_t sf_zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static inline int64_t sf_unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

#endif
