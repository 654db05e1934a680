/* processor_implementation.h - what is behind an sf_context. The task fills it in; forwarding is one
 * direct call a child. */
#ifndef SF_TOPOLOGY_PROCESSOR_IMPLEMENTATION_H
#define SF_TOPOLOGY_PROCESSOR_IMPLEMENTATION_H

#include <string.h>

#include <stateful/clock.h>
#include <stateful/processor.h>

#include "topology/operator_times.h"
#include "topology/topology_implementation.h"

struct sf_punctuation {
    sf_punctuation *next;
    sf_context *context;
    sf_schedule schedule;
    int64_t due; /* stream time or wall clock, ms */
    bool is_cancelled;
};

/* A savepoint of the task, for work that no source record stands behind. */
typedef struct sf_savepoint_ops {
    sf_status (*begin)(void *task, sf_error *err);
    /* The work was refused in context: it is undone; SF_OK if the task may go on without it. */
    sf_status (*refuse)(void *task, const sf_context *context, sf_error *err);
    void *task;
} sf_savepoint_ops;

/* How many records were dropped, by reason. */
typedef struct sf_drops {
    uint64_t by[SF_DROP_REASONS];
} sf_drops;

/* What all contexts of a pipeline share. */
typedef struct sf_pipeline_context {
    sf_arena *arena;  /* of the record at hand */
    sf_arena *memory; /* of the pipeline */
    sf_clock *clock;
    const char *task_id;
    const char *application_id;
    int32_t partition;
    struct sf_state *state; /* where the rows of global tables are found */
    int64_t stream_time;
    const sf_origin *origin;
    sf_operator_times *times;
    sf_punctuation *punctuations; /* in the order they were scheduled */
    bool is_starting;             /* processors are being initialised */
    const sf_context *failed;     /* where the last failure began; NULL: not known */
    sf_drops dropped;             /* since the savepoint */
    bool commit_requested;
    int64_t emit_interval_ms; /* wall clock between emissions on close and of late join results */
    sf_savepoint_ops savepoint;
} sf_pipeline_context;

/* How to call a child. */
typedef struct sf_context_child {
    sf_status (*process)(void *state, sf_context *context, const sf_record *record, sf_error *err);
    void *state;
    sf_context *context;
} sf_context_child;

struct sf_context {
    const sf_context_child *children;
    size_t child_count;
    sf_bytes key; /* the key that may not change, while is_locked */
    bool is_locked;
    sf_pipeline_context *pipeline;
    const sf_node *node;
    sf_store *const *stores; /* in the order of the node's */
    void *state;
};

/* A store connected to this processor, of any kind; NULL: it is not. */
static inline sf_store *sf_context_store(const sf_context *context, const char *name)
{
    for (size_t i = 0; i < context->node->store_count; i++)
        if (!strcmp(sf_store_name(context->stores[i]), name))
            return context->stores[i];
    return NULL;
}

/* The process function of nodes that lock the key, and of those that have none. */
sf_status sf_context_process_locked(void *state, sf_context *context, const sf_record *record,
                                    sf_error *err);
sf_status sf_context_pass(void *state, sf_context *context, const sf_record *record, sf_error *err);

/* Hands on what a cache has held back until the commit: a piece of work of its own. */
sf_status sf_context_forward_cached(sf_context *context, const sf_record *record, sf_error *err);

/* Where the operator keeps a time of that kind (see sf_operator_times_id) and name, which is unique in
 * the topology and stays the same over its versions: its store's. -1: none yet. Fails if there are
 * too many. */
sf_status sf_context_time(sf_context *context, const char *kind, const char *name, int64_t **time,
                          sf_error *err);

#endif
