/* builder.h - from streams and tables to a topology.
 *
 * All that a builder hands out (streams, tables, groupings) belongs to it. Calls on them do not fail:
 * a misuse is remembered, and sf_builder_build returns the first one as a sentence. Serdes,
 * functions and their user pointers are borrowed and outlive the topology; texts are copied, and so
 * are options structs. One thread.
 */
#ifndef STATEFUL_BUILDER_H
#define STATEFUL_BUILDER_H

#include <stateful/consumed.h>
#include <stateful/error.h>
#include <stateful/record.h>
#include <stateful/serde.h>
#include <stateful/store.h>
#include <stateful/topology.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_builder sf_builder;
typedef struct sf_stream sf_stream;
typedef struct sf_table sf_table;
typedef struct sf_global_table sf_global_table;

/* An empty builder; free it with sf_builder_free. */
sf_builder *sf_builder_new(void);

/* Takes all streams and tables with it, not the topology built. NULL is fine. */
void sf_builder_free(sf_builder *builder);

/* How a table or an aggregate is kept. */
typedef struct sf_materialized {
    const char *name;    /* of the store, also names its changelog; mandatory */
    const sf_serde *key; /* NULL: the stream's */
    const sf_serde
        *value;     /* NULL: the stream's; for an aggregate: bytes as they are (a count: int64) */
    bool in_memory; /* see sf_store_options */
    bool logging_off;
    bool caching_off;
    int64_t retention_ms; /* windows only; 0: size + grace (sliding: 2 diff + grace, session: gap +
                             grace) */
    int64_t history_ms;   /* above 0: versioned, old versions are kept and may be written so long by
                             stream time; never cached; not for windows */
    int64_t segment_ms;   /* versioned only: how much history goes at a time; 0: as fits */
    bool by_time; /* windows only: kept by start, then key, for reads over all keys by time */
} sf_materialized;

/* The records of a topic. consumed may be NULL. */
sf_stream *sf_builder_stream(sf_builder *builder, const char *topic, const sf_consumed *consumed);

/* A topic read as the newest value of each key: a null value deletes, a record without key is
 * dropped and counted. materialized may be NULL: then nothing is kept, and the table can neither be
 * joined nor queried. */
sf_table *sf_builder_table(sf_builder *builder, const char *topic, const sf_consumed *consumed,
                           const sf_materialized *materialized);

/* A topic read whole by every instance before anything is processed, by key, without stream time or
 * co-partitioning. materialized names its store; mandatory. */
sf_global_table *sf_builder_global_table(sf_builder *builder, const char *topic,
                                         const sf_consumed *consumed,
                                         const sf_materialized *materialized);

/* A join of a stream with itself keeps one store instead of two; results stay the same. Before the
 * build. */
void sf_builder_optimize(sf_builder *builder);

/* A store for processors, to be named in sf_stream_process. */
void sf_builder_add_store(sf_builder *builder, const sf_store_options *options);

/* Makes the topology; the builder can only be freed after that. Code SF_INVALID and a sentence for
 * the first misuse. */
sf_status sf_builder_build(sf_builder *builder, sf_topology **topology, sf_error *err);

#ifdef __cplusplus
}
#endif

#endif
