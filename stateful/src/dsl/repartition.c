/* repartition.c - through a topic of our own, so that equal keys meet in one task. */
#include <stateful/stream.h>

#include "dsl/builder_implementation.h"
#include "dsl/operators/key_filter.h"

typedef struct sf_repartition {
    struct sf_repartition *next;
    sf_key_filter *filter; /* before the topic */
    size_t source;         /* the node behind it */
} repartition;

static size_t add_filter_and_sink(sf_stream *stream, const char *name, size_t topic,
                                  sf_key_filter *filter)
{
    sf_builder *builder = stream->builder;
    sf_processor processor = sf_key_filter_processor(filter);
    size_t node;

    node = sf_graph_add_processor(builder->graph,
                                  sf_arena_printf(builder->arena, "%s-repartition-filter", name),
                                  &processor, stream->node);
    return sf_graph_add_sink(builder->graph,
                             sf_arena_printf(builder->arena, "%s-repartition-sink", name), topic,
                             stream->key, stream->value, node);
}

sf_stream *sf_stream_through(sf_stream *stream, const char *name, int32_t partitions)
{
    sf_builder *builder = stream->builder;
    sf_consumed consumed = {
        .key = stream->key, .value = stream->value, .on_error = stream->on_error};
    sf_key_filter *filter = sf_builder_alloc(builder, sizeof(*filter));
    repartition *made = sf_arena_alloc(builder->arena, sizeof(*made));
    size_t topic = sf_graph_add_repartition(builder->graph, name, partitions);
    sf_stream *result;

    for (int i = 0; i < 3; i++) /* sink, filter and source have numbers in Kafka Streams */
        sf_builder_skip_name(builder);
    name = name ? name : "?";
    add_filter_and_sink(stream, name, topic, filter);
    result = sf_stream_at(
        stream, sf_graph_add_source(builder->graph,
                                    sf_arena_printf(builder->arena, "%s-repartition-source", name),
                                    topic, false, &consumed));
    result->key_may_differ = false;
    *made = (repartition){builder->repartitions, filter, result->node};
    builder->repartitions = made;
    return result;
}

void sf_builder_settle_repartitions(sf_builder *builder)
{
    for (const repartition *made = builder->repartitions; made; made = made->next)
        made->filter->keeps_null_keys = sf_graph_all_take_null_keys(builder->graph, made->source);
}

sf_stream *sf_stream_by_key(sf_stream *stream, const char *name, const char *what)
{
    if (!stream->key_may_differ)
        return stream;
    if (!name)
        sf_graph_fail(stream->builder->graph,
                      "%s needs a repartition topic, since the key may have changed before it: "
                      "give it a name",
                      what);
    return sf_stream_through(stream, name ? name : "unnamed", 0);
}

sf_stream *sf_stream_repartition(sf_stream *stream, const char *name, int32_t partitions)
{
    return sf_stream_through(stream, name, partitions);
}
