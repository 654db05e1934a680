/* lookup.h - a table's row by its key: from the store that keeps it, or computed from the rows of the
 * tables it is made of. What operators that join look through.
 */
#ifndef SF_DSL_OPERATORS_LOOKUP_H
#define SF_DSL_OPERATORS_LOOKUP_H

#include <stateful/processor.h>

/* As of the time that has no later one: the newest row, however old. */
#define SF_LOOKUP_NEWEST INT64_MAX

/* The row as changes have told it so far: what a cache still holds back does not count. */
#define SF_LOOKUP_SENT (INT64_MAX - 1)

typedef struct sf_lookup sf_lookup;

/* Of one node of one task. The key is in flight, and so is *row, in the arena of the record; a null
 * value: there is none, and the timestamp is -1. as_of: versioned tables give what was valid then. */
struct sf_lookup {
    sf_status (*get)(const sf_lookup *lookup, sf_bytes key, int64_t as_of, sf_stored *row,
                     sf_error *err);
};

/* Constant; the first member of what each kind of lookup knows. */
typedef struct sf_lookup_plan sf_lookup_plan;
struct sf_lookup_plan {
    /* *lookup lives as long as the pipeline. */
    sf_status (*open)(const sf_lookup_plan *plan, sf_context *context, const sf_lookup **lookup,
                      sf_error *err);
};

static inline sf_status sf_lookup_open(const sf_lookup_plan *plan, sf_context *context,
                                       const sf_lookup **lookup, sf_error *err)
{
    return plan->open(plan, context, lookup, err);
}

static inline sf_status sf_lookup_get(const sf_lookup *lookup, sf_bytes key, sf_stored *row,
                                      sf_error *err)
{
    return lookup->get(lookup, key, SF_LOOKUP_NEWEST, row, err);
}

static inline sf_status sf_lookup_get_sent(const sf_lookup *lookup, sf_bytes key, sf_stored *row,
                                           sf_error *err)
{
    return lookup->get(lookup, key, SF_LOOKUP_SENT, row, err);
}

static inline sf_status sf_lookup_get_as_of(const sf_lookup *lookup, sf_bytes key, int64_t time,
                                            sf_stored *row, sf_error *err)
{
    return lookup->get(lookup, key, time, row, err);
}

/* No row. */
static inline sf_stored sf_lookup_nothing(void)
{
    return (sf_stored){.value = SF_NULL, .timestamp = -1};
}

#endif
