#include "support/windowed_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "check.h"
#include "support/driven_topology.h"

enum { HISTORIES = 1000, HISTORIES_LONG = 10000 };

/* ---- drawing ---- */

static bool chance(sf_random *random, unsigned percent)
{
    return sf_random_below(random, 100) < percent;
}

/* Time goes on in small and large steps, and most records are at most a little behind it. */
static int64_t next_time(sf_random *random, int64_t *now, int64_t step)
{
    int64_t back = 0;

    if (chance(random, 60))
        *now += (int64_t)sf_random_below(random, (uint64_t)step);
    if (chance(random, 5))
        *now += (int64_t)sf_random_below(random, (uint64_t)step * 10);
    if (chance(random, 30))
        back = (int64_t)sf_random_below(random, (uint64_t)step * 3);
    if (chance(random, 5))
        back = (int64_t)sf_random_below(random, (uint64_t)step * 30);
    return *now > back ? *now - back : 0;
}

void windowed_setup_draw(windowed_setup *setup, sf_random *random)
{
    int64_t step = 2 + (int64_t)sf_random_below(random, 12);
    int64_t now = (int64_t)sf_random_below(random, 40);

    memset(setup, 0, sizeof(*setup));
    if (chance(random, 15))
        step *= 20000; /* beyond a store's segments */
    setup->count = 1 + (size_t)sf_random_below(random, WINDOWED_RECORDS_MAX);
    setup->span_ms = step * (int64_t)setup->count;
    for (size_t i = 0; i < setup->count; i++)
        setup->records[i] = (windowed_record){
            .key = chance(random, 4) ? 0 : (char)('a' + sf_random_below(random, 3)),
            .has_value = !chance(random, 6),
            .value = (int64_t)(sf_random_next(random) >> 8),
            .timestamp = next_time(random, &now, step),
        };
    setup->emit = (sf_emit)sf_random_below(random, 3);
    setup->is_cached = chance(random, 50);
    setup->in_memory = chance(random, 30);
    setup->has_faults = chance(random, 30);
    setup->is_counted = !setup->has_faults;
}

/* ---- rows ---- */

void windowed_rows_add(windowed_rows *rows, windowed_row row)
{
    assert_true(rows->count < WINDOWED_ROWS_MAX);
    rows->items[rows->count++] = row;
}

