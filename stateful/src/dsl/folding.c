#include "dsl/folding.h"

#include "dsl/operators/aggregate.h"
#include "dsl/operators/session_aggregate.h"
#include "dsl/operators/sliding_aggregate.h"
#include "dsl/operators/window_aggregate.h"

static size_t kept_plan_size(sf_windowing_kind kind)
{
    switch (kind) {
    case SF_NO_WINDOWS:
        return sizeof(sf_kept_rows_plan);
    case SF_SESSION_WINDOWS:
        return sizeof(sf_kept_sessions_plan);
    default:
        return sizeof(sf_kept_windows_plan);
    }
}

sf_folding sf_folding_new(sf_builder *builder, const sf_windowing *windowing,
                          const sf_materialized *materialized)
{
    sf_folding folding = {.builder = builder, .windowing = *windowing};

    sf_builder_want(builder, materialized && materialized->name, "an aggregate",
                    "an sf_materialized with a name");
    if (materialized)
        folding.how = *materialized;
    folding.store =
        sf_arena_text(sf_graph_arena(builder->graph), folding.how.name ? folding.how.name : "?");
    folding.kept = sf_builder_alloc(builder, kept_plan_size(windowing->kind));
    if (windowing->kind != SF_NO_WINDOWS)
        folding.options = sf_windowing_store(builder->graph, windowing, &folding.how);
    return folding;
}

/* ---- one stream's node ---- */

/* Each stream of a cogroup has its own stream time, as in the reference, unless results wait for it. */
static const char *times_name(const sf_folding *folding)
{
    sf_arena *arena = sf_graph_arena(folding->builder->graph);

    if (folding->count == 0 || sf_windowing_is_final(&folding->windowing))
        return folding->store;
    return sf_arena_printf(arena, "%s-%zu", folding->store, folding->count);
}

static sf_closing_plan closing_plan(const sf_folding *folding)
{
    const sf_windowing *windowing = &folding->windowing;
    sf_closing_plan plan = {
        .is_on = true,
        .is_lossless = sf_windowing_emits_first(windowing, &folding->how),
        .after_ms = sf_windowing_open_ms(windowing),
        .span_ms = windowing->size_ms,
        .retention_ms = folding->options.retention_ms,
    };

    if (!sf_windowing_is_final(windowing))
        return (sf_closing_plan){0};
    if (windowing->kind == SF_SLIDING_WINDOWS)
        plan.span_ms++; /* the end is included */
    if (windowing->kind == SF_SESSION_WINDOWS)
        plan.span_ms = 1; /* its time is the end itself */
    return plan;
}

static sf_processor plain_processor(const sf_folding *folding, const sf_fold *fold)
{
    sf_aggregate_plan *plan = sf_builder_alloc(folding->builder, sizeof(*plan));

    *plan = (sf_aggregate_plan){.fold = *fold, .rows = folding->kept};
    plan->fold.skips_null = true;
    return sf_aggregate_processor(plan);
}

static sf_processor session_processor(const sf_folding *folding, const sf_fold *fold)
{
    sf_session_aggregate_plan *plan = sf_builder_alloc(folding->builder, sizeof(*plan));

    *plan = (sf_session_aggregate_plan){
        .fold = *fold,
        .gap_ms = folding->windowing.size_ms,
        .grace_ms = folding->windowing.grace_ms,
        .times = times_name(folding),
        .closing = closing_plan(folding),
        .sessions = folding->kept,
    };
    return sf_session_aggregate_processor(plan);
}

