/* view_implementation.h - what a view is, and the partitions it reads; shared by view.c (one row) and
 * view_ranges.c (many). The public half stands in <stateful/view.h>. Any thread.
 */
#ifndef SF_QUERY_VIEW_IMPLEMENTATION_H
#define SF_QUERY_VIEW_IMPLEMENTATION_H

#include <stateful/view.h>

#include "store/registry.h"

struct sf_view {
    sf_streams *streams;
    const sf_store_options *store;
    size_t subtopology;  /* that owns it */
    int32_t *partitions; /* those that it reads, each once; NULL: all of them */
    size_t partition_count;
};

/* The partitions of a store that can be read now, held until they are put back. */
typedef struct sf_view_shelf {
    sf_published **published; /* by partition */
    size_t count;
    int32_t partitions; /* that the view spans */
} sf_view_shelf;

/* All that the view spans, or SF_RETRY; SF_INVALID if the store is of another kind. What is held goes to a
 * sf_view_iterator, or back to the registry. */
sf_status sf_view_take_all(const sf_view *view, sf_store_kind kind, sf_view_shelf *held,
                           sf_error *err);

#endif
