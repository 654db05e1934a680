/* window_store_implementation.h - the public iterator over windows, for readers of committed state
 * too: they say how to open a range. */
#ifndef SF_STORE_WINDOW_STORE_IMPLEMENTATION_H
#define SF_STORE_WINDOW_STORE_IMPLEMENTATION_H

#include <stateful/window_store.h>

#include "store/range.h"

/* Opens from <= key < to, without the partition; null: no bound. */
typedef sf_range *(*sf_open_range_fn)(void *user, sf_bytes from, sf_bytes to);

typedef struct sf_window_query {
    bool by_time; /* the store's layout */
    sf_bytes key; /* null: all keys */
    int64_t from_ms;
    int64_t to_ms;          /* included */
    int64_t first_start_ms; /* what begins before is expired */
    sf_open_range_fn open;
    void *user;
} sf_window_query;

/* By start, then key. */
sf_status sf_window_iterator_open(const sf_window_query *query, sf_window_iterator **iterator,
                                  sf_error *err);

#endif
