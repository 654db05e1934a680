/* join_streams.c - two streams meet. Nodes and stores are those of Kafka Streams and are called so:
 *
 *   left  --> <name>-this-windowed  --> <name>-this-join  --> <name>-merge
 *   right --> <name>-other-windowed --> <name>-other-join --> <name>-merge
 *
 * A windowed node keeps the records of its side, a join node looks through those of the other. A
 * stream that is joined with itself can do with one store for both sides: when a record passes the
 * first pair of nodes, neither of two stores would have shown it to them; when it passes the second
 * pair, both would. So with sf_builder_optimize the first pair keeps nothing.
 */
#include <stateful/stream.h>

#include "dsl/builder_implementation.h"
#include "dsl/operators/join_keep.h"
#include "dsl/operators/stream_join.h"

/* Of one side. */
typedef struct pair_of_nodes {
    sf_stream *stream; /* by key */
    sf_stream_join_node *keep;
    size_t keep_node;
    size_t join_node;
    sf_store_options store;
} pair_of_nodes;

struct sf_streams_join {
    sf_streams_join *next_self; /* among the builder's joins of a stream with itself */
    sf_builder *builder;
    const char *name;
    sf_stream_joined joined;
    sf_join_window window;
    bool is_outer[SF_JOIN_SIDES];
    sf_stream_join_plan *plan;
    pair_of_nodes pairs[SF_JOIN_SIDES];
};

/* ---- checks ---- */

static int64_t size_of(const sf_join_window *window)
{
    return window->before_ms + window->after_ms;
}

static bool is_sane(int64_t ms)
{
    return ms > -INT64_MAX / 4 && ms < INT64_MAX / 4;
}

static void check_window(sf_streams_join *join)
{
    const sf_join_window *window = &join->window;
    sf_graph *graph = join->builder->graph;

    if (!is_sane(window->before_ms) || !is_sane(window->after_ms) || !is_sane(window->grace_ms) ||
        window->grace_ms < 0 || size_of(window) < 0) {
        sf_graph_fail(graph,
                      "the join '%s' needs a window whose before and after come to at least 0, "
                      "and a grace of at least 0",
                      join->name);
        join->window = (sf_join_window){0};
    }
    if (join->joined.retention_ms &&
        join->joined.retention_ms < size_of(&join->window) + join->window.grace_ms)
        sf_graph_fail(graph,
                      "the join '%s' keeps records for %lld ms, less than before, after and grace",
                      join->name, (long long)join->joined.retention_ms);
}

/* ---- the plan ---- */

static const char *with_name(const sf_streams_join *join, const char *suffix)
{
    return sf_arena_printf(sf_graph_arena(join->builder->graph), "%s%s", join->name, suffix);
}

static const char *join_suffix(const sf_streams_join *join, int side)
{
    if (side == SF_JOIN_LEFT)
        return join->is_outer[SF_JOIN_RIGHT] ? "-outer-this-join" : "-this-join";
    return join->is_outer[SF_JOIN_LEFT] ? "-outer-other-join" : "-other-join";
}

static sf_stream_side side_of(const sf_streams_join *join, int side)
{
    const sf_join_window *window = &join->window;
    const sf_stream *stream = join->pairs[side].stream;

    return (sf_stream_side){
        .store = sf_arena_printf(sf_graph_arena(join->builder->graph), "%s%s-store", join->name,
                                 join_suffix(join, side)),
        .key = stream->key,
        .value = stream->value,
        .before_ms = side == SF_JOIN_LEFT ? window->before_ms : window->after_ms,
        .after_ms = side == SF_JOIN_LEFT ? window->after_ms : window->before_ms,
        .is_outer = join->is_outer[side],
    };
}

