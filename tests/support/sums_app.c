#include "support/sums_app.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stateful/grouped.h>
#include <stateful/view.h>
#include <stateful/windowed.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/random.h"
#include "check.h"

enum { PATIENCE_MS = 30000, KEYS = 23 };

static const sf_consumed NUMBERS = {.key = &sf_string_serde, .value = &sf_int64_serde};

static sf_status add_number(void *user, sf_arena *arena, const sf_record *record,
                            sf_bytes *aggregate, sf_error *err)
{
    (void)user;
    (void)err;
    *aggregate = sf_bytes_from_int64(
        sf_bytes_to_int64(*aggregate) + sf_bytes_to_int64(record->value), arena);
    return SF_OK;
}

static const sf_aggregation SUM = {.add = add_number};

static sf_topology *build(sf_builder *builder)
{
    sf_topology *topology;

    assert_ok(sf_builder_build(builder, &topology, err));
    sf_builder_free(builder);
    return topology;
}

static void add_sums(sf_stream *numbers, const char *out)
{
    sf_table *sums = sf_grouped_aggregate(
        sf_stream_group_by_key(numbers, NULL), &SUM,
        &(sf_materialized){.name = "sums", .value = &sf_int64_serde, .caching_off = true});

    sf_stream_to(sf_table_to_stream(sums), out);
}

sf_topology *sums_topology(const char *in, const char *out)
{
    sf_builder *builder = sf_builder_new();

    add_sums(sf_builder_stream(builder, in, &NUMBERS), out);
    return build(builder);
}

sf_topology *sums_and_counts_topology(const char *in, const char *out)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *numbers = sf_builder_stream(builder, in, &NUMBERS);

    add_sums(numbers, out);
    (void)sf_grouped_count(sf_stream_group_by_key(numbers, NULL), "counts"); /* read by views */
    return build(builder);
}

static sf_status select_digit(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                              sf_error *err)
{
    (void)user;
    (void)err;
    out->key = sf_bytes_text(sf_arena_printf(arena, "%" PRId64, sf_bytes_to_int64(in->value) % 10));
    return SF_OK;
}

sf_topology *digit_sums_topology(const char *in, const char *out)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *numbers = sf_builder_stream(builder, in, &NUMBERS);
    sf_table *sums = sf_grouped_aggregate(
        sf_stream_group_by(numbers, select_digit, NULL, "by-digit"), &SUM,
        &(sf_materialized){.name = "digit-sums", .value = &sf_int64_serde, .caching_off = true});

    sf_stream_to(sf_table_to_stream(sums), out);
    return build(builder);
}

static sf_status bare_key(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                          sf_error *err)
{
    (void)user;
    (void)arena;
    (void)err;
    out->key = sf_windowed_of(in->key)->key;
    return SF_OK;
}

sf_topology *hour_sums_topology(const char *in, const char *out)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *numbers = sf_builder_stream(builder, in, &NUMBERS);
    sf_grouped *hours =
        sf_grouped_windowed(sf_stream_group_by_key(numbers, NULL),
                            (sf_window){.size_ms = 3600 * 1000, .grace_ms = 5 * 60 * 1000});
    sf_table *sums = sf_grouped_aggregate(
        hours, &SUM,
        &(sf_materialized){.name = "hours", .value = &sf_int64_serde, .caching_off = true});
    sf_stream *changes = sf_stream_map(sf_table_to_stream(sums), bare_key, NULL);

    sf_stream_to(sf_stream_as(changes, &sf_string_serde, NULL), out);
    return build(builder);
}

/* ---- running ---- */

sf_streams *sums_app_start(const sf_topology *topology, const sf_config *config)
{
    sf_streams *streams;
    sf_error error = {0};

    assert_ok(sf_streams_new(topology, config, &streams, err));
    assert_ok(sf_streams_start(streams, err));
    if (!sf_streams_wait(streams, SF_STREAMS_RUNNING, PATIENCE_MS)) {
        (void)sf_streams_error(streams, &error); /* or it is slow */
        fail_msg("the application is %s: %s", sf_run_state_name(sf_streams_state(streams)),
                 error.text);
    }
    return streams;
}

void sums_app_stop(sf_streams *streams)
{
    sf_error error = {0};

    assert_ok(sf_streams_close(streams, PATIENCE_MS, err));
    if (sf_streams_error(streams, &error))
        fail_msg("the application ended: %s", error.text);
    assert_int_equal(sf_streams_state(streams), SF_STREAMS_NOT_RUNNING);
    sf_streams_free(streams);
}