static sf_processor window_processor(const sf_folding *folding, const sf_fold *fold)
{
    sf_window_fold_plan *plan = sf_builder_alloc(folding->builder, sizeof(*plan));

    *plan = (sf_window_fold_plan){
        .fold = *fold,
        .advance_ms = folding->windowing.advance_ms,
        .start_ms = folding->windowing.start_ms,
        .grace_ms = folding->windowing.grace_ms,
        .times = times_name(folding),
        .closing = closing_plan(folding),
        .windows = folding->kept,
    };
    if (folding->windowing.kind == SF_UNLIMITED_WINDOWS)
        return sf_unlimited_aggregate_processor(plan);
    if (folding->windowing.kind == SF_TIME_WINDOWS)
        return sf_window_aggregate_processor(plan);
    plan->fold.skips_null = true;
    return sf_sliding_aggregate_processor(plan);
}

static sf_processor processor_of(const sf_folding *folding, const sf_fold *fold)
{
    switch (folding->windowing.kind) {
    case SF_NO_WINDOWS:
        return plain_processor(folding, fold);
    case SF_SESSION_WINDOWS:
        return session_processor(folding, fold);
    default:
        return window_processor(folding, fold);
    }
}

void sf_folding_add(sf_folding *folding, const char *name, const sf_fold *fold,
                    const sf_stream *stream)
{
    sf_builder *builder = folding->builder;
    sf_processor processor = processor_of(folding, fold);
    size_t *nodes = sf_arena_alloc(builder->arena, (folding->count + 1) * sizeof(*nodes));

    for (size_t i = 0; i < folding->count; i++)
        nodes[i] = folding->nodes[i];
    nodes[folding->count++] =
        sf_graph_add_processor(builder->graph, name, &processor, stream->node);
    folding->nodes = nodes;
}

/* ---- the store and its table ---- */

static sf_store_lookup_plan lookup_of(const sf_folding *folding, const sf_table *table)
{
    return (sf_store_lookup_plan){
        .kind = folding->options.kind,
        .store = folding->store,
        .key = table->store_key,
        .value = table->value,
    };
}

static bool *fill_windows(const sf_folding *folding, const sf_table *table)
{
    sf_kept_windows_plan *plan = folding->kept;

    *plan = (sf_kept_windows_plan){
        .store = folding->store,
        .key = table->store_key,
        .value = table->value,
        .size_ms = folding->windowing.size_ms,
        .is_final = sf_windowing_is_final(&folding->windowing),
    };
    return &plan->sends_before;
}

static bool *fill_sessions(const sf_folding *folding, const sf_table *table)
{
    sf_kept_sessions_plan *plan = folding->kept;

    *plan = (sf_kept_sessions_plan){
        .store = folding->store,
        .key = table->store_key,
        .value = table->value,
        .is_final = sf_windowing_is_final(&folding->windowing),
    };
    return &plan->sends_before;
}

static void keep_windows(const sf_folding *folding, sf_table *table)
{
    sf_graph *graph = folding->builder->graph;
    sf_store_lookup_plan lookup;

    table->store = sf_graph_add_store(graph, &folding->options);
    table->store_name = folding->store;
    table->store_key = folding->how.key ? folding->how.key : table->key;
    table->value = folding->how.value;
    table->store_value = table->value;
    table->key = sf_windowing_serde(graph, &folding->windowing, table->store_key);
    table->is_windowed = true;
    table->open_ms = sf_windowing_open_ms(&folding->windowing);
    table->sends_before = folding->windowing.kind == SF_SESSION_WINDOWS
                              ? fill_sessions(folding, table)
                              : fill_windows(folding, table);
    lookup = lookup_of(folding, table);
    sf_table_found_in(table, &lookup, table->store);
}

sf_table *sf_folding_table(sf_folding *folding, const sf_stream *like)
{
    sf_table *table = sf_table_new(like, folding->nodes[0]);

    table->value = NULL;
    if (folding->windowing.kind == SF_NO_WINDOWS)
        sf_table_keep(table, &folding->how, folding->kept);
    else
        keep_windows(folding, table);
    for (size_t i = 0; i < folding->count; i++)
        sf_graph_use_store(folding->builder->graph, folding->nodes[i], table->store);
    return table;
}
