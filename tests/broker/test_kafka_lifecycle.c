/* Failures of a thread on a real Kafka: it begins anew as the same member, or all instances stop. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "runtime/streams_implementation.h"
#include "store/meta.h"
#include "support/broker_fixture.h"
#include "support/judging_topology.h"
#include "support/kafka_app.h"
#include "support/state_directory_fixture.h"
#include "support/sums_app.h"

enum { COUNT = 200, MARK = 77777, PATIENCE_MS = 60000 };

static void feed_one(const kafka_app *app, int64_t value)
{
    number_writer *writer = number_writer_open(app->broker);

    number_write(writer, app->in, "k", value, 1);
    number_writer_flush(writer);
    number_writer_close(writer);
}

static sf_failure_answer answer(void *user, size_t thread, const sf_error *error)
{
    (void)thread;
    (void)error;
    return *(const sf_failure_answer *)user;
}

static sf_streams *start(const sf_topology *topology, const sf_config *config,
                         sf_failure_answer *said)
{
    sf_streams *streams;

    assert_ok(sf_streams_new(topology, config, &streams, err));
    sf_streams_set_failure_handler(streams, answer, said);
    assert_ok(sf_streams_start(streams, err));
    assert_true(sf_streams_wait(streams, SF_STREAMS_RUNNING, PATIENCE_MS));
    return streams;
}

static void a_replaced_thread_goes_on_with_its_tasks(void **test)
{
    kafka_app app = kafka_app_make();
    number_judge judge = {.number = MARK, .failures = 1};
    sf_topology *topology = judging_topology(app.in, app.out, &judge);
    sf_failure_answer said = SF_REPLACE_THREAD;
    sf_streams *streams = start(topology, &app.config, &said);

    (void)test;
    sums_app_feed(app.broker, app.in, 1, COUNT);
    feed_one(&app, MARK);
    sums_app_feed(app.broker, app.in, 2, COUNT);
    numbers_wait(app.broker, app.out, 2 * COUNT + 1);

    assert_int_equal(sums_app_counters(streams).replacements, 1);
    sums_app_stop(streams);
    assert_int_equal(numbers_count(app.broker, app.out), 2 * COUNT + 1);
    sf_topology_free(topology);
    kafka_app_done(&app);
}

static void one_instance_can_stop_all_that_run(void **test)
{
    kafka_app app = kafka_app_make();
    number_judge judge = {.number = MARK, .failures = 1};
    sf_topology *topology = judging_topology(app.in, app.out, &judge);
    sf_failure_answer said = SF_SHUT_DOWN_APPLICATION;
    char *directory = sf_test_directory_make();
    sf_config second = app.config;
    sf_streams *streams[2];
    sf_error errors[2];
    size_t told = 0;

    (void)test;
    app.config.membership = second.membership = SF_MEMBERSHIP_DYNAMIC;
    second.state_dir = directory;
    streams[0] = start(topology, &app.config, &said);
    streams[1] = start(topology, &second, &said);
    feed_one(&app, MARK);
    for (size_t i = 0; i < 2; i++) {
        assert_true(sf_streams_wait(streams[i], SF_STREAMS_ERROR, PATIENCE_MS));
        assert_true(sf_streams_error(streams[i], &errors[i]));
        told += strstr(errors[i].text, "has stopped the application: ") != NULL;
        assert_non_null(strstr(errors[i].text, "the judge refuses"));
        sf_streams_free(streams[i]);
    }
    assert_int_equal(told, 1);

    streams[0] = start(topology, &app.config, &said); /* is not meant any more */
    numbers_wait(app.broker, app.out, 1);
    sums_app_stop(streams[0]);
    sf_topology_free(topology);
    sf_test_directory_remove(directory);
    kafka_app_done(&app);
}

static void count_task(void *user, const char *identity, int32_t partition, int64_t written_ms)
{
    size_t *count = user;

    (void)identity;
    (void)partition;
    (void)written_ms;
    ++*count;
}

/* Of how many tasks an instance has something on its disk. */
static size_t tasks_kept(const sf_streams *streams)
{
    size_t count = 0;

    assert_ok(sf_meta_visit(sf_state_database(sf_streams_published_state(streams), false),
                            SF_META_WRITTEN, count_task, &count, err));
    return count;
}

