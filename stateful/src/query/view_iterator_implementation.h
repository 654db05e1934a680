/* view_iterator_implementation.h - the partitions of a store as one sequence: their own ordered iterators, merged. The
 * public half stands in <stateful/view_iterator.h>. One thread.
 */
#ifndef SF_QUERY_VIEW_ITERATOR_IMPLEMENTATION_H
#define SF_QUERY_VIEW_ITERATOR_IMPLEMENTATION_H

#include <stateful/view_iterator.h>

#include "store/registry.h"

/* Becomes the owner of the published partitions: gives them back in the end. */
sf_view_iterator *sf_view_iterator_new(sf_store_kind kind, bool backwards, sf_published **published,
                                       size_t count);

/* Opens the partition at index, each once. key NULL: all keys. */
sf_status sf_view_iterator_open_range(sf_view_iterator *iterator, size_t index, sf_bytes from,
                                      sf_bytes to, sf_error *err);
sf_status sf_view_iterator_open_fetch(sf_view_iterator *iterator, size_t index, const sf_bytes *key,
                                      int64_t from_ms, int64_t to_ms, sf_error *err);
sf_status sf_view_iterator_open_sessions(sf_view_iterator *iterator, size_t index, sf_bytes key,
                                         int64_t earliest_end_ms, int64_t latest_start_ms,
                                         sf_error *err);
sf_status sf_view_iterator_open_ended(sf_view_iterator *iterator, size_t index, int64_t from_ms,
                                      int64_t to_ms, sf_error *err);

/* backwards: newest first. */
sf_status sf_view_iterator_open_versions(sf_view_iterator *iterator, size_t index, sf_bytes key,
                                         int64_t from_ms, int64_t to_ms, sf_error *err);

/* Gives made to the caller, or frees it if status says that opening failed; returns status. */
sf_status sf_view_iterator_hand_over(sf_view_iterator *made, sf_status status,
                                     sf_view_iterator **iterator);

#endif
