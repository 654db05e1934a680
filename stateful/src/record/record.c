#include <stateful/record.h>

#include <string.h>

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
