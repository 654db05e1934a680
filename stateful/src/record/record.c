#include <stateful/record.h>

#include <string.h>

#include "base/encoding.h"

sf_record sf_record_copy(const sf_record *record, sf_arena *arena)
{
    sf_record copy = *record;

    copy.key = sf_arena_copy(arena, record->key);
    copy.value = sf_arena_copy(arena, record->value);
    if (record->headers.count) {
        sf_header *items = sf_arena_alloc(arena, record->headers.count * sizeof(*items));

        for (size_t i = 0; i < record->headers.count; i++)
            items[i] = (sf_header){sf_arena_text(arena, record->headers.items[i].name),
                                   sf_arena_copy(arena, record->headers.items[i].value)};
        copy.headers.items = items;
    }
    return copy;
}

const sf_header *sf_headers_last(sf_headers headers, const char *name)
{
    for (size_t i = headers.count; i > 0; i--)
        if (!strcmp(headers.items[i - 1].name, name))
            return &headers.items[i - 1];
    return NULL;
}

sf_headers sf_headers_with(sf_headers headers, const char *name, sf_bytes value, sf_arena *arena)
{
    sf_header *items = sf_arena_alloc(arena, (headers.count + 1) * sizeof(*items));

    if (headers.count)
        memcpy(items, headers.items, headers.count * sizeof(*items));
    items[headers.count] = (sf_header){sf_arena_text(arena, name), sf_arena_copy(arena, value)};
    return (sf_headers){items, headers.count + 1};
}

/* ---- packed: number of headers; of each its name's size, name with a NUL, its value's size + 1 (0: null),
 * value; then the record's value. Numbers are varints. ---- */

static size_t packed_size_at_most(sf_headers headers, sf_bytes value)
{
    size_t size = SF_VARINT_MAX + value.size;

    for (size_t i = 0; i < headers.count; i++)
        size += 2 * SF_VARINT_MAX + strlen(headers.items[i].name) + 1 + headers.items[i].value.size;
    return size;
}

static uint8_t *put_bytes(uint8_t *to, const void *data, size_t size)
{
    if (size > 0)
        memcpy(to, data, size);
    return to + size;
}

static uint8_t *put_header(uint8_t *to, const sf_header *header)
{
    size_t name_size = strlen(header->name);

    to += sf_put_varint(to, name_size);
    to = put_bytes(to, header->name, name_size + 1);
    to += sf_put_varint(to, header->value.data ? header->value.size + 1 : 0);
    return put_bytes(to, header->value.data, header->value.size);
}

sf_bytes sf_headers_pack(sf_headers headers, sf_bytes value, sf_arena *arena)
{
    uint8_t *packed;
    uint8_t *to;

    if (sf_bytes_is_null(value))
        return SF_NULL;
    packed = sf_arena_alloc(arena, packed_size_at_most(headers, value));
    to = packed + sf_put_varint(packed, headers.count);
    for (size_t i = 0; i < headers.count; i++)
        to = put_header(to, &headers.items[i]);
    to = put_bytes(to, value.data, value.size);
    return sf_bytes_of(packed, (size_t)(to - packed));
}

static bool take_header(sf_bytes *left, sf_header *header)
{
    uint64_t size;
    sf_bytes name;

    if (!sf_take_varint(left, &size) || size >= left->size ||
        !sf_take_bytes(left, size + 1, &name) || name.data[size] != 0 ||
        !sf_take_varint(left, &size))
        return false;
    header->name = (const char *)name.data;
    header->value = SF_NULL;
    return size == 0 || sf_take_bytes(left, size - 1, &header->value);
}

bool sf_headers_unpack(sf_bytes packed, sf_arena *arena, sf_headers *headers, sf_bytes *value)
{
    sf_bytes left = packed;
    sf_header *items;
    uint64_t count;

    *headers = (sf_headers){0};
    *value = SF_NULL;
    if (sf_bytes_is_null(packed))
        return true;
    if (!sf_take_varint(&left, &count) || count > left.size) /* a header has bytes */
        return false;
    items = count ? sf_arena_alloc(arena, (size_t)count * sizeof(*items)) : NULL;
    for (uint64_t i = 0; i < count; i++)
        if (!take_header(&left, &items[i]))
            return false;
    *headers = (sf_headers){items, (size_t)count};
    *value = left;
    return true;
}
