/* table.h - the newest value of each key, and how it changes.
 *
 * Tables belong to their builder; texts and options are copied, functions' user pointers borrowed for
 * the life of the topology. None of these calls fails: see builder.h. One thread.
 */
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

/* Each row's value by a processor that may use stores and the record's metadata; what it forwards
 * becomes the row (the last one counts; nothing forwarded: null). It sees null values too. If nothing is
 * kept, and someone behind asks for the values before a change, it is called for those as well: what it
 * says should follow from key and value then. */
sf_table *sf_table_transform_values(sf_table *table, const sf_processor *processor,
                                    const char *const *stores, const sf_materialized *materialized);

/* ---- joins: by key; either side's change makes a result, null if there is none any more. left->value
 * or right is null where a left or outer join finds nothing; left->timestamp is the result's, the larger
 * of both rows'. Rows of both tables must be found: a table of a topic, of a foreign-key join or of
 * sf_table_transform_values must be kept, what filter, map_values, joins and suppress make of such tables
 * need not. materialized may be NULL: the result is not kept. ---- */

/* Rows that both sides have; rows of the left one in any case; rows that either side has. */
sf_table *sf_table_join(sf_table *left, sf_table *right, sf_join_fn join, void *user,
                        const sf_materialized *materialized);
sf_table *sf_table_left_join(sf_table *left, sf_table *right, sf_join_fn join, void *user,
                             const sf_materialized *materialized);
sf_table *sf_table_outer_join(sf_table *left, sf_table *right, sf_join_fn join, void *user,
                              const sf_materialized *materialized);

/* By a key of the right table that is found in the left row (KIP-213): select sets out->key, null for
 * none. Any partition counts will do. */
typedef struct sf_foreign_key {
    const char *name; /* of the join: its two topics and its store; mandatory */
    sf_map_fn select;
    void *user;
} sf_foreign_key;

/* Rows of the left table with the right row they name; inner: only if it is there. */
sf_table *sf_table_join_foreign_key(sf_table *left, sf_table *right,
                                    const sf_foreign_key *foreign_key, sf_join_fn join, void *user,
                                    const sf_materialized *materialized);
sf_table *sf_table_left_join_foreign_key(sf_table *left, sf_table *right,
                                         const sf_foreign_key *foreign_key, sf_join_fn join,
                                         void *user, const sf_materialized *materialized);

/* ---- fewer updates ---- */

/* What ends the wait. */
typedef enum sf_suppress_until {
    SF_UNTIL_TIME_LIMIT,    /* limit_ms after the first update that waits, by stream time */
    SF_UNTIL_WINDOW_CLOSES, /* windowed tables only: one final result a window, deletions left out */
} sf_suppress_until;

/* What happens when a bound is reached. */
typedef enum sf_when_full {
    SF_WHEN_FULL_EMIT_EARLY, /* the oldest; not for final results */
    SF_WHEN_FULL_STOP,       /* the application stops with a sentence */
} sf_when_full;

/* How long, and how many updates wait. */
typedef struct sf_suppressed {
    const char *name; /* of the buffer's store; mandatory */
    sf_suppress_until until;
    int64_t limit_ms;   /* negative: for ever */
    size_t max_records; /* in the buffer of a task; 0: no bound */
    size_t max_bytes;   /* the same */
    sf_when_full when_full;
    bool logging_off;
} sf_suppressed;

/* Holds updates back, the newest of each key; what goes on has the time and headers of that one. Order:
 * by the time a key began to wait (final results: by the end of its window), then by the bytes of the
 * key. What waits is kept in a store with a changelog; an update counts as its key, its values, the one
 * that went on before included, and 100 bytes. A join finds what went on last. The table must be kept,
 * and not be versioned. */
sf_table *sf_table_suppress(sf_table *table, const sf_suppressed *suppressed);

/* The same table, its values and keys written with other serdes from here on; NULL: as before. */
sf_table *sf_table_as(sf_table *table, const sf_serde *key, const sf_serde *value);

#ifdef __cplusplus
}
#endif

#endif
