/* foreign_key_join.c - tables meet by a key that is found in the left one's rows. How it works stands in
 * operators/foreign_key.h; here its nodes, topics and store are put together. */
#include <stateful/table.h>

#include "dsl/builder_implementation.h"
#include "dsl/operators/foreign_key.h"
#include "dsl/operators/foreign_key_messages.h"

/* A join in the making. */
typedef struct making {
    sf_builder *builder;
    const char *name;
    sf_table *left;
    sf_table *right;
    sf_foreign_key_join *join;
    size_t store;
    size_t subscriptions; /* the topic */
} making;

static char *named(const making *make, const char *suffix)
{
    return sf_arena_printf(sf_graph_arena(make->builder->graph), "%s-%s", make->name, suffix);
}

static size_t add_node(const making *make, const char *suffix, sf_processor processor,
                       size_t parent)
{
    return sf_graph_add_processor(make->builder->graph, named(make, suffix), &processor, parent);
}

/* ---- to the right side ---- */

static void add_subscription_sink(const making *make, const char *suffix, size_t parent)
{
    sf_graph_add_sink(make->builder->graph, named(make, suffix), make->subscriptions,
                      make->right->key, &sf_subscription_serde, parent);
}

static size_t send_subscriptions(making *make)
{
    sf_graph *graph = make->builder->graph;
    sf_consumed consumed = {
        .key = make->right->key, .value = &sf_subscription_serde, .on_error = make->left->on_error};
    size_t node = add_node(make, "subscription-registration-processor",
                           sf_foreign_key_ask_processor(make->join), make->left->node);
    size_t source;

    make->subscriptions =
        sf_graph_add_internal(graph, named(make, "subscription-registration-topic"));
    add_subscription_sink(make, "subscription-registration-sink", node);
    source = sf_graph_add_source(graph, named(make, "subscription-registration-source"),
                                 make->subscriptions, false, &consumed);
    sf_graph_meet(graph, source, make->right->node);
    return source;
}

static size_t subscribe(const making *make, size_t subscriptions)
{
    size_t node = add_node(make, "subscription-receive",
                           sf_foreign_key_subscribe_processor(make->join), subscriptions);

    sf_graph_use_store(make->builder->graph, node, make->store);
    make->join->right = sf_table_look_up(make->right, node, "a foreign-key join");
    return node;
}

static size_t fan_out(const making *make)
{
    size_t node = add_node(make, "foreign-join-subscription",
                           sf_foreign_key_fan_out_processor(make->join), make->right->node);

    sf_graph_use_store(make->builder->graph, node, make->store);
    return node;
}

/* ---- and back ---- */

static sf_on_error stricter(const sf_table *left, const sf_table *right)
{
    return right->on_error == SF_ON_ERROR_FAIL ? right->on_error : left->on_error;
}

/* Answers go to the partition that asked, whoever chose it; keys pass as they are on the wire. */
static size_t send_answers(const making *make, size_t subscribed, size_t fanned_out)
{
    sf_graph *graph = make->builder->graph;
    sf_serde *serde = sf_builder_alloc(make->builder, sizeof(*serde));
    sf_consumed consumed = {
        .key = make->left->key, .value = serde, .on_error = stricter(make->left, make->right)};
    size_t topic = sf_graph_add_internal(graph, named(make, "subscription-response-topic"));
    size_t sink, source;

    *serde = sf_answer_serde(make->right->value);
    sink = sf_graph_add_sink(graph, named(make, "subscription-response-sink"), topic, NULL, serde,
                             subscribed);
    sf_graph_connect(graph, fanned_out, sink);
    sf_graph_choose_partition(graph, sink, sf_answer_partition);
    source = sf_graph_add_source(graph, named(make, "subscription-response-source"), topic, false,
                                 &consumed);
    sf_graph_meet(graph, source, make->left->node);
    return source;
}

