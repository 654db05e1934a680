/* Where a group begins to read a topic of which it has committed nothing. */
#include <string.h>

#include <stateful/builder.h>
#include <stateful/stream.h>

#include "check.h"
#include "support/runtime_fixture.h"

enum { COUNT = 100 };

static sf_topology *passing_topology(sf_reset reset)
{
    sf_builder *builder = sf_builder_new();
    sf_topology *topology;

    sf_stream_to(sf_builder_stream(builder, "in", &(sf_consumed){.reset = reset}), "out");
    assert_ok(sf_builder_build(builder, &topology, err));
    sf_builder_free(builder);
    return topology;
}

/* With COUNT records in the input. */
static runtime_fixture *passing(const char *kind, sf_reset reset)
{
    runtime_fixture *fixture = runtime_fixture_new(kind, passing_topology(reset));

    sums_app_feed(fixture->broker, "in", 1, COUNT);
    return fixture;
}

static void a_new_group_begins_with_the_first_record(void **test)
{
    runtime_fixture *fixture = passing("memory:", SF_RESET_EARLIEST);

    (void)test;
    runtime_fixture_start(fixture);
    numbers_wait(fixture->broker, "out", COUNT);
    runtime_fixture_free(fixture);
}

static void latest_begins_behind_what_is_there(const char *kind)
{
    runtime_fixture *fixture = passing(kind, SF_RESET_LATEST);
    number_list in, out;

    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 2, COUNT);
    numbers_wait(fixture->broker, "out", COUNT);
    runtime_fixture_stop(fixture);

    in = numbers_read(fixture->broker, "in");
    out = numbers_read(fixture->broker, "out");
    assert_int_equal(in.count, 2 * COUNT);
    assert_int_equal(out.count, COUNT);
    assert_int_equal(out.items[out.count - 1].value, in.items[in.count - 1].value);
    number_list_free(in);
    number_list_free(out);
    runtime_fixture_free(fixture);
}

static void latest_begins_behind_what_is_there_in_memory(void **test)
{
    (void)test;
    latest_begins_behind_what_is_there("memory:");
}

static void latest_begins_behind_what_is_there_on_disk(void **test)
{
    (void)test;
    latest_begins_behind_what_is_there("file:");
}

/* The position of the start counts, though no record was read. */
static void latest_is_for_a_new_group_only(void **test)
{
    runtime_fixture *fixture = passing("memory:", SF_RESET_LATEST);

    (void)test;
    runtime_fixture_start(fixture);
    runtime_fixture_stop(fixture);
    sums_app_feed(fixture->broker, "in", 2, COUNT);
    runtime_fixture_start(fixture);
    numbers_wait(fixture->broker, "out", COUNT);
    runtime_fixture_stop(fixture);

    assert_int_equal(numbers_count(fixture->broker, "out"), COUNT);
    runtime_fixture_free(fixture);
}

static void without_a_policy_a_new_group_does_not_begin(void **test)
{
    runtime_fixture *fixture = passing("memory:", SF_RESET_NONE);
    sf_error error;

    (void)test;
    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &fixture->streams, err));
    assert_ok(sf_streams_start(fixture->streams, err));
    assert_true(sf_streams_wait(fixture->streams, SF_STREAMS_ERROR, 30000));

    assert_true(sf_streams_error(fixture->streams, &error));
    assert_non_null(strstr(error.text, "the group has no position of topic in partition"));
    assert_non_null(strstr(error.text, "without a reset policy"));
    sf_streams_free(fixture->streams);
    fixture->streams = NULL;
    assert_int_equal(numbers_count(fixture->broker, "out"), 0);
    runtime_fixture_free(fixture);
}

static void without_a_policy_a_group_goes_on_where_it_was(void **test)
{
    runtime_fixture *fixture = passing("memory:", SF_RESET_EARLIEST);

    (void)test;
    runtime_fixture_start(fixture);
    numbers_wait(fixture->broker, "out", COUNT);
    runtime_fixture_stop(fixture);
    sf_topology_free(fixture->topology);
    fixture->topology = passing_topology(SF_RESET_NONE);
    sums_app_feed(fixture->broker, "in", 2, COUNT);
    runtime_fixture_start(fixture);
    numbers_wait(fixture->broker, "out", 2 * COUNT);
    runtime_fixture_stop(fixture);

    assert_int_equal(numbers_count(fixture->broker, "out"), 2 * COUNT);
    runtime_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_group_begins_with_the_first_record),
        cmocka_unit_test(latest_begins_behind_what_is_there_in_memory),
        cmocka_unit_test(latest_begins_behind_what_is_there_on_disk),
        cmocka_unit_test(latest_is_for_a_new_group_only),
        cmocka_unit_test(without_a_policy_a_new_group_does_not_begin),
        cmocka_unit_test(without_a_policy_a_group_goes_on_where_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