/* A window of one instant is given a length, else nothing would be kept at all. */
static sf_store_options store_of(const sf_streams_join *join, int side)
{
    int64_t size_ms = size_of(&join->window) ? size_of(&join->window) : 1;
    int64_t retention_ms = join->joined.retention_ms
                               ? join->joined.retention_ms
                               : size_of(&join->window) + join->window.grace_ms;

    return (sf_store_options){
        .name = join->plan->sides[side].store,
        .kind = SF_WINDOW_STORE,
        .in_memory = join->joined.in_memory,
        .logging_off = join->joined.logging_off,
        .retain_duplicates = true,
        .window_size_ms = size_ms,
        .retention_ms = retention_ms > size_ms ? retention_ms : size_ms,
    };
}

static void make_plan(sf_streams_join *join)
{
    join->plan->grace_ms = join->window.grace_ms;
    for (int side = 0; side < SF_JOIN_SIDES; side++) {
        join->plan->sides[side] = side_of(join, side);
        join->pairs[side].store = store_of(join, side);
    }
    if (join->is_outer[SF_JOIN_LEFT] && !join->window.is_eager)
        join->plan->unmatched =
            with_name(join, join->is_outer[SF_JOIN_RIGHT] ? "-outer-shared-join-store"
                                                          : "-left-shared-join-store");
}

/* ---- nodes ---- */

static sf_stream_join_node *new_node(const sf_streams_join *join, int side)
{
    sf_stream_join_node *node = sf_builder_alloc(join->builder, sizeof(*node));

    *node = (sf_stream_join_node){join->plan, side, true};
    return node;
}

static void add_keep(sf_streams_join *join, int side)
{
    pair_of_nodes *pair = &join->pairs[side];
    const char *name = with_name(join, side == SF_JOIN_LEFT ? "-this-windowed" : "-other-windowed");
    sf_processor processor;

    pair->keep = new_node(join, side);
    processor = sf_join_keep_processor(pair->keep);
    pair->keep_node =
        sf_graph_add_processor(join->builder->graph, name, &processor, pair->stream->node);
    if (join->is_outer[SF_JOIN_LEFT])
        sf_graph_take_null_keys(join->builder->graph, pair->keep_node);
}

static void add_join(sf_streams_join *join, int side)
{
    pair_of_nodes *pair = &join->pairs[side];
    sf_processor processor = sf_stream_join_processor(new_node(join, side));

    pair->join_node =
        sf_graph_add_processor(join->builder->graph, with_name(join, join_suffix(join, side)),
                               &processor, pair->keep_node);
}

static size_t add_nodes(sf_streams_join *join)
{
    static const sf_processor pass;
    sf_graph *graph = join->builder->graph;
    size_t merge;

    for (int i = 0; i < 5; i++) /* all five have numbers in Kafka Streams */
        sf_builder_skip_name(join->builder);
    for (int side = 0; side < SF_JOIN_SIDES; side++)
        add_keep(join, side);
    for (int side = 0; side < SF_JOIN_SIDES; side++)
        add_join(join, side);
    merge = sf_graph_add_processor(graph, with_name(join, "-merge"), &pass,
                                   join->pairs[SF_JOIN_LEFT].join_node);
    sf_graph_connect(graph, join->pairs[SF_JOIN_RIGHT].join_node, merge);
    sf_graph_meet(graph, join->pairs[SF_JOIN_LEFT].keep_node, join->pairs[SF_JOIN_RIGHT].keep_node);
    return merge;
}

/* ---- stores ---- */

static void add_stores(sf_streams_join *join)
{
    sf_graph *graph = join->builder->graph;

    for (int side = 0; side < SF_JOIN_SIDES; side++) {
        size_t store = sf_graph_add_store(graph, &join->pairs[side].store);

        sf_graph_use_store(graph, join->pairs[side].keep_node, store);
        sf_graph_use_store(graph, join->pairs[!side].join_node, store);
    }
}

static void add_one_store(sf_streams_join *join)
{
    sf_graph *graph = join->builder->graph;
    size_t store = sf_graph_add_store(graph, &join->pairs[SF_JOIN_LEFT].store);

    join->plan->sides[SF_JOIN_RIGHT].store = join->plan->sides[SF_JOIN_LEFT].store;
    join->pairs[SF_JOIN_LEFT].keep->is_kept = false;
    sf_graph_use_store(graph, join->pairs[SF_JOIN_RIGHT].keep_node, store);
    for (int side = 0; side < SF_JOIN_SIDES; side++)
        sf_graph_use_store(graph, join->pairs[side].join_node, store);
}

