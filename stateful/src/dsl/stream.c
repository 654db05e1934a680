#include <stateful/stream.h>

#include <string.h>

#include "dsl/builder_implementation.h"
#include "dsl/operators/filter.h"
#include "dsl/operators/flat_map.h"
#include "dsl/operators/map.h"
#include "dsl/operators/print.h"
#include "dsl/operators/split.h"
#include "dsl/operators/visit.h"

/* ---- for all operators ---- */

sf_stream *sf_stream_at(const sf_stream *stream, size_t node)
{
    sf_stream *copy = sf_arena_alloc(stream->builder->arena, sizeof(*copy));

    *copy = *stream;
    copy->node = node;
    return copy;
}

sf_stream *sf_stream_then(sf_stream *stream, const char *prefix, const sf_processor *processor)
{
    sf_builder *builder = stream->builder;
    size_t node = sf_graph_add_processor(builder->graph, sf_builder_name(builder, prefix),
                                         processor, stream->node);

    return sf_stream_at(stream, node);
}

/* From here on the key may be another one. */
static sf_stream *with_other_key(sf_stream *stream)
{
    stream->key_may_differ = true;
    return stream;
}

/* ---- without state ---- */

static sf_stream *filter(sf_stream *stream, sf_predicate_fn predicate, void *user, bool negated)
{
    sf_filter *step = sf_builder_alloc(stream->builder, sizeof(*step));
    sf_processor processor = sf_filter_processor(step);

    sf_builder_want(stream->builder, predicate, "sf_stream_filter", "a predicate");
    *step = (sf_filter){predicate, user, negated};
    return sf_stream_then(stream, "KSTREAM-FILTER-", &processor);
}

sf_stream *sf_stream_filter(sf_stream *stream, sf_predicate_fn predicate, void *user)
{
    return filter(stream, predicate, user, false);
}

sf_stream *sf_stream_filter_not(sf_stream *stream, sf_predicate_fn predicate, void *user)
{
    return filter(stream, predicate, user, true);
}

static sf_map_step *map_step(sf_stream *stream, const char *call, sf_map_fn map, void *user)
{
    sf_map_step *step = sf_builder_alloc(stream->builder, sizeof(*step));

    sf_builder_want(stream->builder, map, call, "a function");
    *step = (sf_map_step){map, user};
    return step;
}

sf_stream *sf_stream_map(sf_stream *stream, sf_map_fn map, void *user)
{
    sf_processor processor = sf_map_processor(map_step(stream, "sf_stream_map", map, user));

    return with_other_key(sf_stream_then(stream, "KSTREAM-MAP-", &processor));
}

sf_stream *sf_stream_select_key(sf_stream *stream, sf_map_fn select, void *user)
{
    sf_processor processor =
        sf_map_key_processor(map_step(stream, "sf_stream_select_key", select, user));

    return with_other_key(sf_stream_then(stream, "KSTREAM-KEY-SELECT-", &processor));
}

sf_stream *sf_stream_map_values(sf_stream *stream, sf_map_fn map, void *user)
{
    sf_processor processor =
        sf_map_value_processor(map_step(stream, "sf_stream_map_values", map, user));

    return sf_stream_then(stream, "KSTREAM-MAPVALUES-", &processor);
}

static sf_processor flat_map_processor(sf_stream *stream, sf_flat_map_fn flat_map, void *user)
{
    sf_flat_map_step *step = sf_builder_alloc(stream->builder, sizeof(*step));

    sf_builder_want(stream->builder, flat_map, "sf_stream_flat_map", "a function");
    *step = (sf_flat_map_step){flat_map, user};
    return sf_flat_map_processor(step);
}

sf_stream *sf_stream_flat_map(sf_stream *stream, sf_flat_map_fn flat_map, void *user)
{
    sf_processor processor = flat_map_processor(stream, flat_map, user);

    return with_other_key(sf_stream_then(stream, "KSTREAM-FLATMAP-", &processor));
}

sf_stream *sf_stream_flat_map_values(sf_stream *stream, sf_flat_map_fn flat_map, void *user)
{
    sf_processor processor = flat_map_processor(stream, flat_map, user);
    sf_stream *result = sf_stream_then(stream, "KSTREAM-FLATMAPVALUES-", &processor);

    sf_graph_lock_key(stream->builder->graph, result->node);
    return result;
}

static sf_stream *visit_by(sf_stream *stream, const char *prefix, sf_visit_fn visit, void *user)
{
    sf_visit_step *step = sf_builder_alloc(stream->builder, sizeof(*step));
    sf_processor processor = sf_visit_processor(step);

    sf_builder_want(stream->builder, visit, "sf_stream_peek", "a function");
    *step = (sf_visit_step){visit, user};
    return sf_stream_then(stream, prefix, &processor);
}

sf_stream *sf_stream_peek(sf_stream *stream, sf_visit_fn visit, void *user)
{
    return visit_by(stream, "KSTREAM-PEEK-", visit, user);
}

