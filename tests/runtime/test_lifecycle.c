/* What can be done with an application while it runs: threads that fail are replaced, it is paused, its
 * start is called off, its close has a limit, its restores are told. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include <stateful/runtime_metrics.h>

#include "check.h"
#include "support/judging_topology.h"
#include "support/runtime_fixture.h"
#include "support/state_directory_fixture.h"

enum { COUNT = 100, MARK = 77777, PATIENCE_MS = 30000 };

static void feed_one(runtime_fixture *fixture, int64_t value)
{
    number_writer *writer = number_writer_open(fixture->broker);

    number_write(writer, "in", "k", value, 1);
    number_writer_flush(writer);
    number_writer_close(writer);
}

static void make(runtime_fixture *fixture)
{
    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &fixture->streams, err));
}

static void start(runtime_fixture *fixture)
{
    assert_ok(sf_streams_start(fixture->streams, err));
    assert_true(sf_streams_wait(fixture->streams, SF_STREAMS_RUNNING, PATIENCE_MS));
}

static void drop(runtime_fixture *fixture)
{
    sf_streams_free(fixture->streams);
    fixture->streams = NULL;
}

/* ---- failures ---- */

typedef struct failure_handler {
    sf_failure_answer answer;
    atomic_int asked;
    char text[SF_ERROR_TEXT_SIZE]; /* of the last failure; to be read after the end */
} failure_handler;

static sf_failure_answer answer(void *user, size_t thread, const sf_error *error)
{
    failure_handler *handler = user;

    (void)thread;
    atomic_fetch_add(&handler->asked, 1);
    memcpy(handler->text, error->text, sizeof(handler->text));
    return handler->answer;
}

static void a_thread_that_fails_is_replaced(void **test)
{
    number_judge judge = {.number = MARK, .failures = 2};
    runtime_fixture *fixture =
        runtime_fixture_new("memory:", judging_topology("in", "out", &judge));
    failure_handler handler = {.answer = SF_REPLACE_THREAD};

    (void)test;
    make(fixture);
    sf_streams_set_failure_handler(fixture->streams, answer, &handler);
    start(fixture);
    sums_app_feed(fixture->broker, "in", 1, COUNT);
    feed_one(fixture, MARK);
    sums_app_feed(fixture->broker, "in", 2, COUNT);
    numbers_wait(fixture->broker, "out", 2 * COUNT + 1);
    assert_true(sf_streams_wait(fixture->streams, SF_STREAMS_RUNNING, PATIENCE_MS));
    assert_int_equal(sums_app_counters(fixture->streams).replacements, 2);
    runtime_fixture_stop(fixture);

    assert_int_equal(atomic_load(&handler.asked), 2);
    assert_non_null(strstr(handler.text, "the judge refuses"));
    assert_int_equal(numbers_count(fixture->broker, "out"), 2 * COUNT + 1); /* once each */
    runtime_fixture_free(fixture);
}

static void ends_by(sf_failure_answer said)
{
    number_judge judge = {.number = MARK, .failures = 1};
    runtime_fixture *fixture =
        runtime_fixture_new("memory:", judging_topology("in", "out", &judge));
    failure_handler handler = {.answer = said};
    sf_error error;

    make(fixture);
    sf_streams_set_failure_handler(fixture->streams, answer, &handler);
    start(fixture);
    feed_one(fixture, MARK);
    assert_true(sf_streams_wait(fixture->streams, SF_STREAMS_ERROR, PATIENCE_MS));

    assert_true(sf_streams_error(fixture->streams, &error));
    assert_ok(sf_streams_close(fixture->streams, -1, err));
    assert_string_equal(error.text, handler.text);
    assert_int_equal(atomic_load(&handler.asked), 1);
    drop(fixture);
    runtime_fixture_free(fixture);
}

static void a_failure_shuts_the_instance_down_if_the_handler_says_so(void **test)
{
    (void)test;
    ends_by(SF_SHUT_DOWN_INSTANCE);
    ends_by(SF_SHUT_DOWN_APPLICATION); /* there is only one on a journal */
}

static void a_close_ends_the_pause_before_a_replacement(void **test)
{
    number_judge judge = {.number = MARK, .failures = 1000000};
    runtime_fixture *fixture =
        runtime_fixture_new("memory:", judging_topology("in", "out", &judge));
    failure_handler handler = {.answer = SF_REPLACE_THREAD};

    (void)test;
    make(fixture);
    sf_streams_set_failure_handler(fixture->streams, answer, &handler);
    start(fixture);
    feed_one(fixture, MARK);
    while (atomic_load(&handler.asked) < 2)
        (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL); /* shorter is fine */
    assert_ok(sf_streams_close(fixture->streams, -1, err));

    assert_int_equal(sf_streams_state(fixture->streams), SF_STREAMS_NOT_RUNNING);
    drop(fixture);
    runtime_fixture_free(fixture);
}

/* ---- pause ---- */

