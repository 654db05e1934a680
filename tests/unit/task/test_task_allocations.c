/* Once a task is warm, a record costs no allocation: not through a chain of operators without state, not
 * into aggregates that wait for the commit. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "support/allocation_hook.h"
#include "support/driven_topology.h"
#include "task/task.h"

enum { RECORDS = 2000, KEYS = 50, ROUNDS = 20, WARM_ROUNDS = 5 };

typedef struct fixture {
    driven_topology *driven;
    sf_state *state;
    sf_state_commit *commit;
    sf_clock *clock;
    sf_task *task;
    size_t sent;
    char keys[KEYS][8];
    sf_consumed_record records[RECORDS];
    sf_record_batch batch; /* handed in again and again */
    int64_t next_offset;
} fixture;

/* ---- a task without a broker ---- */

static sf_status open_topic(void *user, const char *topic, size_t *number, sf_error *err)
{
    (void)user;
    (void)topic;
    (void)err;
    *number = 0;
    return SF_OK;
}

static sf_status count_sent(void *user, const sf_output *outputs, size_t count, sf_error *err)
{
    fixture *f = user;

    (void)outputs;
    (void)err;
    f->sent += count;
    return SF_OK;
}

static void keep(sf_record_batch *batch)
{
    (void)batch;
}

static fixture *fixture_new(void)
{
    fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->driven = driven_new();
    f->clock = sf_clock_manual_new(0);
    return f;
}

static void fixture_start(fixture *f)
{
    sf_state_options state = {.application_id = "app", .instance_id = "i", .clock = f->clock};
    sf_task_start start = {.offset = 0};
    sf_task_options options;

    assert_ok(sf_builder_build(f->driven->builder, &f->driven->topology, err));
    assert_ok(sf_state_open(&state, &f->state, err));
    f->commit = sf_state_commit_new(f->state);
    options = (sf_task_options){
        .topology = f->driven->topology,
        .application_id = "app",
        .state = f->state,
        .output = {open_topic, count_sent, f, 0},
        .clock = f->clock,
        .max_idle_ms = -1,
    };
    assert_ok(sf_task_new(&options, &f->task, err));
    assert_ok(sf_task_start_work(f->task, &start, err));
}

static void fixture_free(fixture *f)
{
    sf_task_free(f->task);
    sf_state_commit_free(f->commit);
    sf_state_close(f->state);
    driven_free(f->driven);
    sf_clock_manual_free(f->clock);
    free(f);
}

/* ---- rounds: so many records, then a commit ---- */

static void fill_batch(fixture *f)
{
    for (size_t i = 0; i < RECORDS; i++) {
        char *key = f->keys[i % KEYS];

        (void)snprintf(key, sizeof(f->keys[0]), "k%zu", i % KEYS);
        f->records[i] = (sf_consumed_record){
            {.key = sf_bytes_text(key), .value = sf_bytes_text("abc"), .timestamp = 5},
            f->next_offset++};
    }
    f->batch = (sf_record_batch){f->records, RECORDS, f->next_offset, keep};
}

static void commit(fixture *f)
{
    sf_state_commit_clear(f->commit);
    assert_ok(sf_task_flush(f->task, f->commit, err));
    assert_ok(sf_task_finish(f->task, f->commit, err));
    assert_ok(sf_state_commit_write(f->commit, err));
    sf_task_committed(f->task);
}

/* How often memory was asked for while the records were processed. */
static size_t process_round(fixture *f)
{
    size_t before;
    size_t processed;
    size_t total = 0;

    fill_batch(f);
    before = allocations;
    sf_task_push(f->task, 0, &f->batch);
    do {
        assert_ok(sf_task_process(f->task, RECORDS, &processed, err));
        total += processed;
    } while (processed);
    before = allocations - before;
    assert_int_equal(total, RECORDS);
    return before;
}

static void assert_no_allocations(fixture *f)
{
    size_t count = 0;

    for (int i = 0; i < ROUNDS; i++) {
        size_t in_round = process_round(f);

        if (i >= WARM_ROUNDS)
            count += in_round;
        commit(f);
    }
    if (count)
        fail_msg("%zu allocations for %d records", count, (ROUNDS - WARM_ROUNDS) * RECORDS);
}

/* ---- programs ---- */

static sf_stream *texts(fixture *f)
{
    return sf_builder_stream(f->driven->builder, "in",
                             &(sf_consumed){.key = &sf_string_serde, .value = &sf_string_serde});
}

