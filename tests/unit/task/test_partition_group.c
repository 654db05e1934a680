/* partition_group.c - who is next, and who is waited for. */
#include <stdlib.h>

#include "check.h"
#include "task/partition_group.h"

static const sf_node source = {.kind = SF_SOURCE_NODE};
static sf_group_input inputs[2];
static sf_partition_group group;
static sf_clock *group_clock;

static void release(sf_record_batch *batch)
{
    free(batch);
}

static void push(size_t input, int64_t timestamp)
{
    sf_record_batch *batch = malloc(sizeof(*batch) + sizeof(sf_consumed_record));
    sf_consumed_record *record = (sf_consumed_record *)(void *)(batch + 1);

    assert_non_null(batch);
    *record = (sf_consumed_record){{.timestamp = timestamp}, 0};
    *batch = (sf_record_batch){record, 1, 1, release};
    sf_record_queue_push(&inputs[input].queue, batch);
}

static int set_up(void **state)
{
    (void)state;
    group_clock = sf_clock_manual_new(1000);
    group =
        (sf_partition_group){.inputs = inputs, .count = 2, .clock = group_clock, .stream_time = -1};
    for (size_t i = 0; i < 2; i++) {
        inputs[i] = (sf_group_input){.waiting_until = -1};
        sf_record_queue_init(&inputs[i].queue, &source, false);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++)
        sf_record_queue_done(&inputs[i].queue);
    sf_clock_manual_free(group_clock);
    return 0;
}

static void the_smallest_timestamp_is_next(void **state)
{
    (void)state;
    push(0, 20);
    push(1, 10);
    assert_ptr_equal(sf_partition_group_choose(&group), &inputs[1]);
    sf_partition_group_take(&group, &inputs[1]);

    assert_int_equal(group.stream_time, 10);
    assert_int_equal(inputs[1].queue.partition_time, 10);
    assert_int_equal(inputs[0].queue.partition_time, -1);
}

static void stream_time_never_goes_back(void **state)
{
    (void)state;
    push(0, 20);
    push(1, 30);
    sf_partition_group_take(&group, sf_partition_group_choose(&group));
    sf_record_queue_pop(&inputs[0].queue);
    push(0, 5);
    sf_partition_group_take(&group, sf_partition_group_choose(&group));

    assert_int_equal(group.stream_time, 20);
}

static void an_empty_input_that_may_have_more_is_waited_for(void **state)
{
    (void)state;
    push(0, 20);
    assert_null(sf_partition_group_choose(&group));
    inputs[1].is_caught_up = true;

    assert_ptr_equal(sf_partition_group_choose(&group), &inputs[0]);
}

static void with_idle_off_nobody_is_waited_for(void **state)
{
    (void)state;
    group.max_idle_ms = -1;
    push(0, 20);

    assert_ptr_equal(sf_partition_group_choose(&group), &inputs[0]);
}

static void an_input_that_has_nothing_is_waited_for_so_long(void **state)
{
    (void)state;
    group.max_idle_ms = 100;
    inputs[1].is_caught_up = true;
    push(0, 20);
    assert_null(sf_partition_group_choose(&group));
    sf_clock_manual_advance(group_clock, 99);
    assert_null(sf_partition_group_choose(&group));
    sf_clock_manual_advance(group_clock, 1);

    assert_ptr_equal(sf_partition_group_choose(&group), &inputs[0]);
}

static void waiting_begins_anew_after_a_record(void **state)
{
    (void)state;
    group.max_idle_ms = 100;
    inputs[1].is_caught_up = true;
    push(0, 20);
    assert_null(sf_partition_group_choose(&group));
    sf_clock_manual_advance(group_clock, 100);
    push(1, 5);
    assert_ptr_equal(sf_partition_group_choose(&group), &inputs[1]);
    sf_record_queue_pop(&inputs[1].queue);

    assert_null(sf_partition_group_choose(&group));
}

#define case_of(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        case_of(the_smallest_timestamp_is_next),
        case_of(stream_time_never_goes_back),
        case_of(an_empty_input_that_may_have_more_is_waited_for),
        case_of(with_idle_off_nobody_is_waited_for),
        case_of(an_input_that_has_nothing_is_waited_for_so_long),
        case_of(waiting_begins_anew_after_a_record),
    };

    return run_tests(tests);
}
