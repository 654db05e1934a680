/* Who holds what, on the journal: all of it is held here. With several instances: tests/broker/test_instances.c. */
#include <stdlib.h>

#include <stateful/streams_metadata.h>

#include "check.h"
#include "support/runtime_fixture.h"

static void all_is_held_here(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    sf_partition_metadata *partitions;
    sf_partition_metadata one;
    int32_t count;

    (void)test;
    fixture->config.application_server = "sales-1:8081";
    runtime_fixture_start(fixture);
    assert_ok(sf_streams_store_metadata(fixture->streams, "sums", &partitions, &count, err));
    assert_int_equal(count, 2);
    for (int32_t p = 0; p < count; p++) {
        assert_int_equal(partitions[p].partition, p);
        assert_true(partitions[p].is_local);
        assert_string_equal(partitions[p].address, "sales-1:8081");
    }
    free(partitions);
    assert_ok(sf_streams_key_metadata(fixture->streams, "sums", sf_bytes_text("key-1"), &one, err));
    assert_int_equal(one.partition, sf_partition_of_key(sf_bytes_text("key-1"), 2));
    assert_true(one.is_local);
    runtime_fixture_free(fixture);
}

static void note(void *user, const sf_instance_metadata *instance)
{
    size_t *tasks = user;

    assert_string_equal(instance->address, "sales-1:8081");
    assert_true(instance->is_local);
    *tasks += instance->task_count;
}

static void there_is_one_instance(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", digit_sums_topology("in", "out"));
    size_t tasks = 0;

    (void)test;
    fixture->config.application_server = "sales-1:8081";
    runtime_fixture_start(fixture);
    sf_streams_all_metadata(fixture->streams, note, &tasks);
    sf_streams_metadata_refresh(fixture->streams); /* there is nobody to ask: nothing happens */
    assert_int_equal(tasks, 4);
    runtime_fixture_free(fixture);
}

static void before_the_start_nothing_is_known(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    sf_partition_metadata one;
    sf_streams *streams;
    int32_t count = 7;
    sf_error error;

    (void)test;
    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &streams, err));
    assert_ok(sf_streams_store_partitions(streams, "sums", &count, err));
    assert_int_equal(count, 0);
    assert_int_equal(sf_streams_key_metadata(streams, "sums", sf_bytes_text("a"), &one, &error),
                     SF_RETRY);
    assert_int_equal(sf_streams_key_metadata(streams, "none", sf_bytes_text("a"), &one, &error),
                     SF_STOP);
    assert_int_equal(error.code, SF_NOT_FOUND);
    sf_streams_free(streams);
    runtime_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_held_here),
        cmocka_unit_test(there_is_one_instance),
        cmocka_unit_test(before_the_start_nothing_is_known),
    };

    return run_tests(tests);
}