static int64_t lag(const runtime_fixture *fixture, uint64_t *buffered)
{
    sf_arena *arena = sf_arena_new();
    sf_runtime_metrics metrics;
    int64_t sum = 0;

    *buffered = 0;
    sf_streams_metrics(fixture->streams, arena, &metrics);
    for (size_t i = 0; i < metrics.threads[0].task_count; i++) {
        for (size_t k = 0; k < metrics.threads[0].tasks[i].input_count; k++) {
            sum += metrics.threads[0].tasks[i].inputs[k].lag;
            *buffered += metrics.threads[0].tasks[i].inputs[k].buffered;
        }
    }
    sf_arena_free(arena);
    return sum;
}

/* Until the thread has seen that so many records are there, and left them. */
static void wait_until_left(const runtime_fixture *fixture, int64_t count)
{
    int64_t end = sf_clock_now_ms(sf_clock_system()) + PATIENCE_MS;
    uint64_t buffered = 0;

    while (lag(fixture, &buffered) < count) {
        if (sf_clock_now_ms(sf_clock_system()) > end)
            fail_msg("the records were never seen");
        (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL); /* shorter is fine */
    }
    assert_int_equal(buffered, 0);
}

static void a_paused_application_leaves_its_inputs_alone(const char *kind)
{
    runtime_fixture *fixture = runtime_fixture_new(kind, sums_topology("in", "out"));

    make(fixture);
    sf_streams_pause(fixture->streams);
    start(fixture);
    sums_app_feed(fixture->broker, "in", 1, COUNT);
    wait_until_left(fixture, COUNT);
    assert_true(sf_streams_is_paused(fixture->streams));
    assert_int_equal(sums_app_counters(fixture->streams).processed, 0);

    sf_streams_resume(fixture->streams);
    assert_false(sf_streams_is_paused(fixture->streams));
    runtime_fixture_check(fixture, COUNT);
    sf_streams_pause(fixture->streams);
    sf_streams_pause(fixture->streams); /* once is enough */
    sums_app_check_view(fixture->streams, fixture->broker, "in");
    sf_streams_resume(fixture->streams);
    sums_app_feed(fixture->broker, "in", 2, COUNT);
    runtime_fixture_check(fixture, 2 * COUNT);
    runtime_fixture_free(fixture);
}

static void a_paused_application_leaves_its_inputs_alone_on_both_journals(void **test)
{
    (void)test;
    a_paused_application_leaves_its_inputs_alone("memory:");
    a_paused_application_leaves_its_inputs_alone("file:");
}

static void a_paused_application_can_be_closed(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));

    (void)test;
    runtime_fixture_start(fixture);
    sf_streams_pause(fixture->streams);
    sums_app_feed(fixture->broker, "in", 1, COUNT);
    runtime_fixture_stop(fixture);

    runtime_fixture_start(fixture);
    runtime_fixture_check(fixture, COUNT);
    runtime_fixture_free(fixture);
}

/* ---- start and close ---- */

typedef struct start_beside {
    sf_streams *streams;
    sf_status status;
    sf_error error;
} start_beside;

static void *start_it(void *user)
{
    start_beside *starting = user;

    starting->status = sf_streams_start(starting->streams, &starting->error);
    return NULL;
}

/* Nobody listens there. */
static void a_start_that_waits_for_a_broker_is_called_off_by_a_close(void **test)
{
    char *directory = sf_test_directory_make();
    sf_topology *topology = sums_topology("in", "out");
    start_beside starting = {.status = SF_OK};
    const sf_config config = {
        .application_id = "app",
        .bootstrap_servers = "127.0.0.1:1",
        .state_dir = directory,
        .task_timeout_ms = -1,
    };
    pthread_t thread;

    (void)test;
    assert_ok(sf_streams_new(topology, &config, &starting.streams, err));
    assert_int_equal(pthread_create(&thread, NULL, start_it, &starting), 0);
    while (
        sf_streams_close(starting.streams, 1, NULL)) /* with a limit: it may have to be repeated */
        continue;
    assert_int_equal(pthread_join(thread, NULL), 0);

    assert_int_not_equal(starting.status, SF_OK);
    assert_int_equal(starting.error.code, SF_CLOSED);
    assert_non_null(strstr(starting.error.text, "closed"));
    assert_int_equal(sf_streams_state(starting.streams), SF_STREAMS_NOT_RUNNING);
    assert_int_equal(sf_streams_start(starting.streams, NULL), SF_STOP);
    sf_streams_free(starting.streams);
    sf_topology_free(topology);
    sf_test_directory_remove(directory);
}

static void a_close_gives_up_in_time_and_can_be_repeated(void **test)
{
    number_judge judge = {.number = MARK, .holds = true};
    runtime_fixture *fixture;
    sf_error error = {0};

    (void)test;
    assert_int_equal(sem_init(&judge.held, 0, 0), 0);
    assert_int_equal(sem_init(&judge.go, 0, 0), 0);
    fixture = runtime_fixture_new("memory:", judging_topology("in", "out", &judge));
    runtime_fixture_start(fixture);
    feed_one(fixture, MARK);
    assert_int_equal(sem_wait(&judge.held), 0);

    assert_int_equal(sf_streams_close(fixture->streams, 5, &error), SF_RETRY);
    assert_int_equal(error.code, SF_TIMED_OUT);
    assert_int_equal(sf_streams_state(fixture->streams), SF_STREAMS_PENDING_SHUTDOWN);
    assert_int_equal(sem_post(&judge.go), 0);
    assert_ok(sf_streams_close(fixture->streams, -1, err));
    assert_int_equal(sf_streams_state(fixture->streams), SF_STREAMS_NOT_RUNNING);
    drop(fixture);
    assert_int_equal(numbers_count(fixture->broker, "out"), 1); /* what was done is committed */
    runtime_fixture_free(fixture);
    (void)sem_destroy(&judge.held);
    (void)sem_destroy(&judge.go);
}

