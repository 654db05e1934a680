/* Where a record's time comes from, and what happens to records that have none. */
#include "check.h"
#include "support/driven_topology.h"

static driven_topology *driven_with(const sf_consumed *consumed)
{
    driven_topology *driven = driven_new();

    sf_stream_to(sf_builder_stream(driven->builder, "in", consumed), "out");
    driven_start(driven, NULL);
    return driven;
}

static int64_t time_of_the_value(void *user, const sf_record *record, int64_t partition_time)
{
    (void)user;
    (void)partition_time;
    return record->value.size ? record->value.data[0] - '0' : -1;
}

static void a_function_takes_the_time_from_the_record(void **state)
{
    driven_topology *driven = driven_with(&(sf_consumed){.timestamp = time_of_the_value});

    (void)state;
    driven_pipe(driven, "in", "k", "7", 1);
    driven_pipe(driven, "in", "k", "5", 2);

    assert_string_equal(driven_rows(driven, "out"), "k=7@7 k=5@5");
    driven_free(driven);
}

static void a_record_without_time_stops_the_program_unless_told_otherwise(void **state)
{
    driven_topology *driven = driven_with(NULL);
    sf_error err = {0};

    (void)state;
    assert_int_equal(sf_test_driver_pipe_text(driven->driver, "in", "k", "v", -1, &err), SF_STOP);
    assert_string_equal(err.text, "record of in/0 at offset 0: the timestamp -1 is negative");
    driven_free(driven);
}

static void a_record_without_time_can_be_skipped(void **state)
{
    driven_topology *driven = driven_with(&(sf_consumed){.on_error = SF_ON_ERROR_SKIP});

    (void)state;
    driven_pipe(driven, "in", "k", "bad", -1);
    driven_pipe(driven, "in", "k", "good", 3);

    assert_string_equal(driven_rows(driven, "out"), "k=good@3");
    assert_int_equal(sf_test_driver_counters(driven->driver).skipped, 1);
    driven_free(driven);
}

static void a_record_without_time_takes_that_of_its_partition(void **state)
{
    driven_topology *driven = driven_with(
        &(sf_consumed){.timestamp = sf_timestamp_or_partition_time, .on_error = SF_ON_ERROR_SKIP});

    (void)state;
    driven_pipe(driven, "in", "k", "first", -1); /* no time yet */
    driven_pipe(driven, "in", "k", "a", 9);
    driven_pipe(driven, "in", "k", "b", 4);
    driven_pipe(driven, "in", "k", "c", -1);

    assert_string_equal(driven_rows(driven, "out"), "k=a@9 k=b@4 k=c@9");
    assert_int_equal(sf_test_driver_counters(driven->driver).skipped, 1);
    driven_free(driven);
}

/* The partition's time is committed with the positions. */
static void the_time_of_a_partition_survives_a_restart(void **state)
{
    driven_topology *driven =
        driven_with(&(sf_consumed){.timestamp = sf_timestamp_or_partition_time});

    (void)state;
    driven_pipe(driven, "in", "k", "a", 9);
    assert_ok(sf_test_driver_restart(driven->driver, SF_CRASH_LOSES_STATE, err));
    driven_pipe(driven, "in", "k", "b", -1);

    assert_string_equal(driven_rows(driven, "out"), "k=a@9 k=b@9");
    driven_free(driven);
}

static void the_wall_clock_can_be_the_time(void **state)
{
    sf_clock *clock = sf_clock_manual_new(5000);
    driven_topology *driven =
        driven_with(&(sf_consumed){.timestamp = sf_timestamp_wall_clock, .user = clock});

    (void)state;
    driven_pipe(driven, "in", "k", "a", 9);
    sf_clock_manual_advance(clock, 7);
    driven_pipe(driven, "in", "k", "b", -1);

    assert_string_equal(driven_rows(driven, "out"), "k=a@5000 k=b@5007");
    driven_free(driven);
    sf_clock_manual_free(clock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_function_takes_the_time_from_the_record),
        cmocka_unit_test(a_record_without_time_stops_the_program_unless_told_otherwise),
        cmocka_unit_test(a_record_without_time_can_be_skipped),
        cmocka_unit_test(a_record_without_time_takes_that_of_its_partition),
        cmocka_unit_test(the_time_of_a_partition_survives_a_restart),
        cmocka_unit_test(the_wall_clock_can_be_the_time),
    };

    return run_tests(tests);
}
