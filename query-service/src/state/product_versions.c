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

static void take_name(product_versions *versions, const product_event *event, int64_t version)
{
    if (!event->name_size || version < versions->name_version)
        return;
    versions->name = product_event_name(event);
    versions->name_version = version;
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
    take_name(versions, event, version);
    at = insert(versions, entry, arena);
    *span = reach(versions, at);
    join_with_next(versions, at);
    if (at)
        join_with_next(versions, at - 1);
    return true;
}

/* The head: name's version 8, its size 2, name. An entry: valid from 8, first 8, last 8, size of the
 * category 2, category. Big-endian. */
enum { HEAD_SIZE = 10, ENTRY_SIZE = 26 };

static size_t encoded_size(const product_versions *versions)
{
    size_t size = HEAD_SIZE + versions->name.size;

    for (size_t i = 0; i < versions->count; i++)
        size += ENTRY_SIZE + versions->items[i].category.size;
    return size;
}

static void put_be16(uint8_t *at, size_t number)
{
    at[0] = (uint8_t)(number >> 8);
    at[1] = (uint8_t)number;
}

static size_t get_be16(const uint8_t *at)
{
    return (size_t)at[0] << 8 | at[1];
}

static uint8_t *encode_head(const product_versions *versions, uint8_t *at)
{
    sf_put_be64(at, (uint64_t)versions->name_version);
    put_be16(at + 8, versions->name.size);
    if (versions->name.size)
        memcpy(at + HEAD_SIZE, versions->name.data, versions->name.size);
    return at + HEAD_SIZE + versions->name.size;
}

sf_bytes product_versions_encode(const product_versions *versions, sf_arena *arena)
{
    size_t size = encoded_size(versions);
    uint8_t *bytes = sf_arena_alloc(arena, size);
    uint8_t *at = encode_head(versions, bytes);

    for (size_t i = 0; i < versions->count; i++) {
        const product_version *entry = &versions->items[i];

        sf_put_be64(at, (uint64_t)entry->valid_from);
        sf_put_be64(at + 8, (uint64_t)entry->first);
        sf_put_be64(at + 16, (uint64_t)entry->last);
        put_be16(at + 24, entry->category.size);
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
    size = ENTRY_SIZE + get_be16(bytes.data + 24);
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

/* Reads the head and passes over it. */
static bool decode_head(sf_bytes *bytes, product_versions *versions)
{
    size_t name_size;

    if (bytes->size < HEAD_SIZE)
        return false;
    name_size = get_be16(bytes->data + 8);
    if (bytes->size - HEAD_SIZE < name_size)
        return false;
    versions->name_version = (int64_t)sf_get_be64(bytes->data);
    versions->name = sf_bytes_of(bytes->data + HEAD_SIZE, name_size);
    *bytes = behind(*bytes, HEAD_SIZE + name_size);
    return true;
}

sf_status product_versions_decode(sf_bytes bytes, sf_arena *arena, product_versions *versions,
                                  sf_error *err)
{
    product_versions read = {0};
    size_t size_all = bytes.size;

    *versions = read;
    if (sf_bytes_is_null(bytes))
        return SF_OK;
    if (!decode_head(&bytes, &read) || !count_entries(bytes, &read.count))
        return sf_fail(err, SF_CORRUPT, "product versions of %zu bytes make no sense", size_all);
    read.items = sf_arena_alloc(arena, read.count * sizeof *read.items);
    *versions = read;
    for (size_t i = 0; i < read.count; i++) {
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
