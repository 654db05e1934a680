/* filter.h - keeps the records a predicate takes, or the others. */
#ifndef SF_DSL_OPERATORS_FILTER_H
#define SF_DSL_OPERATORS_FILTER_H

#include <stateful/functions.h>

typedef struct sf_filter {
    sf_predicate_fn predicate;
    void *user;
    bool negated;
} sf_filter;

sf_processor sf_filter_processor(sf_filter *filter); /* borrowed */

#endif
