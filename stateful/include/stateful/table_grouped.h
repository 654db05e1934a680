/* table_grouped.h - rows of a table regrouped by another key: what a row brings is added, what it
 * brought before is taken away.
 *
 * A change of a row goes through the repartition topic as new and old value. If the row stays in its
 * group both are applied in one step, the old one first; else the old group gives its result, then
 * the new one. All of it belongs to the builder; one thread.
 */
#ifndef STATEFUL_TABLE_GROUPED_H
#define STATEFUL_TABLE_GROUPED_H

#include <stateful/grouped.h>
#include <stateful/table.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_table_grouped sf_table_grouped;

/* select sets out->key and out->value, both mandatory: null leaves that side of the change out. name:
 * of the repartition topic. The table must be kept. */
sf_table_grouped *sf_table_group_by(sf_table *table, sf_map_fn select, void *user,
                                    const char *name);

/* How the repartition topic is written; NULL: as the table. Before anything is made of it. */
sf_table_grouped *sf_table_grouped_as(sf_table_grouped *grouped, const sf_serde *key,
                                      const sf_serde *value);

/* subtract gets the old value of the row as record->value; it is called only where an aggregate is
 * there. */
typedef struct sf_table_aggregation {
    sf_aggregate_fn add;
    sf_aggregate_fn subtract;
    void *user;
    sf_bytes initial; /* in flight, copied; null: *aggregate is null to begin with */
} sf_table_aggregation;

/* How many rows each group has, int64 in flight. */
sf_table *sf_table_grouped_count(sf_table_grouped *grouped, const sf_materialized *materialized);

/* The first value of a group is taken as it is. */
sf_table *sf_table_grouped_reduce(sf_table_grouped *grouped, sf_aggregate_fn add,
                                  sf_aggregate_fn subtract, void *user,
                                  const sf_materialized *materialized);
sf_table *sf_table_grouped_aggregate(sf_table_grouped *grouped,
                                     const sf_table_aggregation *aggregation,
                                     const sf_materialized *materialized);

#ifdef __cplusplus
}
#endif

#endif