/* The answers joined, as a stream that a table is made of. */
static sf_stream resolve(const making *make, size_t answers)
{
    sf_stream results = sf_table_as_stream(make->left);

    results.on_error = stricter(make->left, make->right);
    results.node = add_node(make, "subscription-response-resolver",
                            sf_foreign_key_resolve_processor(make->join), answers);
    make->join->left = sf_table_look_up(make->left, results.node, "a foreign-key join");
    return results;
}

/* Beside it; only inner joins have to. */
static void ask_again(const making *make, size_t answers)
{
    size_t node = add_node(make, "subscription-renewal",
                           sf_foreign_key_ask_again_processor(make->join), answers);

    (void)sf_table_look_up(make->left, node, "a foreign-key join"); /* the join has it already */
    add_subscription_sink(make, "subscription-renewal-sink", node);
}

/* ---- all of it ---- */

static size_t add_store(const making *make)
{
    return sf_graph_add_store(make->builder->graph, &(sf_store_options){
                                                        .name = make->join->subscriptions,
                                                        .kind = SF_KEY_VALUE_STORE,
                                                    });
}

static sf_foreign_key_join *new_join(const making *make, const sf_foreign_key_join *wanted)
{
    sf_foreign_key_join *join = sf_builder_alloc(make->builder, sizeof(*join));

    *join = *wanted;
    join->left_is_versioned = make->left->is_versioned;
    join->right_is_versioned = make->right->is_versioned;
    join->left_key = make->left->key;
    join->left_value = make->left->value;
    join->right_key = make->right->key;
    join->subscriptions = named(make, "subscription-store");
    return join;
}

static sf_table *join_tables(making *make, const sf_foreign_key_join *wanted,
                             const sf_materialized *materialized)
{
    size_t subscribed, fanned_out, answers;
    sf_table *result;
    sf_stream results;

    sf_builder_want(make->builder, wanted->select, "a foreign-key join",
                    "a function that selects the foreign key");
    sf_builder_want(make->builder, wanted->join, "a foreign-key join", "a function that joins");
    sf_table_want_before(make->left, "a foreign-key join");
    sf_table_want_before(make->right, "a foreign-key join");
    make->join = new_join(make, wanted);
    make->store = add_store(make);
    subscribed = subscribe(make, send_subscriptions(make));
    fanned_out = fan_out(make);
    answers = send_answers(make, subscribed, fanned_out);
    results = resolve(make, answers);
    if (!wanted->is_left)
        ask_again(make, answers);
    result = sf_table_of_stream(&results, "KTABLE-FK-JOIN-OUTPUT-", materialized);
    result->is_windowed = make->left->is_windowed;
    result->open_ms = make->left->open_ms;
    return result;
}

static sf_table *join_by(sf_table *left, sf_table *right, const sf_foreign_key *foreign_key,
                         sf_foreign_key_join *wanted, const sf_materialized *materialized)
{
    static const sf_foreign_key nothing;
    making make = {.builder = left->builder, .left = left, .right = right};

    foreign_key = foreign_key ? foreign_key : &nothing;
    sf_builder_want(left->builder, foreign_key->name, "a foreign-key join",
                    "a name for its topics and its store");
    make.name = foreign_key->name ? foreign_key->name : "?";
    wanted->select = foreign_key->select;
    wanted->select_user = foreign_key->user;
    return join_tables(&make, wanted, materialized);
}

sf_table *sf_table_join_foreign_key(sf_table *left, sf_table *right,
                                    const sf_foreign_key *foreign_key, sf_join_fn join, void *user,
                                    const sf_materialized *materialized)
{
    sf_foreign_key_join inner = {.join = join, .join_user = user};

    return join_by(left, right, foreign_key, &inner, materialized);
}

sf_table *sf_table_left_join_foreign_key(sf_table *left, sf_table *right,
                                         const sf_foreign_key *foreign_key, sf_join_fn join,
                                         void *user, const sf_materialized *materialized)
{
    sf_foreign_key_join outer = {.is_left = true, .join = join, .join_user = user};

    return join_by(left, right, foreign_key, &outer, materialized);
}