/* ---- restore ---- */

typedef struct heard_restores {
    atomic_int began, advanced, ended;
    atomic_ullong records;
    atomic_bool was_strange;
} heard_restores;

static bool is_plain(const sf_restore_progress *at)
{
    return !strcmp(at->store, "sums") && !strcmp(at->topic, "app-sums-changelog") &&
           at->begin <= at->position && at->position <= at->end && at->elapsed_ms >= 0 &&
           at->left_ms >= -1;
}

static void on_began(void *user, const sf_restore_progress *progress)
{
    heard_restores *heard = user;

    atomic_fetch_add(&heard->began, 1);
    if (!is_plain(progress) || progress->position != progress->begin || progress->records)
        atomic_store(&heard->was_strange, true);
}

static void on_advanced(void *user, const sf_restore_progress *progress)
{
    heard_restores *heard = user;

    atomic_fetch_add(&heard->advanced, 1);
    if (!is_plain(progress) || !progress->records)
        atomic_store(&heard->was_strange, true);
}

static void on_ended(void *user, const sf_restore_progress *progress)
{
    heard_restores *heard = user;

    atomic_fetch_add(&heard->ended, 1);
    atomic_fetch_add(&heard->records, progress->records);
    if (!is_plain(progress) || progress->position != progress->end || progress->left_ms != 0)
        atomic_store(&heard->was_strange, true);
}

static void a_restore_is_told_from_its_beginning_to_its_end(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    heard_restores heard = {0};
    const sf_restore_listener listener = {
        .began = on_began, .advanced = on_advanced, .ended = on_ended, .user = &heard};

    (void)test;
    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 1, COUNT);
    runtime_fixture_check(fixture, COUNT);
    runtime_fixture_stop(fixture);
    runtime_fixture_lose_state(fixture);
    make(fixture);
    sf_streams_set_restore_listener(fixture->streams, &listener);
    start(fixture);

    assert_int_equal(atomic_load(&heard.began), 2); /* partitions */
    assert_int_equal(atomic_load(&heard.ended), 2);
    assert_true(atomic_load(&heard.advanced) >= 2);
    assert_int_equal(atomic_load(&heard.records), sums_app_counters(fixture->streams).restored);
    assert_false(atomic_load(&heard.was_strange));
    runtime_fixture_free(fixture);
}

/* ---- what is not needed any more ---- */

static int64_t purged_up_to(const runtime_fixture *fixture)
{
    int64_t sum = 0;

    for (int32_t p = 0; p < 2; p++) {
        sf_watermarks marks;

        assert_ok(
            sf_broker_watermarks(fixture->broker, "app-by-digit-repartition", p, &marks, err));
        sum += marks.low;
    }
    return sum;
}

static void records_of_a_repartition_topic_go_once_they_are_processed(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", digit_sums_topology("in", "out"));
    int64_t end = sf_clock_now_ms(sf_clock_system()) + PATIENCE_MS;

    (void)test;
    fixture->config.repartition_purge_interval_ms = 1;
    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 1, COUNT);
    numbers_wait(fixture->broker, "out", COUNT);
    while (purged_up_to(fixture) < COUNT) {
        if (sf_clock_now_ms(sf_clock_system()) > end)
            fail_msg("the repartition topic was never purged");
        (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL); /* shorter is fine */
    }
    sums_app_feed(fixture->broker, "in", 2, COUNT);
    numbers_wait(fixture->broker, "out", 2 * COUNT);
    runtime_fixture_stop(fixture);
    assert_int_equal(numbers_count(fixture->broker, "out"), 2 * COUNT);

    runtime_fixture_start(fixture); /* and goes on behind it */
    sums_app_feed(fixture->broker, "in", 3, COUNT);
    numbers_wait(fixture->broker, "out", 3 * COUNT);
    runtime_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_that_fails_is_replaced),
        cmocka_unit_test(a_failure_shuts_the_instance_down_if_the_handler_says_so),
        cmocka_unit_test(a_close_ends_the_pause_before_a_replacement),
        cmocka_unit_test(a_paused_application_leaves_its_inputs_alone_on_both_journals),
        cmocka_unit_test(a_paused_application_can_be_closed),
        cmocka_unit_test(a_start_that_waits_for_a_broker_is_called_off_by_a_close),
        cmocka_unit_test(a_close_gives_up_in_time_and_can_be_repeated),
        cmocka_unit_test(a_restore_is_told_from_its_beginning_to_its_end),
        cmocka_unit_test(records_of_a_repartition_topic_go_once_they_are_processed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
