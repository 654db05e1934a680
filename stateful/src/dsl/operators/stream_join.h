/* stream_join.h - where the records of one side meet those of the other: all within the window that the
 * other side's store still has, by time and arrival, each pair once. A pair is made by its later
 * arrival.
 */
#ifndef SF_DSL_OPERATORS_STREAM_JOIN_H
#define SF_DSL_OPERATORS_STREAM_JOIN_H

#include "dsl/operators/stream_side.h"

sf_processor sf_stream_join_processor(sf_stream_join_node *node); /* borrowed */

#endif
