/* tables_join.h - two tables by equal keys: a node for the changes of each side, and one where both come
 * together, which keeps the result or passes it on.
 *
 * 1 A change of one side meets the row of the other that changes have told so far. What a cache still
 *   holds back does not count, so that each result follows from the one before it.
 * 2 There is a result while an inner join has both rows, a left join the left one, an outer join any.
 * 3 Nothing is sent where there neither is nor was one: the row that the other side must have is
 *   missing; or, where it need not have one, the changed side has and had no row either.
 */
#ifndef SF_DSL_OPERATORS_TABLES_JOIN_H
#define SF_DSL_OPERATORS_TABLES_JOIN_H

#include <stateful/functions.h>

#include "dsl/operators/kept_rows.h"
#include "dsl/operators/lookup.h"

typedef enum sf_tables_join_kind {
    SF_TABLES_JOIN_INNER,
    SF_TABLES_JOIN_LEFT,
    SF_TABLES_JOIN_OUTER,
} sf_tables_join_kind;

/* What the nodes of a join share. */
typedef struct sf_tables_join {
    sf_lookup_plan lookup; /* of the results, while nothing is kept */
    sf_tables_join_kind kind;
    sf_join_fn join;
    void *user;
    const sf_lookup_plan *left;
    const sf_lookup_plan *right;
    sf_kept_rows_plan rows; /* store NULL: nothing is kept */
} sf_tables_join;

typedef struct sf_join_side {
    const sf_tables_join *join;
    bool is_left;
    bool is_versioned; /* changes that come out of order are dropped and counted */
} sf_join_side;

/* Fills in the lookup. */
void sf_tables_join_init(sf_tables_join *join);

sf_processor sf_join_side_processor(sf_join_side *side); /* borrowed */
sf_processor
sf_join_results_processor(sf_tables_join *join); /* borrowed; where both come together */

#endif