static sf_status each_letter(void *user, sf_context *context, const sf_record *in, sf_error *err)
{
    sf_status status = SF_OK;

    (void)user;
    for (size_t i = 0; i < in->value.size && !status; i++) {
        sf_record out = *in;

        out.value = sf_bytes_of(in->value.data + i, 1);
        status = sf_context_forward(context, &out, err);
    }
    return status;
}

static sf_status look(void *user, const sf_record *record, sf_error *err)
{
    (void)record;
    (void)err;
    ++*(size_t *)user;
    return SF_OK;
}

static void a_chain_without_state(void **state)
{
    fixture *f = fixture_new();
    char letter[] = "a", suffix[] = "!";
    size_t seen = 0;
    sf_stream *stream = sf_stream_filter(texts(f), driven_begins_with, letter);
    sf_branch branches[2] = {{driven_begins_with, letter}, {NULL, NULL}};
    sf_stream *split[2];

    (void)state;
    stream = sf_stream_map_values(stream, driven_with_suffix, suffix);
    stream = sf_stream_flat_map_values(stream, each_letter, NULL);
    stream = sf_stream_peek(stream, look, &seen);
    sf_stream_split(stream, branches, 2, split);
    sf_stream_to(sf_stream_map(split[0], driven_first_letter, NULL), "first");
    sf_stream_to(sf_stream_merge(split[1], split[0]), "all");
    fixture_start(f);

    assert_no_allocations(f);
    assert_int_equal(seen, 4 * ROUNDS * RECORDS);
    assert_int_equal(f->sent, 5 * ROUNDS * RECORDS);
    fixture_free(f);
}

static sf_status add_length(void *user, sf_arena *arena, const sf_record *record,
                            sf_bytes *aggregate, sf_error *err)
{
    (void)user;
    (void)err;
    *aggregate =
        sf_bytes_from_int64(sf_bytes_to_int64(*aggregate) + (int64_t)record->value.size, arena);
    return SF_OK;
}

static sf_status keep_newest(void *user, sf_arena *arena, const sf_record *record,
                             sf_bytes *aggregate, sf_error *err)
{
    (void)user;
    (void)arena;
    (void)err;
    *aggregate = record->value;
    return SF_OK;
}

static void aggregates_that_wait_for_the_commit(void **state)
{
    fixture *f = fixture_new();
    sf_grouped *grouped = sf_stream_group_by_key(texts(f), NULL);
    sf_aggregation lengths = {.add = add_length};
    sf_table *counts = sf_grouped_count(grouped, "counts");

    (void)state;
    sf_grouped_aggregate(grouped, &lengths,
                         &(sf_materialized){.name = "lengths", .value = &sf_int64_serde});
    sf_grouped_reduce(grouped, keep_newest, NULL, &(sf_materialized){.name = "newest"});
    sf_stream_to(sf_table_to_stream(counts), "counts-out");
    fixture_start(f);

    assert_no_allocations(f);
    assert_int_equal(f->sent, ROUNDS * KEYS * 4); /* a result and three changes a key and commit */
    fixture_free(f);
}

static void windows_that_wait_for_the_commit(void **state)
{
    fixture *f = fixture_new();
    sf_grouped *grouped = sf_stream_group_by_key(texts(f), NULL);

    (void)state;
    sf_grouped_count(sf_grouped_windowed(grouped, (sf_window){.size_ms = 10, .advance_ms = 5}),
                     "windows");
    fixture_start(f);

    assert_no_allocations(f);
    fixture_free(f);
}

static void a_stream_that_meets_a_table(void **state)
{
    fixture *f = fixture_new();
    sf_table *rows;

    (void)state;
    rows = sf_stream_to_table(texts(f), &(sf_materialized){.name = "rows"});
    sf_stream_to(sf_stream_left_join_table(texts(f), rows, driven_pair, NULL, NULL), "out");
    fixture_start(f);

    assert_no_allocations(f);
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_without_state),
        cmocka_unit_test(aggregates_that_wait_for_the_commit),
        cmocka_unit_test(windows_that_wait_for_the_commit),
        cmocka_unit_test(a_stream_that_meets_a_table),
    };

    if (!COUNTS_ALLOCATIONS)
        puts("the sanitizer has an allocator of its own: allocations are not counted");
    return run_tests(tests);
}