void sf_stream_foreach(sf_stream *stream, sf_visit_fn visit, void *user)
{
    (void)visit_by(stream, "KSTREAM-FOREACH-", visit, user); /* nothing follows */
}

void sf_stream_print(sf_stream *stream, const char *label)
{
    sf_print_step *step = sf_builder_alloc(stream->builder, sizeof(*step));
    sf_processor processor = sf_print_processor(step);

    sf_builder_want(stream->builder, label, "sf_stream_print", "a label");
    *step = (sf_print_step){
        .label = sf_arena_text(sf_graph_arena(stream->builder->graph), label ? label : "?"),
        .key = stream->key,
        .value = stream->value,
    };
    (void)sf_stream_then(stream, "KSTREAM-PRINTER-", &processor); /* nothing follows */
}

sf_stream *sf_stream_merge(sf_stream *stream, sf_stream *other)
{
    static const sf_processor pass;
    sf_stream *merged = sf_stream_then(stream, "KSTREAM-MERGE-", &pass);

    if (stream->key != other->key || stream->value != other->value)
        sf_graph_fail(stream->builder->graph,
                      "streams with different serdes cannot be merged: make them one by "
                      "sf_stream_as");
    sf_graph_connect(stream->builder->graph, other->node, merged->node);
    merged->key_may_differ |= other->key_may_differ;
    if (other->on_error == SF_ON_ERROR_FAIL)
        merged->on_error = SF_ON_ERROR_FAIL;
    return merged;
}

void sf_stream_split(sf_stream *stream, const sf_branch *branches, size_t count,
                     sf_stream **streams)
{
    static const sf_processor pass;
    sf_builder *builder = stream->builder;
    sf_split *split = sf_builder_alloc(builder, sizeof(*split));
    sf_processor processor = sf_split_processor(split);
    char *name = sf_builder_name(builder, "KSTREAM-BRANCH-");
    size_t node = sf_graph_add_processor(builder->graph, name, &processor, stream->node);

    split->count = count;
    split->branches = sf_builder_alloc(builder, (count + 1) * sizeof(*branches));
    split->children = sf_builder_alloc(builder, (count + 1) * sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        char *child = sf_arena_printf(sf_graph_arena(builder->graph), "%s%zu", name, i + 1);

        split->branches[i] = branches[i];
        split->children[i] = child;
        streams[i] =
            sf_stream_at(stream, sf_graph_add_processor(builder->graph, child, &pass, node));
    }
}

sf_stream *sf_stream_as(sf_stream *stream, const sf_serde *key, const sf_serde *value)
{
    sf_stream *other = sf_stream_at(stream, stream->node);

    if (key)
        other->key = key;
    if (value)
        other->value = value;
    return other;
}

sf_stream *sf_stream_named(sf_stream *stream, const char *name)
{
    sf_graph_rename(stream->builder->graph, stream->node, name);
    return stream;
}

/* ---- processors ---- */

static sf_stream *process(sf_stream *stream, const char *prefix, const sf_processor *processor,
                          const char *const *stores)
{
    static const sf_processor pass;
    sf_stream *result;

    sf_builder_want(stream->builder, processor, "sf_stream_process", "a processor");
    result = sf_stream_then(stream, prefix, processor ? processor : &pass);
    for (; stores && *stores; stores++)
        sf_graph_use_store_named(stream->builder->graph, result->node, *stores);
    return result;
}

sf_stream *sf_stream_process(sf_stream *stream, const sf_processor *processor,
                             const char *const *stores)
{
    return with_other_key(process(stream, "KSTREAM-PROCESSOR-", processor, stores));
}

sf_stream *sf_stream_process_values(sf_stream *stream, const sf_processor *processor,
                                    const char *const *stores)
{
    sf_stream *result = process(stream, "KSTREAM-PROCESSVALUES-", processor, stores);

    sf_graph_lock_key(stream->builder->graph, result->node);
    return result;
}

/* ---- through topics ---- */

void sf_stream_to_with(sf_stream *stream, const char *topic, const sf_produced *produced)
{
    sf_builder *builder = stream->builder;

    sf_builder_want(builder, topic, "sf_stream_to", "a topic");
    sf_graph_add_sink(builder->graph, sf_builder_name(builder, "KSTREAM-SINK-"),
                      sf_graph_topic(builder->graph, topic ? topic : "?"),
                      produced && produced->key ? produced->key : stream->key,
                      produced && produced->value ? produced->value : stream->value, stream->node);
}

void sf_stream_to_computed(sf_stream *stream, sf_topic_name_fn topic, void *user,
                           const sf_produced *produced)
{
    sf_builder *builder = stream->builder;

    sf_builder_want(builder, topic, "sf_stream_to_computed", "a function");
    sf_graph_add_computed_sink(builder->graph, sf_builder_name(builder, "KSTREAM-SINK-"), topic,
                               user, produced && produced->key ? produced->key : stream->key,
                               produced && produced->value ? produced->value : stream->value,
                               stream->node);
}

void sf_stream_to(sf_stream *stream, const char *topic)
{
    sf_stream_to_with(stream, topic, NULL);
}
