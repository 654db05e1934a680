/* Sums and counts over the regrouped rows of a table, against a model that adds up all rows anew after
 * each update. The rows are those of a topic, filtered ones, joined ones or held back; kept or not,
 * cached or not, versioned or not. Without caching each sum that comes out of a plain table must be the
 * model's; always the sums at the end, over aborts and crashes and with several partitions too.
 * TEST_SEED=n runs history n alone, TEST_LONG=1 ten times as many. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "support/table_run.h"
#include "support/windowed_run.h"

enum { LEFT = 0, RIGHT = 1, GROUPS = 5, NO_GROUP = GROUPS };

typedef enum rows_kind { PLAIN, FILTERED, JOINED, HELD, ROWS_KINDS } rows_kind;

static const char *const topics[] = {"left", "right"};

typedef struct sum_setting {
    rows_kind rows;
    bool is_cached;
    bool is_kept; /* what is made of the topics' tables */
    bool has_faults;
    int32_t partitions;
    int64_t history_ms; /* of a plain or filtered table; 0: not versioned */
} sum_setting;

static sum_setting draw(sf_random *random)
{
    sum_setting made = {
        .rows = (rows_kind)sf_random_below(random, ROWS_KINDS),
        .is_cached = table_chance(random, 40),
        .is_kept = table_chance(random, 40),
        .has_faults = table_chance(random, 30),
        .partitions = table_chance(random, 30) ? 3 : 1,
    };

    if (made.rows <= FILTERED && made.partitions == 1 && table_chance(random, 30))
        made.history_ms = 1 + (int64_t)sf_random_below(random, 40);
    return made;
}

/* ---- rows: a number each; its group is the last digit halved, or none; what is counted is the number.
 * Only even numbers pass the filter; a joined row is the sum of both. ---- */

static int number_of(sf_bytes text)
{
    char digits[TABLE_TEXT_SIZE];

    (void)snprintf(digits, sizeof(digits), "%.*s", (int)text.size, (const char *)text.data);
    return atoi(digits);
}

static sf_bytes text_of(sf_arena *arena, int number)
{
    return sf_bytes_text(sf_arena_printf(arena, "%d", number));
}

static int group_of(int number)
{
    return number % 17 == 0 ? NO_GROUP : number % 10 / 2;
}

static bool is_even(void *user, const sf_record *record)
{
    (void)user;
    return number_of(record->value) % 2 == 0;
}

static sf_status select_group(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                              sf_error *err)
{
    int group = group_of(number_of(in->value));

    (void)user;
    (void)err;
    out->key = group == NO_GROUP ? SF_NULL : sf_bytes_text(sf_arena_printf(arena, "%d", group));
    return SF_OK;
}

static sf_status join_numbers(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                              sf_bytes *result, sf_error *err)
{
    (void)user;
    (void)err;
    *result = text_of(arena, number_of(left->value) + number_of(right));
    return SF_OK;
}

static sf_status add(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                     sf_error *err)
{
    (void)user;
    (void)err;
    *aggregate = text_of(arena, number_of(*aggregate) + number_of(record->value));
    return SF_OK;
}

static sf_status subtract(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                          sf_error *err)
{
    (void)user;
    (void)err;
    *aggregate = text_of(arena, number_of(*aggregate) - number_of(record->value));
    return SF_OK;
}

/* ---- the model ---- */

typedef struct model_row {
    bool is_there;
    int number;
} model_row;

/* The topic's row after the first `count` updates. What is kept without versions has lost them. */
static model_row topic_row(const sum_setting *setting, const table_history *history, size_t count,
                           int side, int key)
{
    bool is_versioned = setting->history_ms && !(setting->rows == FILTERED && setting->is_kept);
    const table_update *found = NULL;
    int64_t seen = -1;

    for (size_t i = 0; i < count; i++) {
        const table_update *update = &history->updates[i];

        if (update->side != side)
            continue;
        if (update->timestamp > seen)
            seen = update->timestamp;
        if (update->key != key ||
            (setting->history_ms && update->timestamp < seen - setting->history_ms))
            continue;
        if (!is_versioned || !found || update->timestamp >= found->timestamp)
            found = update;
    }
    if (!found || found->is_null)
        return (model_row){0};
    return (model_row){true, found->number};
}

/* The row that is regrouped. */
static model_row row_of(const sum_setting *setting, const table_history *history, size_t count,
                        int key)
{
    model_row row = topic_row(setting, history, count, LEFT, key);
    model_row right;

    if (setting->rows == FILTERED)
        row.is_there = row.is_there && row.number % 2 == 0;
    if (setting->rows != JOINED)
        return row;
    right = topic_row(setting, history, count, RIGHT, key);
    return (model_row){row.is_there && right.is_there, row.number + right.number};
}

static int group_of_row(model_row row)
{
    return row.is_there ? group_of(row.number) : NO_GROUP;
}

static int sum_of(const sum_setting *setting, const table_history *history, size_t count, int group,
                  int without_key)
{
    int sum = 0;

    for (int key = 0; key < TABLE_KEYS; key++) {
        model_row row = row_of(setting, history, count, key);

        if (key != without_key && group_of_row(row) == group)
            sum += row.number;
    }
    return sum;
}

typedef struct model {
    int64_t times[GROUPS]; /* the largest of the updates that touched a group */
    table_rows rows;
} model;

