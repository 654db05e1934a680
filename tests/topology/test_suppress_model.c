/* Suppressed tables against models. Until a time limit, or until the buffer is full: a list of what waits.
 * Until windows close: all records that are not late added up by window, sorted by end and key. What
 * comes out must be the model's, row by row, cached or not, over aborts and crashes.
 * TEST_SEED=n runs history n alone, TEST_LONG=1 ten times as many. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "support/table_run.h"
#include "support/windowed_run.h"

static const char *const topics[] = {"in"};

typedef struct held_setting {
    int64_t limit_ms; /* negative: for ever */
    size_t max_records;
    sf_window window;
    bool is_cached;
    bool has_faults;
    bool is_mapped; /* the table is not the one that is kept */
} held_setting;

static held_setting draw(sf_random *random)
{
    held_setting made = {
        .limit_ms = table_chance(random, 20) ? -1 : (int64_t)sf_random_below(random, 40),
        .max_records = table_chance(random, 40) ? 1 + (size_t)sf_random_below(random, 4) : 0,
        .window = {.size_ms = 1 + (int64_t)sf_random_below(random, 20),
                   .grace_ms = (int64_t)sf_random_below(random, 30)},
        .is_cached = table_chance(random, 40),
        .has_faults = table_chance(random, 40),
        .is_mapped = table_chance(random, 40),
    };

    if (table_chance(random, 40))
        made.window.advance_ms =
            1 + (int64_t)sf_random_below(random, (uint64_t)made.window.size_ms);
    return made;
}

static void print(const held_setting *setting, const table_history *history,
                  const table_rows *expected, const table_rows *found)
{
    printf("limit=%" PRId64 " records=%zu window=%" PRId64 ",%" PRId64 ",%" PRId64
           " cached=%d faults=%d mapped=%d\n",
           setting->limit_ms, setting->max_records, setting->window.size_ms,
           setting->window.advance_ms, setting->window.grace_ms, setting->is_cached,
           setting->has_faults, setting->is_mapped);
    table_history_print(history);
    table_rows_print("expected", expected);
    table_rows_print("found", found);
}

static void pipe_all(const held_setting *setting, const table_history *history,
                     driven_topology *driven, sf_random *random, table_rows *found)
{
    for (size_t i = 0; i < history->count; i++) {
        table_pipe(driven, topics, &history->updates[i], table_number_text);
        if (setting->has_faults)
            table_have_a_fault(driven, random);
    }
    assert_ok(sf_test_driver_commit(driven->driver, err));
    found->count = 0;
    table_rows_read(found, driven);
}

/* ---- until a limit ---- */

/* What waits, in the order in which it goes. */
typedef struct waiting {
    int64_t time;
    const table_update *update;
} waiting;

typedef struct buffer {
    waiting items[TABLE_KEYS];
    size_t count;
} buffer;

static void hold(buffer *held, const table_update *update)
{
    size_t at = held->count;

    for (size_t i = 0; i < held->count; i++)
        if (held->items[i].update->key == update->key) {
            held->items[i].update = update;
            return;
        }
    while (at > 0 && (held->items[at - 1].time > update->timestamp ||
                      (held->items[at - 1].time == update->timestamp &&
                       held->items[at - 1].update->key > update->key)))
        at--;
    memmove(&held->items[at + 1], &held->items[at], (held->count - at) * sizeof(waiting));
    held->items[at] = (waiting){update->timestamp, update};
    held->count++;
}

static void release(buffer *held, const char *suffix, table_rows *rows)
{
    const table_update *update = held->items[0].update;
    char value[TABLE_TEXT_SIZE];

    (void)snprintf(value, sizeof(value), "%d%s", update->number, suffix);
    table_rows_add(rows, table_key_text(update->key), update->is_null ? NULL : value,
                   update->timestamp);
    held->count--;
    memmove(&held->items[0], &held->items[1], held->count * sizeof(waiting));
}

static void run_limit_model(const held_setting *setting, const table_history *history,
                            table_rows *rows)
{
    buffer held = {.count = 0};
    bool is_there[TABLE_KEYS] = {false};
    int64_t seen = -1;

    for (size_t i = 0; i < history->count; i++) {
        const table_update *update = &history->updates[i];
        bool is_known = is_there[update->key] || !update->is_null;

        is_there[update->key] = !update->is_null;
        if (setting->is_cached && !is_known)
            continue; /* a cache says nothing of what never was */
        if (update->timestamp > seen)
            seen = update->timestamp;
        hold(&held, update);
        while (held.count &&
               ((setting->limit_ms >= 0 && held.items[0].time <= seen - setting->limit_ms) ||
                (setting->max_records && held.count > setting->max_records)))
            release(&held, setting->is_mapped ? "!" : "", rows);
    }
}

static driven_topology *start_limit(const held_setting *setting)
{
    static char mark[] = "!";
    driven_topology *driven = driven_new();
    sf_suppressed suppressed = {
        .name = "held", .limit_ms = setting->limit_ms, .max_records = setting->max_records};
    sf_table *table =
        sf_builder_table(driven->builder, "in", NULL,
                         &(sf_materialized){.name = "kept", .caching_off = !setting->is_cached});

    if (setting->is_mapped)
        table = sf_table_map_values(table, driven_with_suffix, mark, NULL);
    sf_stream_to(sf_table_to_stream(sf_table_suppress(table, &suppressed)), "out");
    driven_start(driven, &(sf_test_driver_options){.commit_by_hand = setting->has_faults});
    return driven;
}