static void wait_until_kept(const sf_streams *streams, size_t count)
{
    int64_t end = sf_clock_now_ms(sf_clock_system()) + PATIENCE_MS;

    while (tasks_kept(streams) != count) {
        if (sf_clock_now_ms(sf_clock_system()) > end)
            fail_msg("state of %zu tasks is kept, not %zu", tasks_kept(streams), count);
        (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL); /* shorter is fine */
    }
}

static void state_of_tasks_that_moved_is_removed_after_the_delay(void **test)
{
    kafka_app app = kafka_app_make();
    sf_topology *topology = sums_topology(app.in, app.out);
    char *directory = sf_test_directory_make();
    sf_config second;
    sf_streams *streams[2];

    (void)test;
    app.config.membership = SF_MEMBERSHIP_DYNAMIC;
    app.config.state_cleanup_delay_ms = 500;
    second = app.config;
    second.state_dir = directory;
    streams[0] = sums_app_start(topology, &app.config);
    sums_app_feed(app.broker, app.in, 1, COUNT);
    numbers_wait(app.broker, app.out, COUNT);
    wait_until_kept(streams[0], KAFKA_APP_PARTITIONS);
    streams[1] = sums_app_start(topology, &second);
    wait_until_kept(streams[0], KAFKA_APP_PARTITIONS / 2);

    sums_app_stop(streams[1]); /* they come back, from their changelogs */
    sums_app_feed(app.broker, app.in, 2, COUNT);
    numbers_wait(app.broker, app.out, 2 * COUNT);
    sums_app_check(app.broker, app.in, app.out);
    sums_app_check_view(streams[0], app.broker, app.in);
    sums_app_stop(streams[0]);
    sf_topology_free(topology);
    sf_test_directory_remove(directory);
    kafka_app_done(&app);
}

/* ---- stream time ---- */

static void feed_at(const kafka_app *app, int64_t value, int64_t time_ms)
{
    number_writer *writer = number_writer_open(app->broker);

    number_write(writer, app->in, "k", value, time_ms);
    number_writer_flush(writer);
    number_writer_close(writer);
}

static int64_t last_sum(const kafka_app *app)
{
    number_list sums = numbers_read(app->broker, app->out);
    int64_t last = sums.items[sums.count - 1].value;

    number_list_free(sums);
    return last;
}

/* A record that was too late for the one that had the task is too late for the next one. */
static void stream_time_goes_along_with_a_task_that_moves(void **test)
{
    enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };
    static const char *const both[] = {"one", "two"};
    int64_t base_ms = (sf_clock_now_ms(sf_clock_system()) / HOUR_MS - 4) * HOUR_MS;
    kafka_app app = kafka_app_make();
    sf_topology *topology = hour_sums_topology(app.in, app.out); /* and five minutes of grace */
    char *directory = sf_test_directory_make();
    sf_config second;
    sf_streams *streams[2];

    (void)test;
    app.config.membership = SF_MEMBERSHIP_DYNAMIC;
    app.config.instance_id = "one";
    second = app.config;
    second.instance_id = "two";
    second.state_dir = directory;
    streams[0] = sums_app_start(topology, &app.config);
    feed_at(&app, 1, base_ms + 200 * MINUTE_MS);
    numbers_wait(app.broker, app.out, 1);
    streams[1] = sums_app_start(topology, &second);
    kafka_app_wait_for_shares(&app, both, 2, KAFKA_APP_PARTITIONS / 2);
    sums_app_stop(streams[0]);

    feed_at(&app, 2, base_ms + 10 * MINUTE_MS);
    feed_at(&app, 4, base_ms + 201 * MINUTE_MS);
    numbers_wait(app.broker, app.out, 2);
    assert_int_equal(last_sum(&app), 1 + 4);
    assert_int_equal(sums_app_counters(streams[1]).dropped, 1);
    sums_app_stop(streams[1]);
    assert_int_equal(numbers_count(app.broker, app.out), 2);
    sf_topology_free(topology);
    sf_test_directory_remove(directory);
    kafka_app_done(&app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_replaced_thread_goes_on_with_its_tasks),
        cmocka_unit_test(one_instance_can_stop_all_that_run),
        cmocka_unit_test(state_of_tasks_that_moved_is_removed_after_the_delay),
        cmocka_unit_test(stream_time_goes_along_with_a_task_that_moves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
