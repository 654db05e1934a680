/* task.c and its parts, driven as the runtime drives them, over a port that remembers. */
#include "task/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"

typedef struct bench {
    driven_topology *driven;
    sf_state *state;
    sf_state_commit *commit;
    sf_clock *clock;
    sf_task *task;
    char topics[8][64];
    size_t topic_count;
    char sent[1024]; /* "topic/partition:key=value ..." */
    size_t sends;
} bench;

/* ---- the port ---- */

static sf_status open_topic(void *user, const char *topic, size_t *number, sf_error *err)
{
    bench *at = user;

    (void)err;
    for (*number = 0; *number < at->topic_count; ++*number)
        if (!strcmp(at->topics[*number], topic))
            return SF_OK;
    (void)snprintf(at->topics[at->topic_count++], sizeof(at->topics[0]), "%s", topic);
    return SF_OK;
}

static sf_status send(void *user, const sf_output *outputs, size_t count, sf_error *err)
{
    bench *at = user;

    (void)err;
    at->sends++;
    for (size_t i = 0; i < count; i++) {
        const sf_record *record = &outputs[i].record;
        size_t length = strlen(at->sent);

        (void)snprintf(at->sent + length, sizeof(at->sent) - length, "%s/%d:%.*s=%.*s ",
                       at->topics[outputs[i].topic], outputs[i].partition, (int)record->key.size,
                       (const char *)record->key.data, (int)record->value.size,
                       record->value.data ? (const char *)record->value.data : "");
    }
    return SF_OK;
}

/* ---- batches ---- */

static void release(sf_record_batch *batch)
{
    free(batch);
}

/* One record a text, with offsets and timestamps from first on. */
static sf_record_batch *batch_of(int64_t first, size_t count, const char *const *values)
{
    sf_record_batch *batch = malloc(sizeof(*batch) + count * sizeof(sf_consumed_record));
    sf_consumed_record *records = (sf_consumed_record *)(void *)(batch + 1);

    assert_non_null(batch);
    for (size_t i = 0; i < count; i++)
        records[i] = (sf_consumed_record){{.key = sf_bytes_text("k"),
                                           .value = sf_bytes_text(values[i]),
                                           .timestamp = first + (int64_t)i},
                                          first + (int64_t)i};
    *batch = (sf_record_batch){records, count, first + (int64_t)count, release};
    return batch;
}

/* ---- the program: values go out, "stop" fails, "commit" asks for one, the newest is kept ---- */

static sf_status judge(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    sf_key_value_store *store = sf_context_key_value_store(context, "newest");
    sf_status status =
        sf_key_value_store_put(store, record->key, record->value, record->timestamp, err);

    (void)state;
    if (!status)
        status = sf_context_forward(context, record, err);
    if (!status && sf_bytes_equal(record->value, sf_bytes_text("stop")))
        return sf_fail(err, SF_IO, "stopped");
    if (sf_bytes_equal(record->value, sf_bytes_text("commit")))
        sf_context_request_commit(context);
    return status;
}

static void make_task(bench *at)
{
    sf_task_options options = {
        .topology = at->driven->topology,
        .partition = 3,
        .application_id = "app",
        .state = at->state,
        .output = {open_topic, send, at, 0},
        .clock = at->clock,
        .queue_records = 4,
        .max_idle_ms = -1,
    };

    assert_ok(sf_task_new(&options, &at->task, err));
}

static void start_at(bench *at, int64_t offset, const char *metadata)
{
    sf_task_start start = {offset, metadata};

    assert_ok(sf_task_start_work(at->task, &start, err));
}

static int set_up(void **state)
{
    static const sf_processor judging = {.process = judge};
    const char *const stores[] = {"newest", NULL};
    bench *at = calloc(1, sizeof(*at));
    sf_state_options options = {.application_id = "app", .instance_id = "one"};

    assert_non_null(at);
    at->driven = driven_new();
    sf_builder_add_store(at->driven->builder, &(sf_store_options){.name = "newest"});
    sf_stream_to(
        sf_stream_process(sf_builder_stream(at->driven->builder, "in", NULL), &judging, stores),
        "out");
    assert_ok(sf_builder_build(at->driven->builder, &at->driven->topology, err));
    at->clock = sf_clock_manual_new(0);
    assert_ok(sf_state_open(&options, &at->state, err));
    at->commit = sf_state_commit_new(at->state);
    make_task(at);
    start_at(at, 10, NULL);
    *state = at;
    return 0;
}

