#include "task/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/windowed_implementation.h"
#include "task/repartition_value.h"

/* What a sink needs: its node's serdes and where to put the result. */
typedef struct sink {
    sf_collector *collector;
    const sf_serde *key;
    const sf_serde *value;
    int32_t (*partition)(const sf_record *record); /* NULL: by the key */
    size_t key_tail;                               /* as in sf_output */
    size_t topic;                                  /* the port's number */
    bool is_repartition;
} sink;

struct sf_pipeline {
    const sf_subtopology *part;
    sf_context *contexts; /* one a node of the sub-topology, in its order */
    size_t initialised;   /* so many of them */
    sf_context **sources; /* one an input */
};

static sf_status send(const sink *to, size_t topic, sf_context *context, const sf_record *record,
                      sf_error *err)
{
    sf_arena *arena = context->pipeline->arena;
    sf_record wire = *record;
    sf_status status;

    status = sf_serde_encode(to->key, record->key, arena, &wire.key, err);
    if (status)
        return sf_error_prefix(err, status, "key");
    status = sf_serde_encode(to->value, record->value, arena, &wire.value, err);
    if (status)
        return sf_error_prefix(err, status, "value");
    if (to->is_repartition)
        wire.value = sf_repartition_value_encode(wire.value, wire.timestamp, arena);
    return sf_collector_add(to->collector,
                            &(sf_output){
                                .topic = topic,
                                .partition = to->partition ? to->partition(record) : -1,
                                .key_tail = wire.key.data ? to->key_tail : 0,
                                .record = wire,
                            },
                            err);
}

static sf_status process_sink(void *state, sf_context *context, const sf_record *record,
                              sf_error *err)
{
    const sink *to = state;

    return send(to, to->topic, context, record, err);
}

static sf_status process_computed_sink(void *state, sf_context *context, const sf_record *record,
                                       sf_error *err)
{
    const sink *to = state;
    const sf_node *node = context->node;
    const char *name = node->topic_name(node->topic_user, record);
    size_t topic;
    sf_status status;

    if (!name) {
        sf_context_count_dropped(context);
        return SF_OK;
    }
    status = to->collector->port.open(to->collector->port.user, name, &topic, err);
    return status ? status : send(to, topic, context, record, err);
}

static size_t position_in(const size_t *list, size_t count, size_t wanted)
{
    size_t i = 0;

    while (i < count && list[i] != wanted)
        i++;
    return i;
}

static sink *new_sink(const sf_pipeline_options *options, const sf_node *node)
{
    const sf_subtopology *part = &options->topology->subtopologies[options->subtopology];
    sink *to = sf_arena_alloc(options->context->memory, sizeof(*to));

    *to = (sink){
        .collector = options->collector,
        .key = node->key,
        .value = node->value,
        .partition = node->partition,
        .key_tail = sf_serde_windowed_tail(node->key),
    };
    if (node->topic == SF_COMPUTED_TOPIC)
        return to;
    to->topic = options->outputs[position_in(part->outputs, part->output_count, node->topic)];
    to->is_repartition = options->topology->topics[node->topic].is_internal;
    if (to->is_repartition) /* as the reference: where a window is part of a new key */
        to->key_tail = 0;
    return to;
}

static void connect_stores(sf_context *context, const sf_pipeline_options *options,
                           const sf_subtopology *part)
{
    const sf_node *node = context->node;
    sf_store **stores =
        sf_arena_alloc(options->context->memory, (node->store_count + 1) * sizeof(sf_store *));

    for (size_t i = 0; i < node->store_count; i++)
        stores[i] = sf_task_stores_at(
            options->stores, position_in(part->stores, part->store_count, node->stores[i]));
    context->stores = stores;
}

static sf_status initialise(sf_pipeline *pipeline, sf_context *context,
                            const sf_pipeline_options *options, sf_error *err)
{
    const sf_processor *processor = context->node->processor;

    if (context->node->kind == SF_SINK_NODE)
        context->state = new_sink(options, context->node);
    if (context->node->kind != SF_PROCESSOR_NODE)
        return SF_OK;
    connect_stores(context, options, pipeline->part);
    context->state = processor->user;
    if (!processor->init)
        return SF_OK;
    return sf_error_prefix(err, processor->init(processor->user, context, &context->state, err),
                           "%s", context->node->name);
}

static sf_context_child call_of(sf_context *context)
{
    const sf_node *node = context->node;
    sf_context_child child = {sf_context_pass, context->state, context};

    if (node->kind == SF_SINK_NODE)
        child.process = node->topic == SF_COMPUTED_TOPIC ? process_computed_sink : process_sink;
    else if (node->processor->process)
        child.process = node->locks_key ? sf_context_process_locked : node->processor->process;
    return child;
}

/* After all states are known. */
static void connect_children(sf_pipeline *pipeline, sf_context *context, sf_arena *memory)
{
    const sf_subtopology *part = pipeline->part;
    sf_context_child *children =
        sf_arena_alloc(memory, (context->node->child_count + 1) * sizeof(*children));

    for (size_t i = 0; i < context->node->child_count; i++)
        children[i] = call_of(&pipeline->contexts[position_in(part->nodes, part->node_count,
                                                              context->node->children[i])]);
    context->children = children;
    context->child_count = context->node->child_count;
}

static void find_sources(sf_pipeline *pipeline, sf_arena *memory)
{
    const sf_subtopology *part = pipeline->part;

    pipeline->sources = sf_arena_alloc(memory, part->input_count * sizeof(sf_context *));
    for (size_t i = 0; i < part->input_count; i++)
        pipeline->sources[i] =
            &pipeline->contexts[position_in(part->nodes, part->node_count, part->sources[i])];
}

sf_status sf_pipeline_new(const sf_pipeline_options *options, sf_pipeline **pipeline, sf_error *err)
{
    sf_pipeline_context *context = options->context;
    sf_pipeline *made = sf_zalloc(sizeof(*made));
    sf_status status = SF_OK;

    sf_arena_reset(context->memory);
    context->punctuations = NULL;
    context->is_starting = true;
    made->part = &options->topology->subtopologies[options->subtopology];
    made->contexts =
        sf_arena_zalloc(context->memory, made->part->node_count * sizeof(*made->contexts));
    for (size_t i = 0; i < made->part->node_count && !status; i++) {
        made->contexts[i].pipeline = context;
        made->contexts[i].node = &options->topology->nodes[made->part->nodes[i]];
        status = initialise(made, &made->contexts[i], options, err);
        if (!status)
            made->initialised++;
    }
    context->is_starting = false;
    if (status) {
        sf_pipeline_free(made);
        return status;
    }
    for (size_t i = 0; i < made->part->node_count; i++)
        connect_children(made, &made->contexts[i], context->memory);
    find_sources(made, context->memory);
    *pipeline = made;
    return SF_OK;
}

void sf_pipeline_free(sf_pipeline *pipeline)
{
    if (!pipeline)
        return;
    for (size_t i = pipeline->initialised; i > 0; i--) {
        sf_context *context = &pipeline->contexts[i - 1];

        if (context->node->kind == SF_PROCESSOR_NODE && context->node->processor->close)
            context->node->processor->close(context->state);
    }
    free(pipeline);
}

sf_status sf_pipeline_process(sf_pipeline *pipeline, size_t input, const sf_record *record,
                              sf_error *err)
{
    return sf_context_forward(pipeline->sources[input], record, err);
}
