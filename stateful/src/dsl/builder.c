#include "dsl/builder_implementation.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

sf_builder *sf_builder_new(void)
{
    sf_builder *builder = sf_zalloc(sizeof(*builder));

    builder->graph = sf_graph_new();
    builder->arena = sf_arena_new();
    return builder;
}

void sf_builder_free(sf_builder *builder)
{
    if (!builder)
        return;
    sf_graph_free(builder->graph);
    sf_arena_free(builder->arena);
    free(builder);
}

sf_status sf_builder_build(sf_builder *builder, sf_topology **topology, sf_error *err)
{
    if (builder->is_built)
        return sf_fail(err, SF_CLOSED, "a builder builds once");
    builder->is_built = true;
    sf_builder_settle_joins(builder);
    sf_builder_settle_repartitions(builder);
    return sf_graph_build(builder->graph, topology, err);
}

void sf_builder_optimize(sf_builder *builder)
{
    builder->optimizes = true;
}

/* ---- for the operators ---- */

char *sf_builder_name(sf_builder *builder, const char *prefix)
{
    return sf_arena_printf(builder->arena, "%s%010zu", prefix, builder->next_number++);
}

void sf_builder_skip_name(sf_builder *builder)
{
    builder->next_number++;
}

void *sf_builder_alloc(sf_builder *builder, size_t size)
{
    return sf_arena_zalloc(sf_graph_arena(builder->graph), size);
}

void sf_builder_want(sf_builder *builder, bool is_there, const char *call, const char *what)
{
    if (!is_there)
        sf_graph_fail(builder->graph, "%s wants %s", call, what);
}

/* ---- sources ---- */

static sf_stream *source_stream(sf_builder *builder, size_t node, const char *topic,
                                const sf_consumed *consumed)
{
    sf_stream *stream = sf_arena_zalloc(builder->arena, sizeof(*stream));

    stream->builder = builder;
    stream->node = node;
    stream->key = consumed->key;
    stream->value = consumed->value;
    stream->on_error = consumed->on_error;
    stream->topic = sf_arena_text(builder->arena, topic);
    stream->consumed = *consumed;
    return stream;
}

static bool same_consumed(const sf_consumed *a, const sf_consumed *b)
{
    return a->key == b->key && a->value == b->value && a->timestamp == b->timestamp &&
           a->user == b->user && a->on_error == b->on_error && a->reset == b->reset;
}

/* A topic that is read as a stream already, in the same way. */
static sf_stream *known_source(const sf_builder *builder, const char *topic,
                               const sf_consumed *consumed)
{
    for (sf_stream *stream = builder->sources; stream; stream = stream->next_source)
        if (!strcmp(stream->topic, topic) && same_consumed(&stream->consumed, consumed))
            return stream;
    return NULL;
}

sf_stream *sf_builder_stream(sf_builder *builder, const char *topic, const sf_consumed *consumed)
{
    static const sf_consumed usual;
    sf_stream *stream;
    size_t number;

    sf_builder_want(builder, topic, "sf_builder_stream", "a topic");
    topic = topic ? topic : "?";
    consumed = consumed ? consumed : &usual;
    stream = known_source(builder, topic, consumed);
    if (stream)
        return stream;
    number = sf_graph_topic(builder->graph, topic);
    stream = source_stream(builder,
                           sf_graph_add_source(builder->graph,
                                               sf_builder_name(builder, "KSTREAM-SOURCE-"), number,
                                               false, consumed),
                           topic, consumed);
    stream->next_source = builder->sources;
    builder->sources = stream;
    return stream;
}

sf_table *sf_builder_table(sf_builder *builder, const char *topic, const sf_consumed *consumed,
                           const sf_materialized *materialized)
{
    static const sf_consumed usual;
    size_t source;

    sf_builder_want(builder, topic, "sf_builder_table", "a topic");
    topic = topic ? topic : "?";
    consumed = consumed ? consumed : &usual;
    source = sf_graph_add_source(builder->graph, sf_builder_name(builder, "KSTREAM-SOURCE-"),
                                 sf_graph_topic(builder->graph, topic), true, consumed);
    return sf_table_of_stream(source_stream(builder, source, topic, consumed), "KTABLE-SOURCE-",
                              materialized);
}

void sf_builder_add_store(sf_builder *builder, const sf_store_options *options)
{
    sf_builder_want(builder, options, "sf_builder_add_store", "options");
    if (options)
        sf_graph_add_store(builder->graph, options);
}