static void say(model *m, int group, int sum, int64_t timestamp)
{
    char key[16], value[16];

    if (timestamp > m->times[group])
        m->times[group] = timestamp;
    (void)snprintf(key, sizeof(key), "%d", group);
    (void)snprintf(value, sizeof(value), "%d", sum);
    table_rows_add(&m->rows, key, value, m->times[group]);
}

/* What update i of a plain or filtered table brings. */
static void step(model *m, const sum_setting *setting, const table_history *history, size_t i)
{
    const table_update *update = &history->updates[i];
    model_row before = row_of(setting, history, i, update->key);
    model_row now = row_of(setting, history, i + 1, update->key);
    int from = group_of_row(before), to = group_of_row(now);

    if (setting->history_ms)
        return; /* only the end is looked at */
    if (from != NO_GROUP && from != to)
        say(m, from, sum_of(setting, history, i, from, update->key), update->timestamp);
    if (to != NO_GROUP)
        say(m, to, sum_of(setting, history, i + 1, to, -1), update->timestamp);
}

/* ---- the engine ---- */

static sf_table *source(driven_topology *driven, const sum_setting *setting, int side)
{
    return sf_builder_table(driven->builder, topics[side], NULL,
                            &(sf_materialized){
                                .name = topics[side],
                                .caching_off = !setting->is_cached,
                                .history_ms = setting->history_ms,
                            });
}

static sf_table *rows(driven_topology *driven, const sum_setting *setting)
{
    static const sf_suppressed held = {.name = "held", .limit_ms = 15, .max_records = 3};
    sf_materialized kept = {.name = "kept", .caching_off = !setting->is_cached};
    const sf_materialized *materialized = setting->is_kept ? &kept : NULL;
    sf_table *left = source(driven, setting, LEFT);

    switch (setting->rows) {
    case FILTERED:
        return sf_table_filter(left, is_even, NULL, materialized);
    case JOINED:
        return sf_table_join(left, source(driven, setting, RIGHT), join_numbers, NULL,
                             materialized);
    case HELD:
        return sf_table_suppress(left, &held);
    default:
        return left;
    }
}

static driven_topology *start(const sum_setting *setting)
{
    driven_topology *driven = driven_new();
    sf_table_aggregation sums = {.add = add, .subtract = subtract, .initial = sf_bytes_text("0")};
    sf_materialized kept = {.name = "sums", .caching_off = !setting->is_cached};

    sf_stream_to(sf_table_to_stream(sf_table_grouped_aggregate(
                     sf_table_group_by(rows(driven, setting), select_group, NULL, "by-group"),
                     &sums, &kept)),
                 "out");
    driven_start(driven, &(sf_test_driver_options){
                             .commit_by_hand = setting->has_faults,
                             .partitions = setting->partitions,
                         });
    return driven;
}

/* ---- one against the other ---- */

/* Each row becomes one of no group, and what is held back comes out by the update after it. */
static void flush_held(driven_topology *driven)
{
    for (int i = 0; i < 2; i++)
        for (int key = 0; key < TABLE_KEYS; key++) {
            driven_pipe(driven, topics[LEFT], table_key_text(key), "0", 100000 + 1000 * i);
            assert_ok(sf_test_driver_commit(driven->driver, err));
        }
}

static bool ends_right(const sum_setting *setting, const table_history *history,
                       const table_rows *out)
{
    for (int group = 0; group < GROUPS; group++) {
        int sum = setting->rows == HELD ? 0 : sum_of(setting, history, history->count, group, -1);
        char key[16];
        const table_row *last;

        (void)snprintf(key, sizeof(key), "%d", group);
        last = table_rows_last(out, key);
        if ((last ? atoi(last->value) : 0) != sum)
            return false;
    }
    return true;
}

static void print(const sum_setting *setting, const table_history *history,
                  const table_rows *expected, const table_rows *found)
{
    printf("rows=%d cached=%d kept=%d faults=%d partitions=%d history=%" PRId64 "\n",
           (int)setting->rows, setting->is_cached, setting->is_kept, setting->has_faults,
           setting->partitions, setting->history_ms);
    table_history_print(history);
    table_rows_print("expected", expected);
    table_rows_print("found", found);
}

static bool is_exact(const sum_setting *setting)
{
    return setting->rows <= FILTERED && !setting->is_cached && !setting->has_faults &&
           setting->partitions == 1 && !setting->history_ms;
}

static bool run(sf_random *random)
{
    static table_rows found;
    static model m;
    sum_setting setting = draw(random);
    driven_topology *driven = start(&setting);
    table_history history;
    bool is_right;

    found.count = m.rows.count = 0;
    memset(m.times, 0xff, sizeof(m.times)); /* -1 */
    table_history_draw(&history, setting.rows == JOINED ? 2 : 1, random);
    for (size_t i = 0; i < history.count; i++) {
        table_pipe(driven, topics, &history.updates[i], table_number_text);
        if (setting.rows <= FILTERED)
            step(&m, &setting, &history, i);
        if (setting.has_faults)
            table_have_a_fault(driven, random);
    }
    if (setting.rows == HELD)
        flush_held(driven);
    assert_ok(sf_test_driver_commit(driven->driver, err));
    table_rows_read(&found, driven);
    driven_free(driven);
    is_right = ends_right(&setting, &history, &found) &&
               (!is_exact(&setting) || table_rows_equal(&m.rows, &found));
    if (!is_right)
        print(&setting, &history, &m.rows, &found);
    return is_right;
}

static void sums_of_a_table_are_as_the_model_has_them(void **state)
{
    (void)state;
    windowed_histories(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_of_a_table_are_as_the_model_has_them),
    };

    return run_tests(tests);
}
