/* The whole runtime on the embedded journal: what comes out, and how it starts and ends. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "check.h"
#include "runtime/streams_implementation.h"
#include "support/runtime_fixture.h"

static void sums_come_out_once_each(const char *kind)
{
    runtime_fixture *fixture = runtime_fixture_new(kind, sums_topology("in", "out"));

    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 1, 500);
    runtime_fixture_check(fixture, 500);

    sums_app_check_view(fixture->streams, fixture->broker, "in");
    assert_int_equal(sums_app_counters(fixture->streams).processed, 500);
    runtime_fixture_free(fixture);
}

static void sums_come_out_once_each_on_the_journal_in_memory(void **test)
{
    (void)test;
    sums_come_out_once_each("memory:");
}

static void sums_come_out_once_each_on_the_journal_on_disk(void **test)
{
    (void)test;
    sums_come_out_once_each("file:");
}

static void gaps_between_offsets_change_nothing(void **test)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));

        (void)test;
        sf_broker_close(fixture->broker);
        assert_ok(sf_broker_connect("memory:", &(sf_broker_options){.random_gaps = seed},
                                    &fixture->broker, err));
        fixture->config.broker = fixture->broker;
        numbers_topic(fixture->broker, "in", 2);
        for (uint64_t round = 1; round <= 3; round++) {
            sums_app_feed(fixture->broker, "in", seed * round, 200);
            runtime_fixture_start(fixture);
            numbers_wait(fixture->broker, "out", round * 200);
            runtime_fixture_stop(fixture);
        }
        runtime_fixture_check(fixture, 600);
        runtime_fixture_free(fixture);
    }
}

static void several_threads_share_the_tasks(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("many", "out"));

    (void)test;
    numbers_topic(fixture->broker, "many", 7);
    fixture->config.num_stream_threads = 3;
    runtime_fixture_start(fixture);
    assert_int_equal(sums_app_counters(fixture->streams).tasks, 7);
    sums_app_feed(fixture->broker, "many", 2, 2000);
    numbers_wait(fixture->broker, "out", 2000);

    sums_app_check(fixture->broker, "many", "out");
    sums_app_check_view(fixture->streams, fixture->broker, "many");
    runtime_fixture_free(fixture);
}

/* The largest of the running sums that came out under a key is its sum: all numbers are above 0. */
static int64_t last_of(const number_list *list, const char *key)
{
    int64_t most = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (!strcmp(list->items[i].key, key) && list->items[i].value > most)
            most = list->items[i].value;
    }
    return most;
}

static int64_t sum_of_digit(const number_list *list, int64_t digit)
{
    int64_t sum = 0;

    for (size_t i = 0; i < list->count; i++)
        sum += list->items[i].value % 10 == digit ? list->items[i].value : 0;
    return sum;
}

static void check_digits(runtime_fixture *fixture)
{
    number_list in = numbers_read(fixture->broker, "in");
    number_list out = numbers_read(fixture->broker, "out");

    assert_int_equal(out.count, in.count);
    for (int64_t digit = 0; digit < 10; digit++) {
        char key[2] = {(char)('0' + digit), 0};

        assert_int_equal(last_of(&out, key), sum_of_digit(&in, digit));
    }
    number_list_free(in);
    number_list_free(out);
}

static void records_pass_a_repartition_topic_once_each(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("file:", digit_sums_topology("in", "out"));

    (void)test;
    fixture->config.num_stream_threads = 2;
    for (size_t round = 1; round <= 3; round++) {
        runtime_fixture_start(fixture);
        sums_app_feed(fixture->broker, "in", round, 300);
        numbers_wait(fixture->broker, "out", round * 300);
        runtime_fixture_stop(fixture);
        check_digits(fixture);
    }
    runtime_fixture_free(fixture);
}

static void an_idle_thread_commits_at_once(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));

    (void)test;
    fixture->config.commit_interval_ms = 800 * 1000; /* longer than this test may take */
    fixture->config.transaction_timeout_ms = 900 * 1000;
    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 3, 50);
    numbers_wait(fixture->broker, "out", 50); /* nothing is seen before its commit */

    sums_app_check_view(fixture->streams, fixture->broker, "in");
    runtime_fixture_free(fixture);
}

