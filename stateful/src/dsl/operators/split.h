/* split.h - each record to the first branch that takes it. The branches are the node's children, in
 * order. */
#ifndef SF_DSL_OPERATORS_SPLIT_H
#define SF_DSL_OPERATORS_SPLIT_H

#include <stateful/functions.h>

typedef struct sf_split {
    sf_branch *branches;
    const char **children; /* their names */
    size_t count;
} sf_split;

sf_processor sf_split_processor(sf_split *split); /* borrowed */

#endif
