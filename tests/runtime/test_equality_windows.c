/* Aggregates over windows, on the test driver and in the runtime: see support/topology_equality.h. Each
 * reads one topic and repartitions nothing, so the order of results is defined where nothing is cached. */
#include <stateful/stateful.h>

#include "check.h"
#include "support/driven_topology.h"
#include "support/topology_equality.h"

enum { SIZE_MS = 50, ADVANCE_MS = 20, GRACE_MS = 25, GAP_MS = 8 };

/* A grace in which much of what is late is dropped: stream time counts, over crashes too. */
static const sf_window HOPPING = {
    .size_ms = SIZE_MS, .advance_ms = ADVANCE_MS, .grace_ms = GRACE_MS};

static sf_grouped *grouped(sf_builder *builder)
{
    sf_stream *in = sf_builder_stream(builder, "in", NULL);

    equality_commit_often(in);
    return sf_stream_group_by_key(in, NULL);
}

static void send_out(sf_table *table)
{
    sf_stream_to(sf_table_to_stream(table), "out");
}

static sf_materialized kept(const char *name, bool is_cached)
{
    return (sf_materialized){.name = name, .caching_off = !is_cached};
}

/* ---- on update ---- */

static void build_hopping(sf_builder *builder, bool is_cached)
{
    sf_materialized how = kept("hops", is_cached);

    send_out(sf_grouped_count_with(sf_grouped_windowed(grouped(builder), HOPPING), &how));
}

static void hopping_windows_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "hopping count",
                                       .build = build_hopping,
                                       .inputs = {"in"},
                                       .stores = {"hops"},
                                       .order_is_defined = true});
}

static void build_sliding(sf_builder *builder, bool is_cached)
{
    sf_sliding_window window = {.diff_ms = 30, .grace_ms = GRACE_MS};
    sf_materialized how = kept("slides", is_cached);

    send_out(sf_grouped_count_with(sf_grouped_sliding(grouped(builder), window), &how));
}

static void sliding_windows_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "sliding count",
                                       .build = build_sliding,
                                       .inputs = {"in"},
                                       .stores = {"slides"},
                                       .order_is_defined = true});
}

static sf_status merge_texts(void *user, sf_arena *arena, sf_bytes key, sf_bytes *aggregate,
                             sf_bytes other, sf_error *err)
{
    (void)user;
    (void)key;
    (void)err;
    *aggregate = sf_bytes_text(sf_arena_printf(arena, "%.*s&%.*s", (int)aggregate->size,
                                               (const char *)aggregate->data, (int)other.size,
                                               (const char *)other.data));
    return SF_OK;
}

static void build_sessions(sf_builder *builder, bool is_cached)
{
    static const uint8_t begin[] = "=";
    const sf_aggregation texts = {
        .add = driven_concat, .merge = merge_texts, .initial = {begin, 1}};
    sf_session_window window = {.gap_ms = GAP_MS, .grace_ms = GRACE_MS};
    sf_materialized how = kept("visits", is_cached);

    send_out(sf_grouped_aggregate(sf_grouped_sessions(grouped(builder), window), &texts, &how));
}

static void sessions_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "session aggregate",
                                       .build = build_sessions,
                                       .inputs = {"in"},
                                       .stores = {"visits"},
                                       .order_is_defined = true});
}

/* ---- on close ---- */

static void build_on_close(sf_builder *builder, bool is_cached)
{
    sf_materialized how = kept("hops", is_cached);
    sf_grouped *windows = sf_grouped_windowed(grouped(builder), HOPPING);

    send_out(sf_grouped_count_with(sf_grouped_emit(windows, SF_EMIT_ON_CLOSE_LOSSLESS), &how));
}

static void results_on_close_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "hopping count on close",
                                       .build = build_on_close,
                                       .inputs = {"in"},
                                       .stores = {"hops"},
                                       .order_is_defined = true});
}

static void build_sessions_on_close(sf_builder *builder, bool is_cached)
{
    sf_session_window window = {.gap_ms = GAP_MS, .grace_ms = GRACE_MS};
    sf_grouped *sessions = sf_grouped_sessions(grouped(builder), window);
    sf_materialized how = kept("visits", is_cached);

    send_out(sf_grouped_count_with(sf_grouped_emit(sessions, SF_EMIT_ON_CLOSE), &how));
}

static void sessions_on_close_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "session count on close",
                                       .build = build_sessions_on_close,
                                       .inputs = {"in"},
                                       .stores = {"visits"},
                                       .order_is_defined = true});
}

static void build_suppressed(sf_builder *builder, bool is_cached)
{
    sf_materialized how = kept("hops", is_cached);
    sf_suppressed until_closed = {.name = "waiting", .until = SF_UNTIL_WINDOW_CLOSES};
    sf_table *counts = sf_grouped_count_with(sf_grouped_windowed(grouped(builder), HOPPING), &how);

    send_out(sf_table_suppress(counts, &until_closed));
}

static void final_results_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "suppress until the window closes",
                                       .build = build_suppressed,
                                       .inputs = {"in"},
                                       .stores = {"hops"},
                                       .order_is_defined = true});
}

/* ---- several streams ---- */

static void build_cogroup(sf_builder *builder, bool is_cached)
{
    static const uint8_t begin[] = "=";
    sf_materialized how = kept("met", is_cached);
    sf_stream *other = sf_builder_stream(builder, "other", NULL);
    sf_cogrouped *both = sf_grouped_cogroup(grouped(builder), driven_concat, NULL);

    both = sf_cogrouped_with(both, sf_stream_group_by_key(other, NULL), driven_concat, NULL);
    send_out(sf_cogrouped_aggregate(both, &(sf_aggregation){.initial = {begin, 1}}, &how));
}

static void cogroups_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "cogroup",
                                       .build = build_cogroup,
                                       .inputs = {"in", "other"},
                                       .stores = {"met"},
                                       .order_is_defined = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hopping_windows_are_the_same),
        cmocka_unit_test(sliding_windows_are_the_same),
        cmocka_unit_test(sessions_are_the_same),
        cmocka_unit_test(results_on_close_are_the_same),
        cmocka_unit_test(sessions_on_close_are_the_same),
        cmocka_unit_test(final_results_are_the_same),
        cmocka_unit_test(cogroups_are_the_same),
    };

    return run_tests(tests);
}
