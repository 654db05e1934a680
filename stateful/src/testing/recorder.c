/* recorder.c - a topology of one processor: a source, a watch that sees what the processor returns, the
 * processor, and for each of its children an ear that marks what comes for the sink: there it is undone
 * if its record is refused. */
#include <stateful/recorder.h>

#include <stdlib.h>

#include "base/memory.h"
#include "task/task_implementation.h"
#include "testing/test_driver_implementation.h"
#include "topology/graph.h"

/* In the topic where all forwards meet, the last header says which child was meant. */
#define FORWARDS "forwards"

typedef struct ear {
    const char *child;
} ear;

struct sf_recorder {
    sf_topology *topology;
    sf_test_driver *driver;
    const char *topic;
    sf_arena *memory; /* of names, and of what was read */
    size_t commits;
    sf_error refusal; /* of the record at hand; its status is SF_OK if there was none */
};

/* ---- the topology ---- */

static sf_status hear(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const ear *heard = state;
    sf_record marked = *record;

    marked.headers = sf_headers_with(record->headers, heard->child, sf_bytes_text(heard->child),
                                     sf_context_arena(context));
    return sf_context_forward(context, &marked, err);
}

static sf_status watch(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    sf_recorder *recorder = state;
    sf_status status = sf_context_forward(context, record, &recorder->refusal);

    recorder->refusal.status = status;
    if (status && err)
        *err = recorder->refusal;
    return status;
}

static void add_ears(sf_recorder *recorder, sf_graph *graph, const char *const *children,
                     size_t parent)
{
    static const char *const one_child[] = {"child", NULL};
    size_t topic = sf_graph_topic(graph, FORWARDS), sink = SIZE_MAX;

    for (children = children ? children : one_child; *children; children++) {
        ear *heard = sf_arena_alloc(recorder->memory, sizeof(*heard));
        sf_processor processor = {.process = hear, .user = heard};
        size_t node;

        *heard = (ear){sf_arena_text(recorder->memory, *children)};
        node = sf_graph_add_processor(graph, heard->child, &processor, parent);
        if (sink == SIZE_MAX)
            sink = sf_graph_add_sink(graph, "sink", topic, NULL, NULL, node);
        else
            sf_graph_connect(graph, node, sink);
    }
}

static sf_status build(sf_recorder *recorder, const sf_processor *processor,
                       const sf_recorder_options *options, sf_error *err)
{
    const sf_consumed consumed = {.on_error = SF_ON_ERROR_SKIP};
    const sf_processor watching = {.process = watch, .user = recorder};
    sf_graph *graph = sf_graph_new();
    size_t topic = sf_graph_topic(graph, recorder->topic);
    size_t source = sf_graph_add_source(graph, "source", topic, false, &consumed);
    size_t watcher = sf_graph_add_processor(graph, "watch", &watching, source);
    size_t node = sf_graph_add_processor(graph, "processor", processor, watcher);
    sf_status status;

    for (size_t i = 0; i < options->store_count; i++)
        sf_graph_use_store(graph, node, sf_graph_add_store(graph, &options->stores[i]));
    if (options->locks_key)
        sf_graph_lock_key(graph, node);
    add_ears(recorder, graph, options->children, node);
    status = sf_graph_build(graph, &recorder->topology, err);
    sf_graph_free(graph);
    return status;
}

/* ---- life ---- */

sf_status sf_recorder_new(const sf_processor *processor, const sf_recorder_options *options,
                          sf_recorder **recorder, sf_error *err)
{
    static const sf_recorder_options usual;
    sf_recorder *made = sf_zalloc(sizeof(*made));
    sf_test_driver_options driven = {.commit_by_hand = true};
    sf_status status;

    options = options ? options : &usual;
    driven.application_id = options->application_id;
    driven.now_ms = options->now_ms;
    made->memory = sf_arena_new();
    made->topic = sf_arena_text(made->memory, options->topic ? options->topic : "in");
    status = build(made, processor, options, err);
    if (!status)
        status = sf_test_driver_new(made->topology, &driven, &made->driver, err);
    if (status)
        sf_recorder_free(made);
    else
        *recorder = made;
    return status;
}

void sf_recorder_free(sf_recorder *recorder)
{
    if (!recorder)
        return;
    sf_test_driver_free(recorder->driver);
    sf_topology_free(recorder->topology);
    sf_arena_free(recorder->memory);
    free(recorder);
}

/* ---- running ---- */

static const sf_task *task_of(const sf_recorder *recorder)
{
    return recorder->driver->tasks[0].task;
}

/* What was forwarded can be read from now on. */
static sf_status commit(sf_recorder *recorder, sf_error *err)
{
    recorder->commits += sf_task_commit_requested(task_of(recorder));
    return sf_test_driver_commit(recorder->driver, err);
}

static uint64_t skipped_by(const sf_recorder *recorder)
{
    return sf_test_driver_counters(recorder->driver).skipped;
}

/* Whether all went well since so many were skipped; the status of the record comes first. */
static sf_status outcome(const sf_recorder *recorder, uint64_t skipped, sf_error *err)
{
    sf_status refused = recorder->refusal.status;

    if (refused && err)
        *err = recorder->refusal;
    if (!refused && skipped_by(recorder) > skipped)
        return sf_reject(err, "a punctuation was refused; the log says why");
    return refused;
}

sf_status sf_recorder_process(sf_recorder *recorder, const sf_record *record, sf_error *err)
{
    uint64_t skipped = skipped_by(recorder);
    sf_status status;

    if (record->timestamp < 0)
        return sf_fail(err, SF_INVALID, "a record's timestamp is not negative");
    recorder->refusal = (sf_error){0};
    status = sf_test_driver_pipe(recorder->driver, recorder->topic, record, err);
    if (!status)
        status = commit(recorder, err);
    return status ? status : outcome(recorder, skipped, err);
}

sf_status sf_recorder_advance(sf_recorder *recorder, int64_t by_ms, sf_error *err)
{
    uint64_t skipped = skipped_by(recorder);
    sf_status status;

    recorder->refusal = (sf_error){0};
    status = sf_test_driver_advance(recorder->driver, by_ms, err);
    if (!status)
        status = commit(recorder, err);
    return status ? status : outcome(recorder, skipped, err);
}

/* ---- what it did ---- */

bool sf_recorder_next(sf_recorder *recorder, sf_forwarded *forwarded)
{
    sf_record record;

    if (!sf_test_driver_read(recorder->driver, FORWARDS, &record))
        return false;
    forwarded->record = sf_record_copy(&record, recorder->memory);
    forwarded->child = forwarded->record.headers.items[--forwarded->record.headers.count].name;
    return true;
}

bool sf_recorder_schedule(const sf_recorder *recorder, size_t index, sf_schedule *schedule)
{
    const sf_punctuation *at = task_of(recorder)->context.punctuations;

    for (; at; at = at->next) {
        if (at->is_cancelled)
            continue;
        if (index-- == 0) {
            *schedule = at->schedule;
            return true;
        }
    }
    return false;
}

size_t sf_recorder_commits(const sf_recorder *recorder)
{
    return recorder->commits;
}

sf_test_driver *sf_recorder_driver(sf_recorder *recorder)
{
    return recorder->driver;
}
