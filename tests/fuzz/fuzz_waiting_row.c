/* fuzz_waiting_row.c - any records as the changelog of a store in which an operator lets records wait:
 * updates that are held back, records that wait for a table, records of a join that have met nothing. What
 * lies there is read and given away in its order, or refused with a sentence. */
#include <stdlib.h>

#include "dsl/operators/held_updates.h"
#include "dsl/operators/unmatched.h"
#include "dsl/operators/waiting_records.h"
#include "fuzz/record_list.h"
#include "store/memory_state_db.h"
#include "store/task_stores.h"
#include "topology/processor_implementation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* ---- a node with a store, as much of it as these operators look at ---- */

#define STORE "rows"

typedef struct stage {
    sf_state_db *disk;
    sf_state *state;
    sf_task_stores *stores;
    sf_store *store;
    sf_clock *clock;
    sf_operator_times times;
    sf_pipeline_context pipeline;
    sf_node node;
    sf_context_child children[1]; /* none of them is there */
    sf_context context;
} stage;

static sf_status log_change(void *user, size_t store, sf_bytes key, sf_bytes value,
                            int64_t timestamp, sf_error *err)
{
    (void)user;
    (void)store;
    (void)key;
    (void)value;
    (void)timestamp;
    (void)err;
    return SF_OK;
}

static void stage_open(stage *at)
{
    static const sf_store_options options = {.name = STORE};
    sf_error error = {0};

    *at = (stage){.disk = sf_memory_state_db_new(false), .clock = sf_clock_manual_new(0)};
    check(!sf_state_open(&(sf_state_options){.application_id = "fuzz", .disk = at->disk},
                         &at->state, &error));
    check(!sf_task_stores_open(at->state, 0, &options, 1, log_change, NULL, &at->stores, &error));
    at->store = sf_task_stores_at(at->stores, 0);
    at->pipeline =
        (sf_pipeline_context){.arena = sf_arena_new(), .clock = at->clock, .times = &at->times};
    at->node.store_count = 1;
    at->context = (sf_context){.pipeline = &at->pipeline,
                               .node = &at->node,
                               .stores = &at->store,
                               .children = at->children};
}

static void stage_close(stage *at)
{
    sf_arena_free(at->pipeline.arena);
    sf_task_stores_close(at->stores);
    sf_state_close(at->state);
    sf_state_db_close(at->disk);
    sf_clock_manual_free(at->clock);
}

static bool restore(stage *at, const sf_consumed_record *records, size_t count)
{
    sf_state_commit *commit = sf_state_commit_new(at->state);
    sf_error error = {0};
    bool is_taken = !sf_task_stores_restore(at->stores, 0, records, count, commit, &error);

    check(is_taken || error.text[0]);
    check(!sf_state_commit_write(commit, &error));
    sf_state_commit_free(commit);
    return is_taken;
}

/* ---- updates that are held back ---- */

static bool are_same(const sf_held_update *a, const sf_held_update *b)
{
    bool is_same = a->time == b->time && a->timestamp == b->timestamp &&
                   sf_bytes_equal(a->before, b->before) && sf_bytes_equal(a->value, b->value) &&
                   a->headers.count == b->headers.count;

    for (size_t i = 0; is_same && i < a->headers.count; i++)
        is_same = !strcmp(a->headers.items[i].name, b->headers.items[i].name) &&
                  sf_bytes_equal(a->headers.items[i].value, b->headers.items[i].value);
    return is_same;
}

/* What was found is found again once it was put where it was. */
static void find_twice(stage *at, sf_bytes key, sf_held_totals *totals)
{
    sf_key_value_store *rows = sf_store_as_key_value(at->store);
    sf_arena *arena = at->pipeline.arena;
    sf_held_update first, second;
    sf_error error = {0};
    bool is_held;

    if (sf_held_updates_find(rows, key, arena, &first, &is_held, &error)) {
        check(error.text[0]);
        return;
    }
    if (!is_held)
        return;
    check(!sf_held_updates_put(rows, &first, &first, arena, totals, &error));
    check(!sf_held_updates_find(rows, key, arena, &second, &is_held, &error));
    check(is_held && are_same(&first, &second));
}

static bool want_all(void *user, int64_t time, const sf_held_totals *totals)
{
    (void)user;
    (void)time;
    (void)totals;
    return true;
}