static int compare(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_places(const windowed_row *a, const windowed_row *b)
{
    int order = a->key - b->key;

    if (!order)
        order = compare(a->start, b->start);
    return order ? order : compare(a->end, b->end);
}

void windowed_rows_sort(windowed_rows *rows)
{
    for (size_t i = 1; i < rows->count; i++) {
        windowed_row row = rows->items[i];
        size_t at = i;

        for (; at > 0 && compare_places(&rows->items[at - 1], &row) > 0; at--)
            rows->items[at] = rows->items[at - 1];
        rows->items[at] = row;
    }
}

void windowed_rows_leave_last(windowed_rows *rows)
{
    size_t kept = 0;

    windowed_rows_sort(rows);
    for (size_t i = 0; i < rows->count; i++)
        if (i + 1 == rows->count || compare_places(&rows->items[i], &rows->items[i + 1]))
            rows->items[kept++] = rows->items[i];
    rows->count = kept;
}

bool windowed_rows_equal(const windowed_rows *expected, const windowed_rows *found)
{
    if (expected->count != found->count)
        return false;
    for (size_t i = 0; i < expected->count; i++) {
        const windowed_row *a = &expected->items[i];
        const windowed_row *b = &found->items[i];

        if (compare_places(a, b) || a->is_null != b->is_null || a->timestamp != b->timestamp ||
            (!a->is_null && a->value != b->value))
            return false;
    }
    return true;
}

/* ---- running ---- */

static sf_status add_worth(void *user, sf_arena *arena, const sf_record *record,
                           sf_bytes *aggregate, sf_error *err)
{
    int64_t worth = sf_bytes_is_null(record->value) ? NO_VALUE : sf_bytes_to_int64(record->value);

    (void)user;
    (void)err;
    *aggregate = sf_bytes_from_int64(
        (int64_t)((uint64_t)sf_bytes_to_int64(*aggregate) + (uint64_t)worth), arena);
    return SF_OK;
}

static sf_status merge_sums(void *user, sf_arena *arena, sf_bytes key, sf_bytes *aggregate,
                            sf_bytes other, sf_error *err)
{
    const sf_record record = {.key = key, .value = other};

    return add_worth(user, arena, &record, aggregate, err);
}

static driven_topology *summing(const windowed_setup *setup, windowed_by_fn by, const void *windows)
{
    static const sf_consumed numbers = {.value = &sf_int64_serde};
    driven_topology *driven = driven_new();
    sf_aggregation sums = {.add = add_worth, .merge = merge_sums};
    sf_materialized kept = {
        .name = "sums",
        .value = &sf_int64_serde,
        .in_memory = setup->in_memory,
        .caching_off = !setup->is_cached,
        .retention_ms = setup->retention_ms,
    };
    sf_grouped *grouped =
        sf_stream_group_by_key(sf_builder_stream(driven->builder, "in", &numbers), NULL);

    grouped = by(windows, grouped);
    if (setup->emit)
        grouped = sf_grouped_emit(grouped, setup->emit);
    sf_stream_to(sf_table_to_stream(sf_grouped_aggregate(grouped, &sums, &kept)), "out");
    driven_start(driven, &(sf_test_driver_options){.commit_by_hand = setup->has_faults});
    return driven;
}

static void pipe_record(sf_test_driver *driver, const windowed_record *record)
{
    uint8_t value[8];
    sf_record wire = {.timestamp = record->timestamp};

    sf_put_be64(value, (uint64_t)record->value);
    if (record->key)
        wire.key = sf_bytes_of(&record->key, 1);
    if (record->has_value)
        wire.value = sf_bytes_of(value, sizeof(value));
    assert_ok(sf_test_driver_pipe(driver, "in", &wire, err));
}

static void have_a_fault(sf_test_driver *driver, sf_random *random)
{
    if (chance(random, 20))
        assert_ok(sf_test_driver_commit(driver, err));
    if (chance(random, 8))
        assert_ok(sf_test_driver_abort(driver, err));
    if (chance(random, 4))
        assert_ok(sf_test_driver_restart(driver, SF_CRASH_KEEPS_STATE, err));
    if (chance(random, 4))
        assert_ok(sf_test_driver_restart(driver, SF_CRASH_LOSES_STATE, err));
}

static windowed_row row_of(const sf_record *record, int64_t size_ms)
{
    windowed_row row = {.key = (char)record->key.data[0], .timestamp = record->timestamp};
    const uint8_t *times = record->key.data + 1;

    assert_int_equal(record->key.size, size_ms < 0 ? 17 : 9);
    row.start = (int64_t)sf_get_be64(size_ms < 0 ? times + 8 : times);
    row.end = size_ms < 0 ? (int64_t)sf_get_be64(times) : row.start + size_ms;
    row.is_null = sf_bytes_is_null(record->value);
    if (!row.is_null)
        row.value = (int64_t)sf_get_be64(record->value.data);
    return row;
}

void windowed_run(const windowed_setup *setup, windowed_by_fn by, const void *windows,
                  int64_t size_ms, sf_random *random, windowed_rows *out, uint64_t *dropped)
{
    driven_topology *driven = summing(setup, by, windows);
    sf_record record;

    for (size_t i = 0; i < setup->count; i++) {
        pipe_record(driven->driver, &setup->records[i]);
        if (setup->has_faults)
            have_a_fault(driven->driver, random);
    }
    assert_ok(sf_test_driver_commit(driven->driver, err));
    out->count = 0;
    while (sf_test_driver_read(driven->driver, "out", &record))
        windowed_rows_add(out, row_of(&record, size_ms));
    *dropped = sf_test_driver_counters(driven->driver).dropped;
    driven_free(driven);
}

/* ---- histories ---- */

static void print_rows(const char *title, const windowed_rows *rows)
{
    printf("%s\n", title);
    for (size_t i = 0; i < rows->count; i++) {
        const windowed_row *row = &rows->items[i];

        printf("  %c [%" PRId64 ", %" PRId64 "] %s%" PRId64 " @%" PRId64 "\n", row->key, row->start,
               row->end, row->is_null ? "null " : "", row->value, row->timestamp);
    }
}

void windowed_run_print(const windowed_setup *setup, const windowed_rows *expected,
                        const windowed_rows *found)
{
    printf("emit=%d cached=%d memory=%d faults=%d retention=%" PRId64 "\n", (int)setup->emit,
           setup->is_cached, setup->in_memory, setup->has_faults, setup->retention_ms);
    for (size_t i = 0; i < setup->count; i++)
        printf("  %c %" PRId64 " @%" PRId64 "\n",
               setup->records[i].key ? setup->records[i].key : '-',
               windowed_worth(&setup->records[i]), setup->records[i].timestamp);
    print_rows("expected", expected);
    print_rows("found", found);
}

void windowed_histories(bool (*run)(sf_random *random))
{
    const char *wanted = getenv("TEST_SEED");
    uint64_t first = wanted ? strtoull(wanted, NULL, 10) : 1;
    uint64_t count = wanted ? 1 : getenv("TEST_LONG") ? HISTORIES_LONG : HISTORIES;

    for (uint64_t seed = first; seed < first + count; seed++) {
        sf_random random;

        sf_random_init(&random, seed);
        if (!run(&random))
            fail_msg("history TEST_SEED=%" PRIu64 " is not as the model has it", seed);
    }
}
