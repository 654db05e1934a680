/* join_keep.h - before a join of two streams: keeps each record of one side and hands it on. */
#ifndef SF_DSL_OPERATORS_JOIN_KEEP_H
#define SF_DSL_OPERATORS_JOIN_KEEP_H

#include "dsl/operators/stream_side.h"

sf_processor sf_join_keep_processor(sf_stream_join_node *node); /* borrowed */

#endif