void sums_app_wait_for_end(sf_streams *streams)
{
    assert_true(sf_streams_wait(streams, SF_STREAMS_ERROR, PATIENCE_MS));
    sf_streams_free(streams);
}

sf_streams_counters sums_app_counters(const sf_streams *streams)
{
    sf_streams_counters counters;

    sf_streams_counters_get(streams, &counters);
    return counters;
}

void sums_app_feed(sf_broker *broker, const char *topic, uint64_t seed, size_t count)
{
    number_writer *writer = number_writer_open(broker);
    sf_random random;

    sf_random_init(&random, seed);
    for (size_t i = 0; i < count; i++) {
        char key[NUMBER_KEY_SIZE];

        snprintf(key, sizeof(key), "key-%d", (int)sf_random_below(&random, KEYS));
        number_write(writer, topic, key, (int64_t)sf_random_below(&random, 1000),
                     1000000 + (int64_t)i);
    }
    number_writer_close(writer);
}

/* ---- checking ---- */

/* Numbers by key. */
typedef struct tally {
    sf_map *numbers; /* key -> int64_t, ours */
} tally;

static int64_t *number_of(tally *tallied, const char *key)
{
    int64_t *sum = sf_map_get(tallied->numbers, sf_bytes_text(key));

    if (!sum) {
        sum = sf_zalloc(sizeof(*sum));
        (void)sf_map_put(tallied->numbers, sf_bytes_text(key), sum); /* there was none */
    }
    return sum;
}

static void tally_done(tally *tallied)
{
    size_t position = 0;
    sf_bytes key;
    void *sum;

    while (sf_map_next(tallied->numbers, &position, &key, &sum))
        free(sum);
    sf_map_free(tallied->numbers);
}

/* The next record of out with that key, from *at on. */
static const number *next_of(const number_list *out, const char *key, size_t at)
{
    for (size_t i = at; i < out->count; i++) {
        if (!strcmp(out->items[i].key, key))
            return &out->items[i];
    }
    return NULL;
}

void sums_app_check(sf_broker *broker, const char *in, const char *out)
{
    number_list inputs = numbers_read(broker, in);
    number_list outputs = numbers_read(broker, out);
    tally tallied = {sf_map_new()};
    tally places = {
        sf_map_new()}; /* where the search for a key goes on: each lies in one partition */

    assert_int_equal(outputs.count, inputs.count);
    for (size_t i = 0; i < inputs.count; i++) {
        const char *key = inputs.items[i].key;
        int64_t *sum = number_of(&tallied, key);
        int64_t *place = number_of(&places, key);
        const number *found = next_of(&outputs, key, (size_t)*place);

        *sum += inputs.items[i].value;
        if (!found)
            fail_msg("the sum of %s after input %zu is missing", key, i);
        *place = found - outputs.items + 1;
        assert_int_equal(found->value, *sum);
    }
    tally_done(&tallied);
    tally_done(&places);
    number_list_free(inputs);
    number_list_free(outputs);
}

static bool has_sum(sf_view *view, sf_bytes key, int64_t sum)
{
    sf_error error;
    int64_t kept;
    sf_status status = sf_view_get_int64(view, key, &kept, NULL, &error);

    if (status && status != SF_RETRY)
        fail_msg("the view cannot be read: %s", error.text);
    return !status && kept == sum;
}

/* Outputs are seen a moment before the state of the same commit. */
static void wait_for_sum(sf_view *view, sf_bytes key, int64_t sum)
{
    const struct timespec moment = {0, 2 * 1000000};
    int64_t began = sf_clock_now_ms(sf_clock_system());

    while (!has_sum(view, key, sum)) {
        if (sf_clock_now_ms(sf_clock_system()) - began > PATIENCE_MS)
            fail_msg("the view does not come to have %.*s = %" PRId64, (int)key.size,
                     (const char *)key.data, sum);
        (void)nanosleep(&moment, NULL);
    }
}

void sums_app_check_view(sf_streams *streams, sf_broker *broker, const char *in)
{
    number_list inputs = numbers_read(broker, in);
    tally tallied = {sf_map_new()};
    size_t position = 0;
    sf_bytes key;
    void *sum;
    sf_view *view;

    for (size_t i = 0; i < inputs.count; i++)
        *number_of(&tallied, inputs.items[i].key) += inputs.items[i].value;
    assert_ok(sf_streams_view(streams, "sums", &view, err));
    while (sf_map_next(tallied.numbers, &position, &key, &sum))
        wait_for_sum(view, key, *(int64_t *)sum);
    sf_view_free(view);
    tally_done(&tallied);
    number_list_free(inputs);
}
