#include "state/product_versions.h"

#include <string.h>

#include "base/encoding.h"

const sf_bytes CATEGORY_UNKNOWN = {(const uint8_t *)"UNKNOWN", 7};

/* The entry that decides at that time: the last that began by then, else the first. */
static size_t entry_at(const product_versions *versions, int64_t time_ms)
{
    size_t found = 0;

    for (size_t i = 1; i < versions->count; i++)
        if (versions->items[i].valid_from <= time_ms)
            found = i;
    return found;
}

sf_bytes product_versions_category(const product_versions *versions, int64_t time_ms)
{
    if (!versions->count)
        return CATEGORY_UNKNOWN;
    return versions->items[entry_at(versions, time_ms)].category;
}

static bool has_version(const product_versions *versions, int64_t version)
{
    for (size_t i = 0; i < versions->count; i++)
        if (versions->items[i].first <= version && version <= versions->items[i].last)
            return true;
    return false;
}

static int64_t newest_version(const product_versions *versions)
{
    int64_t newest = 0;

    for (size_t i = 0; i < versions->count; i++)
        if (versions->items[i].last > newest)
            newest = versions->items[i].last;
    return newest;
}

/* Events of older writers have no version: a creation is the first, and an update is news only if it
 * says another category than what is known for its time. 0: nothing new. */
static int64_t version_of(const product_versions *versions, const product_event *event,
                          int64_t valid_from)
{
    sf_bytes category = sf_bytes_of(event->category, event->category_size);

    if (event->version)
        return has_version(versions, event->version) ? 0 : event->version;
    if (event->is_creation)
        return has_version(versions, 1) ? 0 : 1;
    if (versions->count &&
        sf_bytes_equal(product_versions_category(versions, valid_from), category))
        return 0;
    return newest_version(versions) + 1;
}

static bool is_before(const product_version *a, const product_version *b)
{
    if (a->valid_from != b->valid_from)
        return a->valid_from < b->valid_from;
    return a->first < b->first;
}

/* A copy of the list with the entry in its place, whose index is returned. */
static size_t insert(product_versions *versions, product_version entry, sf_arena *arena)
{
    product_version *items = sf_arena_alloc(arena, (versions->count + 1) * sizeof *items);
    size_t at = 0;

    while (at < versions->count && is_before(&versions->items[at], &entry))
        at++;
    if (at)
        memcpy(items, versions->items, at * sizeof *items);
    items[at] = entry;
    if (at < versions->count)
        memcpy(items + at + 1, versions->items + at, (versions->count - at) * sizeof *items);
    versions->items = items;
    versions->count++;
    return at;
}

/* The time in which the entry decides, or none where it says what was said before. */
static time_span reach(const product_versions *versions, size_t at)
{
    const product_version *entry = &versions->items[at];
    bool is_last = at + 1 == versions->count;
    const product_version *before = at ? entry - 1 : is_last ? NULL : entry + 1;

    if (before && sf_bytes_equal(before->category, entry->category))
        return (time_span){0, 0};
    return (time_span){
        .from_ms = at ? entry->valid_from : 0,
        .to_ms = is_last ? INT64_MAX : entry[1].valid_from,
    };
}

/* Makes the entry and its successor one, if they are neighbours in one category. */
static void join_with_next(product_versions *versions, size_t at)
{
    product_version *entry = &versions->items[at];

    if (at + 1 >= versions->count || entry[1].first != entry->last + 1 ||
        !sf_bytes_equal(entry[1].category, entry->category))
        return;
    entry->last = entry[1].last;
    versions->count--;
    memmove(entry + 1, entry + 2, (versions->count - at - 1) * sizeof *entry);
}

bool product_versions_add(product_versions *versions, const product_event *event,
                          int64_t valid_from, sf_arena *arena, time_span *span)
{
    int64_t version = version_of(versions, event, valid_from);
    product_version entry = {
        .valid_from = valid_from,
        .first = version,
        .last = version,
        .category = sf_bytes_of(event->category, event->category_size),
    };
    size_t at;

    if (!version)
        return false;
    at = insert(versions, entry, arena);
    *span = reach(versions, at);
    join_with_next(versions, at);
    if (at)
        join_with_next(versions, at - 1);
    return true;
}

/* An entry: valid from 8, first 8, last 8, size of the category 2, category. Big-endian. */
enum { ENTRY_SIZE = 26 };

static size_t encoded_size(const product_versions *versions)
{
    size_t size = 0;

    for (size_t i = 0; i < versions->count; i++)
        size += ENTRY_SIZE + versions->items[i].category.size;
    return size;
}

sf_bytes product_versions_encode(const product_versions *versions, sf_arena *arena)
{
    size_t size = encoded_size(versions);
    uint8_t *bytes = sf_arena_alloc(arena, size);
    uint8_t *at = bytes;

    for (size_t i = 0; i < versions->count; i++) {
        const product_version *entry = &versions->items[i];

        sf_put_be64(at, (uint64_t)entry->valid_from);
        sf_put_be64(at + 8, (uint64_t)entry->first);
        sf_put_be64(at + 16, (uint64_t)entry->last);
        at[24] = (uint8_t)(entry->category.size >> 8);
        at[25] = (uint8_t)entry->category.size;
        memcpy(at + ENTRY_SIZE, entry->category.data, entry->category.size);
        at += ENTRY_SIZE + entry->category.size;
    }
    return sf_bytes_of(bytes, size);
}

/* The size of the entry at the beginning of bytes; 0 if there is no whole one. */
static size_t entry_size(sf_bytes bytes)
{
    size_t size;

    if (bytes.size < ENTRY_SIZE)
        return 0;
    size = ENTRY_SIZE + ((size_t)bytes.data[24] << 8 | bytes.data[25]);
    return size <= bytes.size ? size : 0;
}

static sf_bytes behind(sf_bytes bytes, size_t size)
{
    return sf_bytes_of(bytes.data + size, bytes.size - size);
}

static bool count_entries(sf_bytes bytes, size_t *count)
{
    *count = 0;
    while (bytes.size) {
        size_t size = entry_size(bytes);

        if (!size)
            return false;
        bytes = behind(bytes, size);
        (*count)++;
    }
    return true;
}

sf_status product_versions_decode(sf_bytes bytes, sf_arena *arena, product_versions *versions,
                                  sf_error *err)
{
    size_t count;

    if (!count_entries(bytes, &count))
        return sf_fail(err, SF_CORRUPT, "product versions of %zu bytes make no sense", bytes.size);
    *versions = (product_versions){sf_arena_alloc(arena, count * sizeof(product_version)), count};
    for (size_t i = 0; i < count; i++) {
        size_t size = entry_size(bytes);

        versions->items[i] = (product_version){
            .valid_from = (int64_t)sf_get_be64(bytes.data),
            .first = (int64_t)sf_get_be64(bytes.data + 8),
            .last = (int64_t)sf_get_be64(bytes.data + 16),
            .category = sf_bytes_of(bytes.data + ENTRY_SIZE, size - ENTRY_SIZE),
        };
        bytes = behind(bytes, size);
    }
    return SF_OK;
}