static int tear_down(void **state)
{
    bench *at = *state;

    sf_task_free(at->task);
    sf_state_commit_free(at->commit);
    sf_state_close(at->state);
    sf_clock_manual_free(at->clock);
    driven_free(at->driven);
    free(at);
    return 0;
}

static size_t process(bench *at, size_t max)
{
    size_t processed;

    assert_ok(sf_task_process(at->task, max, &processed, err));
    return processed;
}

static void commit(bench *at)
{
    sf_state_commit_clear(at->commit);
    assert_ok(sf_task_flush(at->task, at->commit, err));
    sf_task_set_changelog_position(at->task, 0, 77);
    assert_ok(sf_task_finish(at->task, at->commit, err));
    assert_ok(sf_state_commit_write(at->commit, err));
    sf_task_committed(at->task);
}

/* ---- what it is ---- */

static void a_task_names_its_inputs_and_changelogs(void **state)
{
    bench *at = *state;

    assert_string_equal(sf_task_id(at->task), "0_3");
    assert_int_equal(sf_task_input_count(at->task), 1);
    assert_string_equal(sf_task_input_topic(at->task, 0), "in");
    assert_int_equal(sf_task_stored_position(at->task, 0), -1);
    assert_int_equal(sf_task_changelog_count(at->task), 1);
    assert_string_equal(sf_task_changelog_at(at->task, 0)->topic, "app-newest-changelog");
    assert_int_equal(sf_task_changelog_at(at->task, 0)->position, -1);
}

static void the_position_of_a_changelog_never_goes_back(void **state)
{
    bench *at = *state;

    sf_task_set_changelog_position(at->task, 0, 12);
    sf_task_set_changelog_position(at->task, 0, 2); /* what a producer remembers of earlier times */
    assert_int_equal(sf_task_changelog_at(at->task, 0)->position, 12);

    sf_task_set_changelog_position(at->task, 0, 15);
    assert_int_equal(sf_task_changelog_at(at->task, 0)->position, 15);
}

/* ---- work ---- */

static void many_records_leave_in_one_sending(void **state)
{
    bench *at = *state;

    sf_task_push(at->task, 0, batch_of(10, 3, (const char *[]){"a", "b", "c"}));
    assert_true(sf_task_can_process(at->task));
    assert_int_equal(sf_task_next_time(at->task), 10);
    assert_int_equal(process(at, 100), 3);

    assert_string_equal(at->sent, "out/-1:k=a out/-1:k=b out/-1:k=c ");
    assert_int_equal(at->sends, 1);
    assert_int_equal(sf_task_position(at->task, 0), 13);
    assert_false(sf_task_can_process(at->task));
    assert_true(sf_task_has_uncommitted(at->task));
}

static void a_full_queue_wants_no_more(void **state)
{
    bench *at = *state;

    sf_task_push(at->task, 0, batch_of(10, 3, (const char *[]){"a", "b", "c"}));
    assert_true(sf_task_wants(at->task, 0));
    sf_task_push(at->task, 0, batch_of(13, 1, (const char *[]){"d"}));
    assert_false(sf_task_wants(at->task, 0));
    assert_int_equal(process(at, 1), 1);

    assert_true(sf_task_wants(at->task, 0));
}

static void processing_ends_behind_the_record_that_adds_too_many_bytes(void **state)
{
    bench *at = *state;

    sf_task_set_step_bytes(at->task, 1);
    sf_task_push(at->task, 0, batch_of(10, 3, (const char *[]){"a", "b", "c"}));

    assert_int_equal(process(at, 100), 1); /* it makes the row */
    assert_int_equal(process(at, 100), 2); /* the others take its place */
}

static void a_commit_that_is_asked_for_comes_before_more_records(void **state)
{
    bench *at = *state;

    sf_task_push(at->task, 0, batch_of(10, 3, (const char *[]){"a", "commit", "c"}));
    assert_int_equal(process(at, 100), 2);
    assert_true(sf_task_commit_requested(at->task));
    assert_int_equal(process(at, 100), 0);
    commit(at);

    assert_false(sf_task_commit_requested(at->task));
    assert_int_equal(process(at, 100), 1);
}

/* ---- commit, abort, again ---- */

