/* Output that is larger than the broker takes, through the whole runtime. */
#include <string.h>

#include "check.h"
#include "support/padded_topology.h"
#include "support/runtime_fixture.h"

enum { LARGEST = 2048 };

static runtime_fixture *padded(sf_on_error on_error)
{
    const sf_broker_setting limit = {"journal.message.max.bytes", "2048"};
    runtime_fixture *fixture =
        runtime_fixture_new("memory:", padded_topology("in", "out", on_error));

    sf_broker_close(fixture->broker);
    assert_ok(
        sf_broker_connect("memory:", &(sf_broker_options){.settings = &limit, .setting_count = 1},
                          &fixture->broker, err));
    fixture->config.broker = fixture->broker;
    numbers_topic(fixture->broker, "in", 2);
    numbers_topic(fixture->broker, "out", 2);
    return fixture;
}

static void feed(runtime_fixture *fixture)
{
    number_writer *writer = number_writer_open(fixture->broker);

    number_write(writer, "in", "k", 8, 1);
    number_write(writer, "in", "k", LARGEST, 2);
    number_write(writer, "in", "k", LARGEST * 1000, 3);
    number_write(writer, "in", "k", 8, 4);
    number_writer_flush(writer);
    number_writer_close(writer);
}

static void those_that_are_too_large_are_skipped_one_by_one(void **test)
{
    runtime_fixture *fixture = padded(SF_ON_ERROR_SKIP);

    (void)test;
    runtime_fixture_start(fixture);
    feed(fixture);
    numbers_wait(fixture->broker, "out", 2);

    assert_int_equal(sums_app_counters(fixture->streams).skipped, 2);
    assert_int_equal(sums_app_counters(fixture->streams).processed, 4);
    runtime_fixture_stop(fixture);
    assert_int_equal(numbers_count(fixture->broker, "out"), 2);
    runtime_fixture_free(fixture);
}

static void their_inputs_are_kept_as_dead_letters(void **test)
{
    runtime_fixture *fixture = padded(SF_ON_ERROR_DEAD_LETTER);

    (void)test;
    runtime_fixture_start(fixture);
    feed(fixture);
    numbers_wait(fixture->broker, "app-dlq", 2);

    assert_int_equal(numbers_count(fixture->broker, "out"), 2);
    runtime_fixture_free(fixture);
}

static void the_application_stops_with_a_sentence_where_failures_stop_it(void **test)
{
    runtime_fixture *fixture = padded(SF_ON_ERROR_FAIL);
    sf_error error;

    (void)test;
    runtime_fixture_start(fixture);
    feed(fixture);
    assert_true(sf_streams_wait(fixture->streams, SF_STREAMS_ERROR, 30000));

    assert_true(sf_streams_error(fixture->streams, &error));
    assert_non_null(strstr(error.text, "a record of 2049 bytes is larger than the 1984"));
    sf_streams_free(fixture->streams);
    fixture->streams = NULL;
    runtime_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_that_are_too_large_are_skipped_one_by_one),
        cmocka_unit_test(their_inputs_are_kept_as_dead_letters),
        cmocka_unit_test(the_application_stops_with_a_sentence_where_failures_stop_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