static void add_unmatched(sf_streams_join *join)
{
    sf_graph *graph = join->builder->graph;
    sf_store_options options = {
        .name = join->plan->unmatched,
        .kind = SF_KEY_VALUE_STORE,
        .in_memory = join->joined.in_memory,
        .logging_off = join->joined.logging_off,
        .caching_off = true,
    };
    size_t store = sf_graph_add_store(graph, &options);

    for (int side = 0; side < SF_JOIN_SIDES; side++)
        sf_graph_use_store(graph, join->pairs[side].join_node, store);
}

void sf_builder_settle_joins(sf_builder *builder)
{
    for (sf_streams_join *join = builder->self_joins; join; join = join->next_self) {
        if (builder->optimizes)
            add_one_store(join);
        else
            add_stores(join);
    }
}

/* ---- making ---- */

static bool is_self_join(const sf_stream *left, const sf_stream *right)
{
    return left->node == right->node && left->key == right->key && left->value == right->value;
}

static sf_stream *by_key(const sf_streams_join *join, sf_stream *stream, const char *suffix)
{
    return sf_stream_by_key(stream, with_name(join, suffix), "a join");
}

static sf_stream *make(sf_streams_join *join, sf_stream *left, sf_stream *right)
{
    bool is_self = is_self_join(left, right);
    sf_stream *first = by_key(join, left, "-left");

    check_window(join);
    join->pairs[SF_JOIN_LEFT].stream = first;
    join->pairs[SF_JOIN_RIGHT].stream = is_self ? first : by_key(join, right, "-right");
    make_plan(join);
    left = sf_stream_at(first, add_nodes(join));
    if (join->plan->unmatched)
        add_unmatched(join);
    if (is_self) {
        join->next_self = join->builder->self_joins;
        join->builder->self_joins = join;
    } else {
        add_stores(join);
    }
    return left;
}

static sf_streams_join *new_join(sf_builder *builder, sf_join_window window,
                                 const sf_stream_joined *joined)
{
    static const sf_stream_joined nothing;
    sf_streams_join *join = sf_arena_zalloc(builder->arena, sizeof(*join));

    sf_builder_want(builder, joined && joined->name, "a join of streams",
                    "an sf_stream_joined with a name");
    join->builder = builder;
    join->window = window;
    join->joined = joined ? *joined : nothing;
    join->name = sf_arena_text(builder->arena, join->joined.name ? join->joined.name : "?");
    join->plan = sf_builder_alloc(builder, sizeof(*join->plan));
    return join;
}

static sf_stream *join_streams(sf_stream *left, sf_stream *right, sf_streams_join *join,
                               sf_joiner joiner)
{
    sf_builder_want(join->builder, joiner.join, "a join of streams", "a function");
    join->plan->joiner = joiner;
    return make(join, left, right);
}

sf_stream *sf_stream_join(sf_stream *left, sf_stream *right, sf_join_window window, sf_join_fn join,
                          void *user, const sf_stream_joined *joined)
{
    return join_streams(left, right, new_join(left->builder, window, joined),
                        (sf_joiner){join, user});
}

sf_stream *sf_stream_left_join(sf_stream *left, sf_stream *right, sf_join_window window,
                               sf_join_fn join, void *user, const sf_stream_joined *joined)
{
    sf_streams_join *made = new_join(left->builder, window, joined);

    made->is_outer[SF_JOIN_LEFT] = true;
    return join_streams(left, right, made, (sf_joiner){join, user});
}

sf_stream *sf_stream_outer_join(sf_stream *left, sf_stream *right, sf_join_window window,
                                sf_join_fn join, void *user, const sf_stream_joined *joined)
{
    sf_streams_join *made = new_join(left->builder, window, joined);

    made->is_outer[SF_JOIN_LEFT] = true;
    made->is_outer[SF_JOIN_RIGHT] = true;
    return join_streams(left, right, made, (sf_joiner){join, user});
}
