/* stream.h - an unbounded flow of records, and what can be done to it.
 *
 * An operator gives a new stream and leaves its input as it is: several may follow from one stream
 * and each sees every record. What follows from one record is done before the next one starts.
 *
 * In flight, key and value are bytes of whatever flat type the program likes. Serdes are needed only
 * where they leave the program: an operator's result has those of its input until sf_stream_as says
 * otherwise. A result inherits timestamp and headers unless the function sets them.
 *
 * Streams belong to their builder; texts and options are copied, functions' user pointers borrowed for
 * the life of the topology. None of these calls fails: see builder.h. One thread.
 */
#ifndef STATEFUL_STREAM_H
#define STATEFUL_STREAM_H

#include <stateful/builder.h>
#include <stateful/functions.h>
#include <stateful/processor.h>
#include <stateful/window.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_grouped sf_grouped;

/* ---- without state ---- */

/* Records that the predicate takes, or all others. */
sf_stream *sf_stream_filter(sf_stream *stream, sf_predicate_fn predicate, void *user);
sf_stream *sf_stream_filter_not(sf_stream *stream, sf_predicate_fn predicate, void *user);

/* These may change the key; operators that depend on it then send the records through a repartition
 * topic first, whose name they ask for. */
sf_stream *sf_stream_map(sf_stream *stream, sf_map_fn map, void *user);
sf_stream *sf_stream_flat_map(sf_stream *stream, sf_flat_map_fn flat_map, void *user);
sf_stream *sf_stream_select_key(sf_stream *stream, sf_map_fn select,
                                void *user); /* out->key only */

/* These leave the key; a forward with another one is an error. */
sf_stream *sf_stream_map_values(sf_stream *stream, sf_map_fn map,
                                void *user); /* out->key ignored */
sf_stream *sf_stream_flat_map_values(sf_stream *stream, sf_flat_map_fn flat_map, void *user);

/* Shows each record to a function, and passes it on; or is the end of the stream. */
sf_stream *sf_stream_peek(sf_stream *stream, sf_visit_fn visit, void *user);
void sf_stream_foreach(sf_stream *stream, sf_visit_fn visit, void *user);

/* Records of both, in the order the task takes them; serdes are the first one's. */
sf_stream *sf_stream_merge(sf_stream *stream, sf_stream *other);

/* Each record goes to the first branch that takes it, else nowhere. branches[i] becomes
 * streams[i]. */
void sf_stream_split(sf_stream *stream, const sf_branch *branches, size_t count,
                     sf_stream **streams);

/* The same records, to be written with other serdes from here on; NULL: as before. */
sf_stream *sf_stream_as(sf_stream *stream, const sf_serde *key, const sf_serde *value);

/* Gives the last operator a name for describe(), sf_context_forward_to and messages. */
sf_stream *sf_stream_named(sf_stream *stream, const char *name);

/* ---- processors ---- */

/* stores: names of those it uses, ended by NULL; NULL: none. Each was added to the builder or belongs
 * to a table or an aggregate. */
sf_stream *sf_stream_process(sf_stream *stream, const sf_processor *processor,
                             const char *const *stores);
sf_stream *sf_stream_process_values(sf_stream *stream, const sf_processor *processor,
                                    const char *const *stores); /* the key stays */

/* ---- through topics ---- */

/* How a topic is written; zero: as the stream says. */
typedef struct sf_produced {
    const sf_serde *key;   /* NULL: the stream's */
    const sf_serde *value; /* NULL: the stream's */
} sf_produced;

/* Into a topic, which must be there; by the key, a windowed one without its window, so that all windows
 * of a key lie in one partition. An end of the stream. produced may be NULL. */
void sf_stream_to(sf_stream *stream, const char *topic);
void sf_stream_to_with(sf_stream *stream, const char *topic, const sf_produced *produced);

/* Through the topic <application>-<name>-repartition, by key. partitions: how many it gets; 0: as
 * many as the topics it meets at a join or a store have, else as the topics the stream comes from.
 * Records without key are dropped and counted where an operator behind depends on the key. */
sf_stream *sf_stream_repartition(sf_stream *stream, const char *name, int32_t partitions);

/* ---- by key ---- */

/* name: of the repartition topic, should one be needed because the key may have changed; may only be
 * NULL if not. */
sf_grouped *sf_stream_group_by_key(sf_stream *stream, const char *name);
sf_grouped *sf_stream_group_by(sf_stream *stream, sf_map_fn select, void *user, const char *name);

/* The newest value of each key. materialized may not be NULL; its name also names the repartition
 * topic, should one be needed. */
sf_table *sf_stream_to_table(sf_stream *stream, const sf_materialized *materialized);

/* How a stream meets a table. */
typedef struct sf_joined {
    const char *name; /* of the repartition topic, should the stream need one, and of its buffer */
    int64_t grace_ms; /* above 0: the table is versioned with at least that history; stream records
                         wait so long by stream time and meet the row that was valid at theirs */
} sf_joined;

/* With the table's newest value of the record's key. Only stream records make results. A null value
 * is dropped; so is a null key, but a left join goes on with a null right side. The topics behind
 * both must have equal partition counts. joined may be NULL. */
sf_stream *sf_stream_join_table(sf_stream *stream, sf_table *table, sf_join_fn join, void *user,
                                const sf_joined *joined);
sf_stream *sf_stream_left_join_table(sf_stream *stream, sf_table *table, sf_join_fn join,
                                     void *user, const sf_joined *joined);

/* ---- with another stream ---- */

/* How both sides are kept. */
typedef struct sf_stream_joined {
    const char *name; /* of the join: its stores and repartition topics; mandatory */
    bool in_memory;
    bool logging_off;
    int64_t retention_ms; /* 0: before + after + grace */
} sf_stream_joined;

/* Each pair of records with one key within the window, once. Null values are dropped; null keys too,
 * but a left or outer join gives half a result for them at once. left->value or right is null where
 * nothing was met. The result's timestamp is the larger one. */
sf_stream *sf_stream_join(sf_stream *left, sf_stream *right, sf_join_window window, sf_join_fn join,
                          void *user, const sf_stream_joined *joined);
sf_stream *sf_stream_left_join(sf_stream *left, sf_stream *right, sf_join_window window,
                               sf_join_fn join, void *user, const sf_stream_joined *joined);
sf_stream *sf_stream_outer_join(sf_stream *left, sf_stream *right, sf_join_window window,
                                sf_join_fn join, void *user, const sf_stream_joined *joined);

/* ---- with a global table ---- */

/* select sets out->key to the key to look up; null: dropped, but a left join goes on with a null right
 * side. Only stream records make results; null values are dropped, null keys are fine. */
sf_stream *sf_stream_join_global(sf_stream *stream, sf_global_table *table, sf_map_fn select,
                                 sf_join_fn join, void *user);
sf_stream *sf_stream_left_join_global(sf_stream *stream, sf_global_table *table, sf_map_fn select,
                                      sf_join_fn join, void *user);

/* ---- elsewhere ---- */

/* Each record to the topic that the function names; the topics must be there. produced may be NULL. */
void sf_stream_to_computed(sf_stream *stream, sf_topic_name_fn topic, void *user,
                           const sf_produced *produced);

/* A line a record on standard output: "[label]: key, value". */
void sf_stream_print(sf_stream *stream, const char *label);

#ifdef __cplusplus
}
#endif

#endif