static void a_clean_stop_commits_what_was_done(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("file:", sums_topology("in", "out"));

    (void)test;
    fixture->config.commit_min_interval_ms = fixture->config.commit_interval_ms = 800 * 1000;
    fixture->config.transaction_timeout_ms = 900 * 1000;
    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 5, 200);
    while (sums_app_counters(fixture->streams).processed < 200)
        (void)sf_streams_wait(fixture->streams, SF_STREAMS_ERROR, 5);
    assert_int_equal(numbers_count(fixture->broker, "out"), 0); /* not yet committed */
    runtime_fixture_stop(fixture);

    sums_app_check(fixture->broker, "in", "out");
    fixture->config.commit_min_interval_ms = fixture->config.commit_interval_ms = 0;
    runtime_fixture_start(fixture);
    assert_int_equal(sums_app_counters(fixture->streams).restored, 0);
    runtime_fixture_free(fixture);
}

/* ---- states ---- */

static void note_state(void *user, sf_run_state now, sf_run_state before)
{
    char *text = user;

    (void)before;
    strcat(text, sf_run_state_name(now));
    strcat(text, " ");
}

static void its_listener_hears_of_each_state(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    char heard[200] = "";
    sf_streams *streams;

    (void)test;
    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &streams, err));
    assert_int_equal(sf_streams_state(streams), SF_STREAMS_CREATED);
    sf_streams_set_listener(streams, note_state, heard);
    assert_ok(sf_streams_start(streams, err));
    assert_true(sf_streams_wait(streams, SF_STREAMS_RUNNING, 30000));
    assert_ok(sf_streams_close(streams, -1, err));
    assert_string_equal(heard, "REBALANCING RUNNING PENDING_SHUTDOWN NOT_RUNNING ");
    sf_streams_free(streams);
    runtime_fixture_free(fixture);
}

/* What a listener was told last. */
typedef struct heard_commits {
    const sf_streams *streams;
    uint64_t count;
} heard_commits;

static void note_commits(void *user)
{
    heard_commits *heard = user;

    heard->count = sums_app_counters(heard->streams).commits;
}

static void its_listener_hears_of_commits_when_they_count(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    heard_commits heard = {0};
    sf_streams *streams;

    (void)test;
    sums_app_feed(fixture->broker, "in", 1, 500);
    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &streams, err));
    heard.streams = streams;
    sf_streams_set_commit_listener(streams, note_commits, &heard);
    assert_ok(sf_streams_start(streams, err));
    while (sums_app_counters(streams).processed < 500)
        usleep(1000);
    assert_ok(sf_streams_close(streams, -1, err)); /* its thread has ended */
    assert_true(heard.count > 1);                  /* more than the positions before all records */
    assert_int_equal(heard.count, sums_app_counters(streams).commits);
    sf_streams_free(streams);
    runtime_fixture_free(fixture);
}

typedef struct seen_and_counted {
    runtime_fixture *fixture;
    size_t seen_most;
    bool was_ahead; /* more was seen than counted */
} seen_and_counted;

static sf_status compare(void *user, int step, sf_error *err)
{
    seen_and_counted *both = user;
    size_t seen = numbers_count(both->fixture->broker, "out");

    (void)step;
    (void)err;
    if (seen > both->seen_most)
        both->seen_most = seen;
    if (seen > sums_app_counters(both->fixture->streams).processed)
        both->was_ahead = true;
    return SF_OK;
}

static void what_is_seen_is_counted(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    seen_and_counted both = {.fixture = fixture};

    (void)test;
    sums_app_feed(fixture->broker, "in", 1, 500);
    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &fixture->streams, err));
    sf_streams_set_commit_hook(fixture->streams, compare, &both);
    assert_ok(sf_streams_start(fixture->streams, err));
    numbers_wait(fixture->broker, "out", 500);
    runtime_fixture_stop(fixture);
    assert_int_equal(both.seen_most, 500);
    assert_false(both.was_ahead);
    runtime_fixture_free(fixture);
}

static void it_starts_once(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    sf_error error;

    (void)test;
    runtime_fixture_start(fixture);
    assert_int_equal(sf_streams_start(fixture->streams, &error), SF_STOP);
    assert_int_equal(error.code, SF_INVALID);
    runtime_fixture_free(fixture);
}