static bool run_limit(sf_random *random)
{
    static table_rows expected, found;
    held_setting setting = draw(random);
    driven_topology *driven;
    table_history history;
    bool is_right;

    if (setting.has_faults)
        setting.is_cached = false; /* commits would say what goes on */
    driven = start_limit(&setting);
    expected.count = 0;
    table_history_draw(&history, 1, random);
    pipe_all(&setting, &history, driven, random, &found);
    driven_free(driven);
    run_limit_model(&setting, &history, &expected);
    is_right = table_rows_equal(&expected, &found);
    if (!is_right)
        print(&setting, &history, &expected, &found);
    return is_right;
}

/* ---- until windows close ---- */

/* One window of one key; the sum of what is in it, and the largest timestamp. */
static bool add_up(const held_setting *setting, const table_history *history, int key,
                   int64_t start, int *sum, int64_t *timestamp)
{
    int64_t end = start + setting->window.size_ms, seen = -1;

    *sum = 0;
    *timestamp = -1;
    for (size_t i = 0; i < history->count; i++) {
        const table_update *update = &history->updates[i];

        if (update->timestamp > seen)
            seen = update->timestamp;
        if (update->key != key || update->timestamp < start || update->timestamp >= end ||
            end <= seen - setting->window.grace_ms)
            continue;
        *sum += update->is_null ? 1 : update->number;
        if (update->timestamp > *timestamp)
            *timestamp = update->timestamp;
    }
    return *timestamp >= 0;
}

static int64_t last_time(const table_history *history)
{
    int64_t last = -1;

    for (size_t i = 0; i < history->count; i++)
        if (history->updates[i].timestamp > last)
            last = history->updates[i].timestamp;
    return last;
}

static void run_close_model(const held_setting *setting, const table_history *history,
                            table_rows *rows)
{
    int64_t step =
        setting->window.advance_ms ? setting->window.advance_ms : setting->window.size_ms;
    int64_t closed = last_time(history) - setting->window.grace_ms - setting->window.size_ms;

    for (int64_t start = 0; start <= closed; start += step)
        for (int key = 0; key < TABLE_KEYS; key++) {
            char name[TABLE_TEXT_SIZE], value[TABLE_TEXT_SIZE];
            int64_t timestamp;
            int sum;

            if (!add_up(setting, history, key, start, &sum, &timestamp))
                continue;
            (void)snprintf(name, sizeof(name), "%s@%" PRId64, table_key_text(key), start);
            (void)snprintf(value, sizeof(value), "%d", sum);
            table_rows_add(rows, name, value, timestamp);
        }
}

static sf_status add(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                     sf_error *err)
{
    char sum[TABLE_TEXT_SIZE], value[TABLE_TEXT_SIZE] = "1";

    (void)user;
    (void)err;
    (void)snprintf(sum, sizeof(sum), "%.*s", (int)aggregate->size, (const char *)aggregate->data);
    if (record->value.data)
        (void)snprintf(value, sizeof(value), "%.*s", (int)record->value.size,
                       (const char *)record->value.data);
    *aggregate = sf_bytes_text(sf_arena_printf(arena, "%d", atoi(sum) + atoi(value)));
    return SF_OK;
}

static sf_status name_window(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                             sf_error *err)
{
    const sf_windowed *windowed = sf_windowed_of(in->key);

    (void)user;
    (void)err;
    out->key = sf_bytes_text(sf_arena_printf(arena, "%.*s@%" PRId64, (int)windowed->key.size,
                                             (const char *)windowed->key.data, windowed->start_ms));
    return SF_OK;
}

static driven_topology *start_close(const held_setting *setting)
{
    driven_topology *driven = driven_new();
    sf_suppressed suppressed = {.name = "held", .until = SF_UNTIL_WINDOW_CLOSES};
    sf_grouped *windows = sf_grouped_windowed(
        sf_stream_group_by_key(sf_builder_stream(driven->builder, "in", NULL), NULL),
        setting->window);
    sf_table *sums = sf_grouped_aggregate(
        windows, &(sf_aggregation){.add = add, .initial = sf_bytes_text("0")},
        &(sf_materialized){.name = "sums", .caching_off = !setting->is_cached});

    sf_stream_to(
        sf_stream_as(sf_stream_map(sf_table_to_stream(sf_table_suppress(sums, &suppressed)),
                                   name_window, NULL),
                     &sf_string_serde, NULL),
        "out");
    driven_start(driven, &(sf_test_driver_options){.commit_by_hand = setting->has_faults});
    return driven;
}

static bool run_close(sf_random *random)
{
    static table_rows expected, found;
    held_setting setting = draw(random);
    driven_topology *driven = start_close(&setting);
    table_history history;
    bool is_right;

    expected.count = 0;
    table_history_draw(&history, 1, random);
    pipe_all(&setting, &history, driven, random, &found);
    driven_free(driven);
    run_close_model(&setting, &history, &expected);
    is_right = table_rows_equal(&expected, &found);
    if (!is_right)
        print(&setting, &history, &expected, &found);
    return is_right;
}

static void updates_wait_as_the_model_has_them(void **state)
{
    (void)state;
    windowed_histories(run_limit);
}

static void each_window_has_one_final_result(void **state)
{
    (void)state;
    windowed_histories(run_close);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_wait_as_the_model_has_them),
        cmocka_unit_test(each_window_has_one_final_result),
    };

    return run_tests(tests);
}
