#include "support/ledger_topology.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/stateful.h>

static const sf_consumed TEXTS = {.key = &sf_string_serde, .value = &sf_string_serde};

enum { NUMBER_SIZE = 24 };

static int64_t to_number(sf_bytes text)
{
    char digits[NUMBER_SIZE];

    snprintf(digits, sizeof(digits), "%.*s", (int)text.size, (const char *)text.data);
    return strtoll(digits, NULL, 10);
}

/* ---- running values of each key ---- */

typedef struct totals {
    int64_t sum, count, min, max;
} totals;

static totals read_totals(sf_bytes text)
{
    char line[4 * NUMBER_SIZE];
    totals read = {0};

    if (sf_bytes_is_null(text))
        return read;
    snprintf(line, sizeof(line), "%.*s", (int)text.size, (const char *)text.data);
    (void)sscanf(line, "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64, &read.sum, &read.count,
                 &read.min, &read.max); /* we wrote it */
    return read;
}

static sf_status run_on(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                        sf_error *err)
{
    totals now = read_totals(*aggregate);
    int64_t number = to_number(record->value);

    (void)user;
    (void)err;
    now.min = now.count == 0 || number < now.min ? number : now.min;
    now.max = now.count == 0 || number > now.max ? number : now.max;
    now.sum += number;
    now.count++;
    *aggregate =
        sf_bytes_text(sf_arena_printf(arena, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64,
                                      now.sum, now.count, now.min, now.max));
    return SF_OK;
}

static const sf_aggregation RUNNING = {.add = run_on};

static sf_status price_sum(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                           sf_bytes *result, sf_error *err)
{
    (void)user;
    (void)err;
    *result = sf_bytes_text(sf_arena_printf(arena, "%" PRId64 "*%.*s", read_totals(left->value).sum,
                                            (int)right.size, (const char *)right.data));
    return SF_OK;
}

static void add_running(sf_builder *builder, sf_stream *numbers)
{
    sf_table *prices =
        sf_builder_table(builder, "prices", &TEXTS, &(sf_materialized){.name = "prices"});
    sf_table *running = sf_grouped_aggregate(
        sf_stream_group_by_key(numbers, NULL), &RUNNING,
        &(sf_materialized){.name = "running", .value = &sf_string_serde, .caching_off = true});
    sf_table *joined =
        sf_table_as(sf_table_join(running, prices, price_sum, NULL, NULL), NULL, &sf_string_serde);

    sf_stream_to(sf_table_to_stream(running), "running");
    sf_stream_to(sf_table_to_stream(joined), "joined");
}

/* ---- numbers of records ---- */

static sf_status write_count(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                             sf_error *err)
{
    (void)user;
    (void)err;
    out->value = sf_bytes_text(sf_arena_printf(arena, "%" PRId64, sf_bytes_to_int64(in->value)));
    return SF_OK;
}

static sf_status write_window(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                              sf_error *err)
{
    const sf_windowed *windowed = sf_windowed_of(in->key);

    out->key = sf_bytes_text(sf_arena_printf(arena, "%.*s@%" PRId64, (int)windowed->key.size,
                                             (const char *)windowed->key.data, windowed->start_ms));
    return write_count(user, arena, in, out, err);
}

static void add_windows(sf_stream *numbers)
{
    /* The grace is so long that nothing is ever late. */
    const sf_window window = {.size_ms = LEDGER_WINDOW_MS, .grace_ms = 24 * 3600 * 1000};
    sf_grouped *windows = sf_grouped_windowed(sf_stream_group_by_key(numbers, NULL), window);
    sf_table *counts = sf_grouped_count(windows, "windows");
    sf_stream *written = sf_stream_map(sf_table_to_stream(counts), write_window, NULL);

    sf_stream_to(sf_stream_as(written, &sf_string_serde, &sf_string_serde), "windowed");
}

static sf_status select_digit(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                              sf_error *err)
{
    (void)user;
    (void)err;
    out->key = sf_bytes_text(sf_arena_printf(arena, "digit-%" PRId64, to_number(in->value) % 10));
    return SF_OK;
}

static void add_digits(sf_stream *numbers)
{
    sf_table *counts = sf_grouped_count_with(
        sf_stream_group_by(numbers, select_digit, NULL, "by-digit"),
        &(sf_materialized){.name = "digits", .value = &sf_int64_serde, .caching_off = true});
    sf_stream *written = sf_stream_map_values(sf_table_to_stream(counts), write_count, NULL);

    sf_stream_to(sf_stream_as(written, NULL, &sf_string_serde), "digits");
}

/* ---- ticks ---- */

typedef struct ticker {
    sf_key_value_store *ticks;
} ticker;

static sf_status tick(void *state, sf_context *context, int64_t time, sf_error *err)
{
    ticker *self = state;
    sf_arena *arena = sf_context_arena(context);
    sf_bytes key =
        sf_bytes_text(sf_arena_printf(arena, "task-%" PRId32, sf_context_partition(context)));
    sf_record record = {.key = key, .timestamp = time};
    sf_stored so_far;
    sf_status status = sf_key_value_store_get(self->ticks, key, &so_far, err);

    if (status)
        return status;
    record.value = sf_bytes_text(sf_arena_printf(
        arena, "%" PRId64, sf_bytes_is_null(so_far.value) ? 1 : to_number(so_far.value) + 1));
    status = sf_key_value_store_put(self->ticks, key, record.value, time, err);
    return status ? status : sf_context_forward(context, &record, err);
}

static sf_status ticker_init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_schedule schedule = {SF_WALL_CLOCK, *(const int64_t *)user, tick};
    ticker *self = calloc(1, sizeof(*self));

    if (!self)
        return sf_fail(err, SF_IO, "no memory");
    self->ticks = sf_context_key_value_store(context, "ticks");
    *state = self;
    return sf_context_schedule(context, &schedule, NULL, err);
}

static sf_status swallow(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    (void)state;
    (void)context;
    (void)record;
    (void)err;
    return SF_OK;
}

static void add_ticks(sf_builder *builder, int64_t ticks_ms)
{
    static const char *const stores[] = {"ticks", NULL};
    static int64_t interval_ms;
    static const sf_processor processor = {
        .init = ticker_init, .process = swallow, .close = free, .user = &interval_ms};
    sf_stream *ticks = sf_builder_stream(builder, "ticks", &TEXTS);

    interval_ms = ticks_ms;
    sf_builder_add_store(builder, &(sf_store_options){.name = "ticks", .caching_off = true});
    sf_stream_to(sf_stream_process(ticks, &processor, stores), "ticked");
}

sf_status ledger_topology_new(int64_t ticks_ms, sf_topology **topology, sf_error *err)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *numbers = sf_builder_stream(builder, "numbers", &TEXTS);
    sf_status status;

    sf_stream_to(numbers, "echo");
    add_running(builder, numbers);
    add_windows(numbers);
    add_digits(numbers);
    if (ticks_ms > 0)
        add_ticks(builder, ticks_ms);
    status = sf_builder_build(builder, topology, err);
    sf_builder_free(builder);
    return status;
}
