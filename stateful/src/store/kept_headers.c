#include "store/kept_headers.h"

#include <string.h>

#include "base/memory.h"

struct sf_kept_headers {
    size_t count;
    sf_header items[]; /* then their bytes */
};

static size_t bytes_of(sf_headers headers)
{
    size_t size = 0;

    for (size_t i = 0; i < headers.count; i++)
        size += strlen(headers.items[i].name) + 1 + headers.items[i].value.size;
    return size;
}

/* Copies the header to there; returns what is behind it. */
static uint8_t *copy_header(const sf_header *header, uint8_t *to, sf_header *copy)
{
    size_t name_size = strlen(header->name) + 1;

    memcpy(to, header->name, name_size);
    copy->name = (const char *)to;
    to += name_size;
    copy->value = header->value.data ? sf_bytes_of(to, header->value.size) : SF_NULL;
    if (header->value.size > 0)
        memcpy(to, header->value.data, header->value.size);
    return to + header->value.size;
}

sf_kept_headers *sf_kept_headers_copy(sf_headers headers)
{
    size_t items_size = headers.count * sizeof(sf_header);
    sf_kept_headers *kept;
    uint8_t *to;

    if (headers.count == 0)
        return NULL;
    kept = sf_alloc(sizeof(*kept) + items_size + bytes_of(headers));
    kept->count = headers.count;
    to = (uint8_t *)kept->items + items_size;
    for (size_t i = 0; i < headers.count; i++)
        to = copy_header(&headers.items[i], to, &kept->items[i]);
    return kept;
}

sf_headers sf_kept_headers_get(const sf_kept_headers *kept)
{
    return kept ? (sf_headers){kept->items, kept->count} : (sf_headers){0};
}
