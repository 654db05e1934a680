/* product_versions.h - which category a product was in, and when: its versions. Pure; any thread.
 *
 * 1 Entries are sorted by (valid_from, first version) and each reaches to the next; the first reaches
 *   back to the beginning of time, for sales that are older than their product.
 * 2 An entry stands for the versions first to last, all in one category: neighbours without a gap
 *   are one entry, so a product that is repriced a thousand times has a short list. Nothing can come
 *   between such neighbours, since times of one product do not fall as its versions rise.
 * 3 Beside the list stands the newest name that was told, for people to read.
 * 4 The same versions give the same answers, in whatever order and how often they came.
 */
#ifndef QUERY_SERVICE_STATE_PRODUCT_VERSIONS_H
#define QUERY_SERVICE_STATE_PRODUCT_VERSIONS_H

#include <stdbool.h>

#include <stateful/arena.h>
#include <stateful/bytes.h>
#include <stateful/error.h>

#include "events/product_event.h"

/* Where sales of products go that nothing is known of. */
extern const sf_bytes CATEGORY_UNKNOWN;

typedef struct product_version {
    int64_t valid_from; /* ms */
    int64_t first;
    int64_t last;
    sf_bytes category;
} product_version;

typedef struct product_versions {
    product_version *items;
    size_t count;
    sf_bytes name;        /* size 0: none was told */
    int64_t name_version; /* which told it */
} product_versions;

/* A span of time [from_ms, to_ms). */
typedef struct time_span {
    int64_t from_ms;
    int64_t to_ms;
} time_span;

/* The category at that time. */
sf_bytes product_versions_category(const product_versions *versions, int64_t time_ms);

/* Adds what the event says is valid from valid_from on; false if that was known. *span = the time in
 * which categories may be others now, empty if none. The new array lies in the arena and borrows
 * from event. */
bool product_versions_add(product_versions *versions, const product_event *event,
                          int64_t valid_from, sf_arena *arena, time_span *span);

/* As bytes in the arena, and back (borrowing from bytes; null gives an empty list). SF_STOP with
 * SF_CORRUPT for bytes that _encode cannot have made. */
sf_bytes product_versions_encode(const product_versions *versions, sf_arena *arena);
sf_status product_versions_decode(sf_bytes bytes, sf_arena *arena, product_versions *versions,
                                  sf_error *err);

#endif