static void a_commit_sends_changes_with_their_time_to_its_own_partition(void **state)
{
    bench *at = *state;

    sf_task_push(at->task, 0, batch_of(10, 2, (const char *[]){"a", "b"}));
    process(at, 100);
    at->sent[0] = 0;
    commit(at);

    assert_memory_equal(at->sent, "app-newest-changelog/3:k=", 25);
    assert_null(strstr(at->sent + 25, "changelog")); /* once a key */
    assert_int_equal(sf_task_changelog_at(at->task, 0)->position, 77);
    assert_false(sf_task_has_uncommitted(at->task));
    assert_int_equal(sf_task_dirty_bytes(at->task), 0);
}

static void positions_are_found_again_by_the_next_task(void **state)
{
    bench *at = *state;
    sf_buffer metadata = SF_BUFFER_EMPTY;

    sf_task_push(at->task, 0, batch_of(10, 2, (const char *[]){"a", "b"}));
    process(at, 100);
    commit(at);
    sf_task_metadata(at->task, 0, &metadata);
    assert_true(metadata.size > 2 && metadata.size <= 4096);
    sf_task_free(at->task);
    make_task(at);

    assert_int_equal(sf_task_stored_position(at->task, 0), 12);
    assert_int_equal(sf_task_changelog_at(at->task, 0)->position, 77);
    start_at(at, 12, sf_buffer_text(&metadata));
    assert_int_equal(sf_task_position(at->task, 0), 12);
    sf_buffer_done(&metadata);
}

static void times_come_back_from_the_state_alone(void **state)
{
    bench *at = *state;
    sf_buffer before = SF_BUFFER_EMPTY, after = SF_BUFFER_EMPTY;

    sf_task_push(at->task, 0, batch_of(10, 2, (const char *[]){"a", "b"}));
    process(at, 100);
    commit(at);
    sf_task_metadata(at->task, 0, &before);
    sf_task_free(at->task);
    make_task(at);
    start_at(at, 12, NULL); /* the group has forgotten them */
    sf_task_metadata(at->task, 0, &after);

    assert_string_equal(sf_buffer_text(&after), sf_buffer_text(&before));
    assert_non_null(strstr(sf_buffer_text(&after), ":b;")); /* 11, the largest */
    sf_buffer_done(&before);
    sf_buffer_done(&after);
}

static void an_abort_drops_what_was_not_sent_and_goes_back(void **state)
{
    bench *at = *state;
    size_t processed;
    sf_error why;

    sf_task_push(at->task, 0, batch_of(10, 1, (const char *[]){"a"}));
    process(at, 100);
    commit(at);
    at->sent[0] = 0;
    sf_task_push(at->task, 0, batch_of(11, 2, (const char *[]){"b", "stop"}));
    assert_int_equal(sf_task_process(at->task, 100, &processed, &why), SF_STOP);
    assert_string_equal(why.text, "stopped");
    sf_task_abort(at->task);
    assert_int_equal(sf_task_position(at->task, 0), 11);
    assert_ok(sf_task_start_work(at->task, NULL, err));
    sf_task_push(at->task, 0, batch_of(11, 1, (const char *[]){"c"}));
    process(at, 100);

    assert_string_equal(at->sent, "out/-1:k=c ");
    assert_false(sf_task_can_process(at->task));
}

/* ---- restore ---- */

static void a_restored_store_has_the_changelogs_rows_and_position(void **state)
{
    bench *at = *state;
    const char *const logged[] = {"\1\1\1\1\1\1\1\1old", "\1\1\1\1\1\1\1\1new"};
    sf_record_batch *batch = batch_of(0, 2, logged);
    sf_stored stored;

    sf_task_free(at->task);
    make_task(at);
    assert_ok(sf_task_restore(at->task, 0, batch, err));
    batch->release(batch);
    assert_int_equal(sf_task_changelog_at(at->task, 0)->position, 2);
    assert_ok(sf_task_restored_to(at->task, 0, 9, err));
    assert_int_equal(sf_task_changelog_at(at->task, 0)->position, 9);
    start_at(at, 10, NULL);
    assert_ok(sf_key_value_store_get(
        sf_store_as_key_value(sf_task_stores_find(sf_task_stores_of(at->task), "newest")),
        sf_bytes_text("k"), &stored, err));

    assert_bytes(stored.value, "new");
}

/* As after a kill: another task on the same state. */
static void make_task_anew(bench *at)
{
    sf_task_free(at->task);
    make_task(at);
}

static void restore_values(bench *at, int64_t first, size_t count, const char *const *values)
{
    sf_record_batch *batch = batch_of(first, count, values);

    assert_ok(sf_task_restore(at->task, 0, batch, err));
    batch->release(batch);
}