static void what_was_never_started_can_be_freed(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("file:", sums_topology("in", "out"));
    sf_streams *streams;

    (void)test;
    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &streams, err));
    assert_ok(sf_streams_close(streams, 0, err));
    sf_streams_free(streams);
    runtime_fixture_free(fixture);
}

/* ---- refusals ---- */

static void a_missing_input_topic_is_named(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("nowhere", "out"));
    sf_streams *streams;
    sf_error error;

    (void)test;
    fixture->config.input_partitions = 0;
    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &streams, err));
    assert_int_equal(sf_streams_start(streams, &error), SF_STOP);
    assert_int_equal(error.code, SF_NOT_FOUND);
    assert_non_null(strstr(error.text, "nowhere"));
    sf_streams_free(streams);
    runtime_fixture_free(fixture);
}

static void an_internal_topic_with_other_partitions_is_refused_with_both_counts(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    sf_streams *streams;
    sf_error error;

    (void)test;
    numbers_topic(fixture->broker, "app-sums-changelog", 5);
    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &streams, err));
    assert_int_equal(sf_streams_start(streams, &error), SF_STOP);
    assert_string_equal(error.text,
                        "topic app-sums-changelog has 5 partitions, the application needs 2: "
                        "partition counts cannot change once it has run");
    sf_streams_free(streams);
    runtime_fixture_free(fixture);
}

static void a_second_instance_on_a_journal_is_told_of_kafka(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("file:", sums_topology("in", "out"));
    sf_config second = fixture->config;
    char *elsewhere = sf_text_printf("%s/second", fixture->directory);
    sf_streams *streams;
    sf_error error;

    (void)test;
    runtime_fixture_start(fixture);
    assert_int_equal(sf_streams_new(fixture->topology, &second, &streams, &error), SF_STOP);
    assert_int_equal(error.code, SF_BUSY); /* the same state directory */

    second.state_dir = elsewhere;
    assert_int_equal(sf_streams_new(fixture->topology, &second, &streams, &error), SF_STOP);
    assert_int_equal(error.code, SF_BUSY);
    assert_non_null(strstr(error.text, "Kafka"));
    free(elsewhere);
    runtime_fixture_free(fixture);
}

static void grown_inputs_are_refused_with_both_counts(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", digit_sums_topology("in", "out"));
    sf_streams *streams;
    sf_error error;

    (void)test;
    runtime_fixture_start(fixture);
    runtime_fixture_stop(fixture);
    assert_ok(sf_broker_delete_topic(fixture->broker, "in", err));
    numbers_topic(fixture->broker, "in", 3);
    assert_ok(sf_broker_delete_topic(fixture->broker, "app-by-digit-repartition", err));
    assert_ok(sf_broker_delete_topic(fixture->broker, "app-digit-sums-changelog", err));
    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &streams, err));
    assert_int_equal(sf_streams_start(streams, &error), SF_STOP);
    assert_non_null(strstr(error.text, "had 2 partitions"));
    assert_non_null(strstr(error.text, "have 3 now"));
    sf_streams_free(streams);
    runtime_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_come_out_once_each_on_the_journal_in_memory),
        cmocka_unit_test(sums_come_out_once_each_on_the_journal_on_disk),
        cmocka_unit_test(gaps_between_offsets_change_nothing),
        cmocka_unit_test(several_threads_share_the_tasks),
        cmocka_unit_test(records_pass_a_repartition_topic_once_each),
        cmocka_unit_test(an_idle_thread_commits_at_once),
        cmocka_unit_test(a_clean_stop_commits_what_was_done),
        cmocka_unit_test(its_listener_hears_of_each_state),
        cmocka_unit_test(its_listener_hears_of_commits_when_they_count),
        cmocka_unit_test(what_is_seen_is_counted),
        cmocka_unit_test(it_starts_once),
        cmocka_unit_test(what_was_never_started_can_be_freed),
        cmocka_unit_test(a_missing_input_topic_is_named),
        cmocka_unit_test(an_internal_topic_with_other_partitions_is_refused_with_both_counts),
        cmocka_unit_test(a_second_instance_on_a_journal_is_told_of_kafka),
        cmocka_unit_test(grown_inputs_are_refused_with_both_counts),
    };

    return run_tests(tests);
}
