/* Failures of a thread on a real Kafka: it begins anew as the same member, or all instances stop. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_replaced_thread_goes_on_with_its_tasks),
        cmocka_unit_test(one_instance_can_stop_all_that_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