static void assert_newest(bench *at, const char *expected)
{
    sf_stored stored;

    assert_ok(sf_key_value_store_get(
        sf_store_as_key_value(sf_task_stores_find(sf_task_stores_of(at->task), "newest")),
        sf_bytes_text("k"), &stored, err));
    assert_bytes(stored.value, expected);
}

static void a_load_has_a_position_where_it_began_until_it_is_full(void **state)
{
    enum { MANY_BYTES = 1 << 20 };
    bench *at = *state;
    const char *const early[] = {"\1\1\1\1\1\1\1\1old", "\1\1\1\1\1\1\1\1new"};
    const char *const late[] = {"\1\1\1\1\1\1\1\1newer"};

    make_task_anew(at);
    assert_true(sf_task_can_load(at->task, 0));
    assert_ok(sf_task_begin_load(at->task, 0, 5, MANY_BYTES, err));
    restore_values(at, 5, 2, early);
    assert_int_equal(sf_task_changelog_at(at->task, 0)->position, 5);

    make_task_anew(at);
    assert_int_equal(sf_task_changelog_at(at->task, 0)->position, 5);
    assert_ok(sf_task_begin_load(at->task, 0, 5, 1, err));
    restore_values(at, 5, 2, early);
    assert_int_equal(sf_task_changelog_at(at->task, 0)->position, 7);

    make_task_anew(at);
    assert_int_equal(sf_task_changelog_at(at->task, 0)->position, 7);
    assert_ok(sf_task_begin_load(at->task, 0, 7, MANY_BYTES, err));
    restore_values(at, 7, 1, late);
    assert_ok(sf_task_restored_to(at->task, 0, 9, err));
    assert_int_equal(sf_task_changelog_at(at->task, 0)->position, 9);

    make_task_anew(at);
    assert_int_equal(sf_task_changelog_at(at->task, 0)->position, 9);
    start_at(at, 10, NULL);
    assert_newest(at, "newer");
}

static void a_load_of_a_store_that_is_cleared_is_dropped(void **state)
{
    enum { MANY_BYTES = 1 << 20 };
    bench *at = *state;

    make_task_anew(at);
    assert_ok(sf_task_begin_load(at->task, 0, 0, MANY_BYTES, err));
    restore_values(at, 0, 1, (const char *const[]){"\1\1\1\1\1\1\1\1gone"});
    assert_ok(sf_task_clear(at->task, 0, err));
    assert_ok(sf_task_restored_to(at->task, 0, 4, err));
    start_at(at, 10, NULL);

    assert_newest(at, NULL);
}

static void a_cleared_store_knows_of_no_changelog(void **state)
{
    bench *at = *state;
    sf_stored stored;

    sf_task_push(at->task, 0, batch_of(10, 1, (const char *[]){"a"}));
    process(at, 100);
    commit(at);
    sf_task_free(at->task);
    make_task(at);
    assert_ok(sf_task_clear(at->task, 0, err));
    assert_int_equal(sf_task_changelog_at(at->task, 0)->position, -1);
    start_at(at, 11, NULL);
    assert_ok(sf_key_value_store_get(
        sf_store_as_key_value(sf_task_stores_find(sf_task_stores_of(at->task), "newest")),
        sf_bytes_text("k"), &stored, err));

    assert_true(sf_bytes_is_null(stored.value));
}

#define case_of(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        case_of(a_task_names_its_inputs_and_changelogs),
        case_of(the_position_of_a_changelog_never_goes_back),
        case_of(many_records_leave_in_one_sending),
        case_of(a_full_queue_wants_no_more),
        case_of(processing_ends_behind_the_record_that_adds_too_many_bytes),
        case_of(a_commit_that_is_asked_for_comes_before_more_records),
        case_of(a_commit_sends_changes_with_their_time_to_its_own_partition),
        case_of(positions_are_found_again_by_the_next_task),
        case_of(times_come_back_from_the_state_alone),
        case_of(an_abort_drops_what_was_not_sent_and_goes_back),
        case_of(a_restored_store_has_the_changelogs_rows_and_position),
        case_of(a_load_has_a_position_where_it_began_until_it_is_full),
        case_of(a_load_of_a_store_that_is_cleared_is_dropped),
        case_of(a_cleared_store_knows_of_no_changelog),
    };

    return run_tests(tests);
}
