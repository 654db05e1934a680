/* table_source.h - records become the newest row of their key: the table of a topic or of a stream.
 * What arrives later replaces what is there, whatever its time. */
#ifndef SF_DSL_OPERATORS_TABLE_SOURCE_H
#define SF_DSL_OPERATORS_TABLE_SOURCE_H

#include "dsl/operators/kept_rows.h"

sf_processor sf_table_source_processor(sf_kept_rows_plan *plan); /* borrowed */

/* The same without a store: rows pass by. */
extern const sf_processor sf_table_passing_processor;

#endif
