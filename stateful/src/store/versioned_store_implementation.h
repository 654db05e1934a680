/* versioned_store_implementation.h - a versioned store from inside: reads for readers of committed state
 * too, who say where the rows are, and its way back from the changelog. */
#ifndef SF_STORE_VERSIONED_STORE_IMPLEMENTATION_H
#define SF_STORE_VERSIONED_STORE_IMPLEMENTATION_H

#include <stateful/versioned_store.h>

#include "record/record_batch.h"
#include "store/row_source.h"
#include "store/state_db.h"

typedef struct sf_version_query {
    sf_row_source source;
    sf_bytes key;
    int64_t oldest_ms; /* where the history begins: before, only the newest version is known */
    int64_t from_ms;
    int64_t to_ms; /* included */
    bool oldest_first;
} sf_version_query;

sf_status sf_versioned_iterator_open(const sf_version_query *query,
                                     sf_versioned_iterator **iterator, sf_error *err);

/* What was valid then, of the versions that are over; it is copied into the buffer. */
sf_status sf_version_find_over(const sf_row_source *source, sf_bytes key, int64_t timestamp,
                               sf_buffer *bytes, sf_stored *stored, sf_error *err);

/* Records of the changelog in order, into the batch. The batch before has been written. */
sf_status sf_versioned_store_restore(sf_versioned_store *store, const sf_consumed_record *records,
                                     size_t count, sf_state_batch *batch, sf_error *err);

#endif