static sf_status count_update(void *user, const sf_held_update *update, sf_error *err)
{
    size_t *taken = user;

    (void)update;
    (void)err;
    ++*taken;
    return SF_OK;
}

static void hold_back(stage *at, const sf_consumed_record *records, size_t count)
{
    sf_key_value_store *rows = sf_store_as_key_value(at->store);
    size_t taken = 0;
    const sf_held_taker taker = {want_all, count_update, &taken};
    sf_held_totals totals;
    sf_error error = {0};

    if (sf_held_updates_totals(rows, &totals, &error)) {
        check(error.text[0]);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        sf_bytes key = records[i].record.key;

        if (key.size)
            find_twice(at, sf_bytes_of(key.data + 1, key.size - 1), &totals);
    }
    if (sf_held_updates_take(rows, &taker, at->pipeline.arena, &totals, &error))
        check(error.text[0]);
    else
        check(!sf_held_updates_settle(rows, &totals, &error));
    check(taken <= count);
}

/* ---- records that wait for a time ---- */

typedef struct release {
    uint64_t last; /* rows lie in the order of their bytes: times below 0 come last */
    size_t count;
} release;

static sf_status take_waiting(void *user, const sf_record *record, sf_error *err)
{
    release *at = user;

    (void)err;
    check(!at->count || (uint64_t)record->timestamp >= at->last);
    at->last = (uint64_t)record->timestamp;
    at->count++;
    return SF_OK;
}

static void let_wait(stage *at, size_t count)
{
    const sf_record late = {
        .key = sf_bytes_text("key"), .value = sf_bytes_text("value"), .timestamp = 70};
    sf_waiting_records waiting;
    release released = {0};
    sf_error error = {0};

    if (sf_waiting_records_init(&waiting, &at->context, STORE, &error) ||
        sf_waiting_records_add(&waiting, &late, &error) ||
        sf_waiting_records_release(&waiting, 70, take_waiting, &released, &error) ||
        sf_waiting_records_release(&waiting, INT64_MAX, take_waiting, &released, &error)) {
        check(error.text[0]);
        return;
    }
    check(released.count >= 1 && released.count <= count + 1);
    check(*waiting.earliest < 0);
}

/* ---- records of a join that have met nothing ---- */

static sf_status join(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                      sf_bytes *result, sf_error *err)
{
    (void)user;
    (void)arena;
    (void)err;
    check(sf_bytes_is_null(left->value) != sf_bytes_is_null(right));
    *result = sf_bytes_is_null(right) ? left->value : right;
    return SF_OK;
}

static void meet_nothing(stage *at)
{
    const sf_stream_side side = {
        .key = &sf_bytes_serde, .value = &sf_bytes_serde, .after_ms = 10, .is_outer = true};
    const sf_stream_join_plan plan = {
        .joiner = {join, NULL}, .sides = {side, side}, .grace_ms = 5, .unmatched = STORE};
    const sf_bytes key = sf_bytes_text("key");
    sf_record trigger = {.key = key, .value = key, .timestamp = 50};
    sf_unmatched unmatched;
    sf_error error = {0};

    if (sf_unmatched_init(&unmatched, &plan, &at->context, &error) ||
        sf_unmatched_add(&unmatched, SF_JOIN_LEFT, key, key, 50, &error) ||
        sf_unmatched_add(&unmatched, SF_JOIN_LEFT, key, key, 50, &error) ||
        sf_unmatched_remove(&unmatched, SF_JOIN_RIGHT, key, 40, &error)) {
        check(error.text[0]);
        return;
    }
    for (int turn = 0; turn < 2; turn++, trigger.timestamp = INT64_MAX) {
        sf_unmatched_observe(&unmatched, trigger.timestamp);
        if (sf_unmatched_emit(&unmatched, turn, &trigger, &error)) {
            check(error.text[0]);
            return;
        }
    }
}

/* The first byte says which operator's store it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sf_consumed_record records[RECORD_LIST_MAX];
    size_t count;
    stage at;

    if (!size)
        return 0;
    count = record_list_parse(sf_bytes_of(data + 1, size - 1), records);
    stage_open(&at);
    if (restore(&at, records, count)) {
        if (data[0] % 3 == 0)
            hold_back(&at, records, count);
        else if (data[0] % 3 == 1)
            let_wait(&at, count);
        else
            meet_nothing(&at);
    }
    stage_close(&at);
    return 0;
}
