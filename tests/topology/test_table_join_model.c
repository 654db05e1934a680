/* Joins of two tables against a model that joins the whole history anew after each update: inner, left,
 * outer; kept or looked up, cached or not, versioned on either side or none. Without caching each row
 * that comes out must be the model's; always the table at the end, over aborts and crashes too.
 * TEST_SEED=n runs history n alone, TEST_LONG=1 ten times as many. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "support/table_run.h"
#include "support/windowed_run.h"

enum { LEFT = 0, RIGHT = 1 };

typedef enum join_kind { INNER, LEFT_OUTER, FULL_OUTER, KINDS } join_kind;

static const char *const topics[] = {"left", "right"};

typedef struct join_setting {
    join_kind kind;
    bool is_cached;
    bool is_kept;
    bool has_faults;
    bool in_memory;
    int64_t history_ms[2]; /* 0: not versioned */
} join_setting;

static join_setting draw(sf_random *random)
{
    join_setting made = {
        .kind = (join_kind)sf_random_below(random, KINDS),
        .is_cached = table_chance(random, 40),
        .is_kept = table_chance(random, 50),
        .has_faults = table_chance(random, 30),
        .in_memory = table_chance(random, 30),
    };

    for (int side = 0; side < 2; side++)
        if (table_chance(random, 25))
            made.history_ms[side] = 1 + (int64_t)sf_random_below(random, 40);
    return made;
}

/* ---- the model ---- */

/* A side's row after the first `count` updates: the last one of its key; of a versioned side the one with
 * the largest time, unless it was older than the history when it came. */
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
    return found;
}

static bool is_there(const table_update *update)
{
    return update && !update->is_null;
}

/* The joined row of both; false: there is none. */
static bool join_rows(join_kind kind, const table_update *left, const table_update *right,
                      char text[TABLE_TEXT_SIZE])
{
    char parts[2][16] = {"", "-"};

    if ((kind == INNER && (!is_there(left) || !is_there(right))) ||
        (kind == LEFT_OUTER && !is_there(left)) || (!is_there(left) && !is_there(right)))
        return false;
    if (is_there(left))
        (void)snprintf(parts[LEFT], sizeof(parts[LEFT]), "%d", left->number);
    if (is_there(right))
        (void)snprintf(parts[RIGHT], sizeof(parts[RIGHT]), "%d", right->number);
    (void)snprintf(text, TABLE_TEXT_SIZE, "%s|%s", parts[LEFT], parts[RIGHT]);
    return true;
}

/* Whether an update without a result says so: if there may have been one. */
static bool deletes(join_kind kind, int side, const table_update *before, const table_update *other)
{
    if (kind == INNER || (kind == LEFT_OUTER && side == RIGHT))
        return is_there(other);
    return is_there(other) || is_there(before);
}

/* What update i brings. */
static void step(const join_setting *setting, const table_history *history, size_t i,
                 table_rows *rows)
{
    const table_update *update = &history->updates[i], *sides[2];
    const table_update *before = row_of(setting, history, i, update->side, update->key);
    const table_update *other = row_of(setting, history, i, !update->side, update->key);
    int64_t time = update->timestamp;
    char text[TABLE_TEXT_SIZE];

    if (row_of(setting, history, i + 1, update->side, update->key) != update)
        return; /* out of order */
    sides[update->side] = update;
    sides[!update->side] = other;
    if (is_there(other) && other->timestamp > time)
        time = other->timestamp;
    if (join_rows(setting->kind, sides[LEFT], sides[RIGHT], text))
        table_rows_add(rows, table_key_text(update->key), text, time);
    else if (deletes(setting->kind, update->side, before, other))
        table_rows_add(rows, table_key_text(update->key), NULL, time);
}

/* ---- the engine ---- */

static sf_table *table(driven_topology *driven, const join_setting *setting, int side)
{
    return sf_builder_table(driven->builder, topics[side], NULL,
                            &(sf_materialized){
                                .name = topics[side],
                                .in_memory = setting->in_memory,
                                .caching_off = !setting->is_cached,
                                .history_ms = setting->history_ms[side],
                            });
}

static driven_topology *start(const join_setting *setting)
{
    static sf_table *(*const joins[])(sf_table *, sf_table *, sf_join_fn, void *,
                                      const sf_materialized *) = {sf_table_join, sf_table_left_join,
                                                                  sf_table_outer_join};
    driven_topology *driven = driven_new();
    sf_table *left = table(driven, setting, LEFT), *right = table(driven, setting, RIGHT);
    sf_materialized kept = {.name = "joined", .caching_off = !setting->is_cached};

    sf_stream_to(sf_table_to_stream(joins[setting->kind](left, right, driven_pair, NULL,
                                                         setting->is_kept ? &kept : NULL)),
                 "out");
    driven_start(driven, &(sf_test_driver_options){.commit_by_hand = setting->has_faults});
    return driven;
}

/* ---- one against the other ---- */

static bool ends_right(const join_setting *setting, const table_history *history,
                       const table_rows *out)
{
    for (int key = 0; key < TABLE_KEYS; key++) {
        const table_row *last = table_rows_last(out, table_key_text(key));
        char text[TABLE_TEXT_SIZE] = "";
        bool is_joined =
            join_rows(setting->kind, row_of(setting, history, history->count, LEFT, key),
                      row_of(setting, history, history->count, RIGHT, key), text);

        if (is_joined != (last && !last->is_null) || (is_joined && strcmp(last->value, text) != 0))
            return false;
    }
    return true;
}

static void print(const join_setting *setting, const table_history *history,
                  const table_rows *expected, const table_rows *found)
{
    printf("kind=%d cached=%d kept=%d faults=%d history=%" PRId64 ",%" PRId64 "\n",
           (int)setting->kind, setting->is_cached, setting->is_kept, setting->has_faults,
           setting->history_ms[LEFT], setting->history_ms[RIGHT]);
    table_history_print(history);
    table_rows_print("expected", expected);
    table_rows_print("found", found);
}

static bool run(sf_random *random)
{
    static table_rows expected, found;
    join_setting setting = draw(random);
    driven_topology *driven = start(&setting);
    table_history history;
    bool is_right;

    expected.count = found.count = 0;
    table_history_draw(&history, 2, random);
    for (size_t i = 0; i < history.count; i++) {
        table_pipe(driven, topics, &history.updates[i], table_number_text);
        step(&setting, &history, i, &expected);
        if (setting.has_faults)
            table_have_a_fault(driven, random);
    }
    assert_ok(sf_test_driver_commit(driven->driver, err));
    table_rows_read(&found, driven);
    driven_free(driven);
    is_right = ends_right(&setting, &history, &found);
    if (!setting.is_cached && !setting.has_faults)
        is_right = is_right && table_rows_equal(&expected, &found);
    if (!is_right)
        print(&setting, &history, &expected, &found);
    return is_right;
}

static void joined_tables_are_as_the_model_has_them(void **state)
{
    (void)state;
    windowed_histories(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joined_tables_are_as_the_model_has_them),
    };

    return run_tests(tests);
}
