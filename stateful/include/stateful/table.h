/* table.h - the newest value of each key, and how it changes. */
#ifndef STATEFUL_TABLE_H
#define STATEFUL_TABLE_H

#include <stateful/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The changes as a stream; a null value says that the key is gone. */
sf_stream *sf_table_to_stream(sf_table *table);

/* Rows that the predicate takes; what it no longer takes becomes a deletion. Null values are not
 * shown to it. materialized may be NULL: nothing is kept. */
sf_table *sf_table_filter(sf_table *table, sf_predicate_fn predicate, void *user,
                          const sf_materialized *materialized);
sf_table *sf_table_filter_not(sf_table *table, sf_predicate_fn predicate, void *user,
                              const sf_materialized *materialized);

/* Each row's value by a function (out->value only); null stays null. materialized may be NULL. */
sf_table *sf_table_map_values(sf_table *table, sf_map_fn map, void *user,
                              const sf_materialized *materialized);

/* The same table, its values and keys written with other serdes from here on; NULL: as before. */
sf_table *sf_table_as(sf_table *table, const sf_serde *key, const sf_serde *value);

#ifdef __cplusplus
}
#endif

#endif
