/* What goes over a repartition topic, on the test driver and in the runtime: see
 * support/topology_equality.h. Records of several tasks meet there in any order, so the last result of
 * each key is compared, and only what comes out the same in any order is computed: counts, sums, and
 * windows whose grace outlasts the history. */
#include <stateful/stateful.h>

#include "check.h"
#include "support/query_driver.h"
#include "support/sales_history.h"
#include "support/topology_equality.h"

enum { FOR_EVER_MS = 1000000 };

/* ---- numbers as texts ---- */

static int64_t number_of(sf_bytes text)
{
    int64_t number = 0;

    for (size_t i = 0; i < text.size; i++)
        number = number * 10 + (text.data[i] - '0');
    return number;
}

static sf_bytes text_of(int64_t number, sf_arena *arena)
{
    return sf_bytes_text(sf_arena_printf(arena, "%lld", (long long)number));
}

static sf_status add(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                     sf_error *err)
{
    (void)user;
    (void)err;
    *aggregate = text_of(number_of(*aggregate) + number_of(record->value), arena);
    return SF_OK;
}

static sf_status subtract(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                          sf_error *err)
{
    int64_t rest = number_of(*aggregate) - number_of(record->value);

    (void)user;
    (void)err;
    if (rest < 0) /* what is taken away was put there before, in this partition or the other */
        *aggregate = sf_bytes_text(sf_arena_printf(arena, "below zero"));
    else
        *aggregate = text_of(rest, arena);
    return SF_OK;
}

static sf_status by_last_digit(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                               sf_error *err)
{
    (void)user;
    (void)arena;
    (void)err;
    out->key = in->value.size ? sf_bytes_of(in->value.data + in->value.size - 1, 1) : SF_NULL;
    return SF_OK;
}

static sf_stream *stream(sf_builder *builder)
{
    sf_stream *in = sf_builder_stream(builder, "in", NULL);

    equality_commit_often(in);
    return in;
}

static void send_out(sf_table *table)
{
    sf_stream_to(sf_table_to_stream(table), "out");
}

/* ---- streams ---- */

static sf_status split_digits(void *user, sf_context *context, const sf_record *in, sf_error *err)
{
    sf_status status = SF_OK;

    (void)user;
    for (size_t i = 0; !status && i < in->value.size; i++) {
        sf_record digit = *in;

        digit.key = sf_bytes_of(in->value.data + i, 1);
        status = sf_context_forward(context, &digit, err);
    }
    return status;
}

static void build_word_count(sf_builder *builder, bool is_cached)
{
    sf_stream *digits = sf_stream_flat_map(stream(builder), split_digits, NULL);
    sf_grouped *by_digit = sf_stream_group_by_key(digits, "by-digit");

    send_out(sf_grouped_count_with(
        by_digit, &(sf_materialized){.name = "counts", .caching_off = !is_cached}));
}

static void word_counts_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){
        .name = "word count", .build = build_word_count, .inputs = {"in"}, .stores = {"counts"}});
}

static void build_windows_behind(sf_builder *builder, bool is_cached)
{
    sf_window window = {.size_ms = 100, .grace_ms = FOR_EVER_MS};
    sf_stream *moved = sf_stream_select_key(stream(builder), by_last_digit, NULL);
    sf_grouped *grouped = sf_grouped_windowed(
        sf_stream_group_by_key(sf_stream_repartition(moved, "moved", 2), NULL), window);

    send_out(sf_grouped_reduce(grouped, add, NULL,
                               &(sf_materialized){.name = "sums", .caching_off = !is_cached}));
}

static void windows_behind_a_repartition_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "windows behind a repartition",
                                       .build = build_windows_behind,
                                       .inputs = {"in"},
                                       .stores = {"sums"}});
}

/* ---- tables ---- */

static sf_table *rows(sf_builder *builder, bool is_cached)
{
    sf_table *table = sf_builder_table(
        builder, "in", NULL, &(sf_materialized){.name = "rows", .caching_off = !is_cached});

    equality_commit_often(sf_table_to_stream(table));
    return table;
}

static void build_regrouped(sf_builder *builder, bool is_cached)
{
    sf_table_grouped *by_digit =
        sf_table_group_by(rows(builder, is_cached), by_last_digit, NULL, "by-digit");

    send_out(
        sf_table_grouped_reduce(by_digit, add, subtract, NULL,
                                &(sf_materialized){.name = "sums", .caching_off = !is_cached}));
}

/* A row that passes through a group between two commits leaves the time of its visit, and the sum of
 * nothing, only where nothing is cached. */
static void sums_of_regrouped_tables_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "re-grouped table",
                                       .build = build_regrouped,
                                       .inputs = {"in"},
                                       .stores = {"rows", "sums"},
                                       .times = EQUALITY_TIMES_UNCACHED,
                                       .zero_is_nothing = true});
}

static bool is_odd(void *user, const sf_record *record)
{
    (void)user;
    return number_of(record->value) % 2;
}

static void build_held_back(sf_builder *builder, bool is_cached)
{
    sf_suppressed held = {.name = "held", .limit_ms = 40};
    sf_table *odd = sf_table_filter(rows(builder, is_cached), is_odd, NULL, NULL);

    send_out(sf_table_suppress(odd, &held));
}

/* With a cache an update waits from the commit on, so another one may be the last that was let go. */
static void held_back_updates_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "suppress for a time",
                                       .build = build_held_back,
                                       .inputs = {"in"},
                                       .stores = {"rows"},
                                       .cache_is_left_out = true,
                                       .order_is_defined = true});
}

/* ---- the shop ---- */

static void draw_sales(equality_history *history, sf_random *random)
{
    const sales_event *arrivals[HISTORY_ARRIVALS_MAX];
    sales_history sales;
    size_t count;

    sales_history_make(&sales, random);
    count = sales_history_arrive(&sales, random, ARRIVES_IN_STREAM_ORDER, arrivals);
    for (size_t i = 0; i < count; i++) {
        sf_record record = sales_event_record(arrivals[i], history->memory);

        equality_history_add(history, sales_event_topic(arrivals[i]), &record);
    }
    equality_history_cut(history, random);
}

/* A sum of no lines is no entry, and forgets its time: whether one is in between depends on the order in
 * which changes of several orders come. */
/* A sum of no lines is no entry, and forgets its time: whether one is in between depends on the order in
 * which changes of several orders come. */
static void sales_are_the_same(void **state)
{
    query_topology *topology = query_driver_topology(SALES_NET);

    (void)state;
    equality_check(&(equality_subject){
        .name = "query topology",
        .topology = query_topology_graph(topology),
        .draw = draw_sales,
        .times = EQUALITY_TIMES_NEVER,
        .stores = {PRODUCT_SALES_STORE, HOURLY_SALES_STORE, CATEGORY_REVENUE_STORE}});
    query_topology_free(topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(word_counts_are_the_same),
        cmocka_unit_test(windows_behind_a_repartition_are_the_same),
        cmocka_unit_test(sums_of_regrouped_tables_are_the_same),
        cmocka_unit_test(held_back_updates_are_the_same),
        cmocka_unit_test(sales_are_the_same),
    };

    return run_tests(tests);
}
