/* builder_implementation.h - what is inside builders, streams, tables and groupings.
 *
 * Handles live in the builder's arena; what the running topology needs (states of operators, texts)
 * lives in the graph's, which the topology takes over.
 */
#ifndef SF_DSL_BUILDER_IMPLEMENTATION_H
#define SF_DSL_BUILDER_IMPLEMENTATION_H

#include <stateful/builder.h>

#include "dsl/operators/kept_rows.h"
#include "dsl/operators/store_lookup.h"
#include "topology/graph.h"
#include "topology/index_list.h"

typedef struct sf_streams_join sf_streams_join;

struct sf_builder {
    sf_graph *graph;
    sf_arena *arena;
    size_t next_number;          /* for names as Kafka Streams makes them */
    sf_stream *sources;          /* streams of topics, so that one is read once */
    sf_streams_join *self_joins; /* of a stream with itself; they get their stores at the end */
    struct sf_repartition *repartitions; /* by us; what they let pass is known at the end */
    bool optimizes;
    bool is_built;
};

struct sf_stream {
    sf_builder *builder;
    size_t node;
    const sf_serde *key;
    const sf_serde *value;
    bool key_may_differ;    /* from the key its records were partitioned by */
    sf_on_error on_error;   /* of the source it comes from */
    sf_stream *next_source; /* among the builder's sources */
    const char *topic;      /* sources only */
    sf_consumed consumed;   /* sources only */
};

struct sf_table {
    sf_builder *builder;
    size_t node;
    const sf_serde *key;
    const sf_serde *value;
    sf_on_error on_error;

    bool is_windowed;
    int64_t open_ms; /* windowed: by stream time, how long after its end a window may still change:
                        the grace, for sessions with the gap; -1: for ever */

    /* Where a node finds its rows: by lookup, in these stores; NULL: nowhere. */
    const sf_lookup_plan *lookup;
    sf_index_list lookup_stores;
    bool is_versioned;  /* changes may come out of order, and say so */
    int64_t history_ms; /* versioned: how far back look-ups reach */

    /* Whether changes carry the value before: a flag in the operator's plan, NULL: they cannot; and
     * the tables that must send it too, for operators that have no rows of their own. */
    bool *sends_before;
    sf_table *before_from[2];

    /* In a store of its own: */
    bool is_kept;
    size_t store;
    const char *store_name;
    const sf_serde *store_key; /* how the store is written */
    const sf_serde *store_value;
};

/* ---- for the operators; a NULL among their arguments was already remembered as a misuse ---- */

/* "KSTREAM-FILTER-0000000003" */
char *sf_builder_name(sf_builder *builder, const char *prefix);

/* A number is used up, so that names stay those of Kafka Streams. */
void sf_builder_skip_name(sf_builder *builder);

/* Memory that lives as long as the topology, zeroed. */
void *sf_builder_alloc(sf_builder *builder, size_t size);

/* A copy of a stream's handle that stands at another node. */
sf_stream *sf_stream_at(const sf_stream *stream, size_t node);

/* A new operator behind a stream: a processor node and the stream that follows from it. */
sf_stream *sf_stream_then(sf_stream *stream, const char *prefix, const sf_processor *processor);

/* The stream itself, or through a repartition topic if its key may differ. what is for messages. */
sf_stream *sf_stream_by_key(sf_stream *stream, const char *name, const char *what);

/* Through a repartition topic in any case. */
sf_stream *sf_stream_through(sf_stream *stream, const char *name, int32_t partitions);

/* Gives joins of a stream with itself their stores: one or two. */
void sf_builder_settle_joins(sf_builder *builder);

/* Once all operators are known: which repartition topics take records without key. */
void sf_builder_settle_repartitions(sf_builder *builder);

/* Remembers a misuse if function is not there. */
void sf_builder_want(sf_builder *builder, bool is_there, const char *call, const char *what);

/* A table at node, with the serdes of a stream; nothing is kept yet. */
sf_table *sf_table_new(const sf_stream *like, size_t node);

/* A new operator behind a table, and the table that stands there: windows, versions and what failures
 * mean are those of the table, nothing is kept yet. */
sf_table *sf_table_then(sf_table *table, const char *prefix, const sf_processor *processor);

/* The same where the node is there already. */
sf_table *sf_table_at(const sf_table *table, size_t node);

/* The table's changes as a stream, without a node. */
sf_stream sf_table_as_stream(const sf_table *table);

/* Its rows are in a store, by the serdes given (of a windowed table: of the key without window). */
void sf_table_found_in(sf_table *table, const sf_store_lookup_plan *plan, size_t store);

/* From now on node may look up the table's rows. A misuse, and NULL, if it has none to be found; call is
 * for the sentence. */
const sf_lookup_plan *sf_table_look_up(const sf_table *table, size_t node, const char *call);

/* From now on changes carry the value before, if they can: if rows are kept here or further up. */
bool sf_table_ask_before(sf_table *table);

/* The same; a misuse if they cannot. */
void sf_table_want_before(sf_table *table, const char *call);

/* Keeps the rows in a key-value store of the table's own; fills in the plan. */
void sf_table_keep(sf_table *table, const sf_materialized *materialized, sf_kept_rows_plan *plan);

/* The rows of a stream whose keys are as they were partitioned; materialized may be NULL. */
sf_table *sf_table_of_stream(sf_stream *stream, const char *prefix,
                             const sf_materialized *materialized);

#endif
