/* Foreign-key joins against a model that joins all rows anew, by searching both tables: inner and left,
 * kept or not, cached or not, versioned on either side or none, with several partitions. After each
 * update the rows that came out last must be the model's, with their times; at the end also where many
 * updates were on their way at once, and over aborts and crashes.
 * TEST_SEED=n runs history n alone, TEST_LONG=1 ten times as many. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "support/table_run.h"
#include "support/windowed_run.h"

enum { LEFT = 0, RIGHT = 1, NO_KEY = TABLE_KEYS };

static const char *const topics[] = {"left", "right"};

typedef struct join_setting {
    bool is_left;
    bool is_cached;
    bool is_kept;
    bool is_filtered; /* the left rows, by an operator that keeps nothing */
    bool has_faults;
    bool comes_at_once; /* updates, so many at a time */
    int32_t partitions;
    int64_t history_ms[2]; /* 0: not versioned */
} join_setting;

static join_setting draw(sf_random *random)
{
    join_setting made = {
        .is_left = table_chance(random, 50),
        .is_cached = table_chance(random, 40),
        .is_kept = table_chance(random, 50),
        .is_filtered = table_chance(random, 25),
        .has_faults = table_chance(random, 25),
        .comes_at_once = table_chance(random, 25),
        .partitions = table_chance(random, 40) ? 3 : 1,
    };

    for (int side = 0; side < 2; side++)
        if (made.partitions == 1 && !made.comes_at_once && table_chance(random, 25))
            made.history_ms[side] = 1 + (int64_t)sf_random_below(random, 40);
    return made;
}

/* ---- rows: a left one is "number>key", where the number says which key, or none ---- */

static int foreign_key_of(int number)
{
    return number % (TABLE_KEYS + 1);
}

static void row_text(const table_update *update, char *text)
{
    if (update->side == RIGHT)
        (void)snprintf(text, TABLE_TEXT_SIZE, "%d", update->number);
    else if (foreign_key_of(update->number) == NO_KEY)
        (void)snprintf(text, TABLE_TEXT_SIZE, "%d>", update->number);
    else
        (void)snprintf(text, TABLE_TEXT_SIZE, "%d>%s", update->number,
                       table_key_text(foreign_key_of(update->number)));
}

static sf_status select_key(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                            sf_error *err)
{
    const uint8_t *arrow = memchr(in->value.data, '>', in->value.size);
    size_t size = in->value.size - (size_t)(arrow + 1 - in->value.data);

    (void)user;
    (void)arena;
    (void)err;
    out->key = size ? sf_bytes_of(arrow + 1, size) : SF_NULL;
    return SF_OK;
}

/* Small numbers are filtered out. */
static bool passes(int number)
{
    return number >= 300;
}

static bool is_large(void *user, const sf_record *record)
{
    char digits[TABLE_TEXT_SIZE];

    (void)user;
    (void)snprintf(digits, sizeof(digits), "%.*s", (int)record->value.size,
                   (const char *)record->value.data);
    return passes(atoi(digits));
}

/* ---- the model ---- */

static const table_update *row_of(const join_setting *setting, const table_history *history,
                                  size_t count, int side, int key)
{
    int64_t seen = -1, history_ms = setting->history_ms[side];
    const table_update *found = NULL;

    for (size_t i = 0; i < count; i++) {
        const table_update *update = &history->updates[i];

        if (update->side != side)
            continue;
        if (update->timestamp > seen)
            seen = update->timestamp;
        if (update->key != key || (history_ms && update->timestamp < seen - history_ms))
            continue;
        if (!history_ms || !found || update->timestamp >= found->timestamp)
            found = update;
    }
    if (found && side == LEFT && setting->is_filtered && !passes(found->number))
        return NULL;
    return found && !found->is_null ? found : NULL;
}

/* The joined row of a left key; false: there is none. */
static bool join_row(const join_setting *setting, const table_history *history, size_t count,
                     int key, table_row *row)
{
    const table_update *left = row_of(setting, history, count, LEFT, key), *right = NULL;
    char texts[2][TABLE_TEXT_SIZE] = {"", "-"};

    *row = (table_row){.is_null = true};
    if (left && foreign_key_of(left->number) != NO_KEY)
        right = row_of(setting, history, count, RIGHT, foreign_key_of(left->number));
    if (!left || (!setting->is_left && !right))
        return false;
    row_text(left, texts[LEFT]);
    if (right)
        row_text(right, texts[RIGHT]);
    row->is_null = false;
    row->timestamp =
        right && right->timestamp > left->timestamp ? right->timestamp : left->timestamp;
    (void)snprintf(row->value, sizeof(row->value), "%.40s|%.40s", texts[LEFT], texts[RIGHT]);
    return true;
}

static bool is_as_joined(const join_setting *setting, const table_history *history, size_t count,
                         const table_rows *out, bool with_times)
{
    for (int key = 0; key < TABLE_KEYS; key++) {
        const table_row *last = table_rows_last(out, table_key_text(key));
        table_row row;
        bool is_joined = join_row(setting, history, count, key, &row);

        if (is_joined != (last && !last->is_null))
            return false;
        if (is_joined && strcmp(last->value, row.value) != 0)
            return false;
        /* A deletion of the right row leaves its time. */
        if (is_joined && with_times && !strstr(row.value, "|-") && last->timestamp != row.timestamp)
            return false;
    }
    return true;
}

/* ---- the engine ---- */

static sf_table *table(driven_topology *driven, const join_setting *setting, int side)
{
    return sf_builder_table(driven->builder, topics[side], NULL,
                            &(sf_materialized){
                                .name = topics[side],
                                .caching_off = !setting->is_cached,
                                .history_ms = setting->history_ms[side],
                            });
}

static driven_topology *start(const join_setting *setting)
{
    static const sf_foreign_key foreign_key = {.name = "joined", .select = select_key};
    driven_topology *driven = driven_new();
    sf_table *left = table(driven, setting, LEFT), *right = table(driven, setting, RIGHT), *joined;
    sf_materialized kept = {.name = "kept", .caching_off = !setting->is_cached};
    const sf_materialized *materialized = setting->is_kept ? &kept : NULL;

    if (setting->is_filtered)
        left = sf_table_filter(left, is_large, NULL, NULL);
    if (setting->is_left)
        joined = sf_table_left_join_foreign_key(left, right, &foreign_key, driven_pair, NULL,
                                                materialized);
    else
        joined =
            sf_table_join_foreign_key(left, right, &foreign_key, driven_pair, NULL, materialized);
    sf_stream_to(sf_table_to_stream(joined), "out");
    driven_start(driven, &(sf_test_driver_options){
                             .commit_by_hand = setting->has_faults,
                             .partitions = setting->partitions,
                         });
    return driven;
}

static void append(driven_topology *driven, const table_update *update)
{
    char value[TABLE_TEXT_SIZE];
    sf_record record = {.key = sf_bytes_text(table_key_text(update->key)),
                        .timestamp = update->timestamp};

    row_text(update, value);
    if (!update->is_null)
        record.value = sf_bytes_text(value);
    assert_ok(sf_test_driver_append(driven->driver, topics[update->side], &record, err));
}

/* ---- one against the other ---- */

static void print(const join_setting *setting, const table_history *history, size_t count,
                  const table_rows *found)
{
    printf("left=%d cached=%d kept=%d filtered=%d faults=%d at once=%d partitions=%d "
           "history=%" PRId64 ",%" PRId64 "\n",
           setting->is_left, setting->is_cached, setting->is_kept, setting->is_filtered,
           setting->has_faults, setting->comes_at_once, setting->partitions,
           setting->history_ms[LEFT], setting->history_ms[RIGHT]);
    table_history_print(history);
    table_rows_print("found", found);
    for (int key = 0; key < TABLE_KEYS; key++) {
        table_row row;

        if (join_row(setting, history, count, key, &row))
            printf("expected %s = %s @%" PRId64 "\n", table_key_text(key), row.value,
                   row.timestamp);
    }
}

/* One update after the other, each whole before the next. */
static bool run_in_turn(const join_setting *setting, const table_history *history,
                        driven_topology *driven, table_rows *found, sf_random *random)
{
    for (size_t i = 0; i < history->count; i++) {
        table_pipe(driven, topics, &history->updates[i], row_text);
        if (setting->has_faults) {
            table_have_a_fault(driven, random);
            continue;
        }
        table_rows_read(found, driven);
        if (!is_as_joined(setting, history, i + 1, found, true)) {
            printf("after update %zu\n", i);
            print(setting, history, i + 1, found);
            return false;
        }
    }
    return true;
}

/* Each topic is read as it was written, but the times let one side run ahead of the other. */
static void run_at_once(const join_setting *setting, table_history *history,
                        driven_topology *driven, sf_random *random)
{
    for (size_t i = 0; i < history->count; i++) {
        history->updates[i].timestamp = (int64_t)sf_random_below(random, 100);
        append(driven, &history->updates[i]);
        if (!table_chance(random, 15))
            continue;
        assert_ok(sf_test_driver_run(driven->driver, err));
        if (setting->has_faults)
            table_have_a_fault(driven, random);
    }
    assert_ok(sf_test_driver_run(driven->driver, err));
}

static bool run(sf_random *random)
{
    static table_rows found;
    join_setting setting = draw(random);
    driven_topology *driven = start(&setting);
    table_history history;
    bool is_right = true;

    found.count = 0;
    table_history_draw(&history, 2, random);
    if (setting.comes_at_once)
        run_at_once(&setting, &history, driven, random);
    else
        is_right = run_in_turn(&setting, &history, driven, &found, random);
    assert_ok(sf_test_driver_commit(driven->driver, err));
    table_rows_read(&found, driven);
    driven_free(driven);
    if (is_right && !is_as_joined(&setting, &history, history.count, &found, false)) {
        print(&setting, &history, history.count, &found);
        is_right = false;
    }
    return is_right;
}

static void joined_rows_are_as_the_model_has_them(void **state)
{
    (void)state;
    windowed_histories(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joined_rows_are_as_the_model_has_them),
    };

    return run_tests(tests);
}
