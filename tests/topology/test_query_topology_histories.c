/* The whole topology against a model, over random histories: whatever the order of arrival, however
 * often an event comes again, and whatever transactions fail and processes die on the way, the sums
 * are those of the model. TEST_SEED=n runs history n alone, TEST_LONG=1 ten times as many. */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/log.h>

#include "support/query_driver.h"

enum { HISTORIES = 2000, HISTORIES_LONG = 20000, ARRIVALS_OF_A_HISTORY = 3 };

typedef struct history_run {
    query_topology *topology;
    sf_test_driver *driver;
    sf_arena *arena;
    sf_random random;
    bool has_faults;
    const sales_event *arrivals[HISTORY_ARRIVALS_MAX];
    size_t count;
} history_run;

static void be_silent(void *user, sf_log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

static int make_topology(void **state)
{
    sf_log_set(be_silent, NULL, SF_LOG_ERROR);
    *state = query_driver_topology(SALES_NET);
    return 0;
}

static int free_topology(void **state)
{
    query_topology_free(*state);
    return 0;
}

static bool happens(history_run *run, unsigned percent)
{
    return sf_random_below(&run->random, 100) < percent;
}

/* Compares the driver with the model of what has arrived so far. */
static bool is_as_the_model(history_run *run, size_t arrived)
{
    sales_sums expected, found;

    sales_model_sums(run->arrivals, arrived, &expected);
    query_driver_sums(run->driver, &found);
    if (!memcmp(&expected, &found, sizeof expected) && sales_sums_agree(&found))
        return true;
    printf("after %zu of %zu events:\n", arrived, run->count);
    sales_sums_print(&expected, &found);
    return false;
}

static void have_a_fault(history_run *run)
{
    if (happens(run, 15))
        assert_ok(sf_test_driver_commit(run->driver, err));
    if (happens(run, 6))
        assert_ok(sf_test_driver_abort(run->driver, err));
    if (happens(run, 3))
        assert_ok(sf_test_driver_restart(run->driver, SF_CRASH_KEEPS_STATE, err));
    if (happens(run, 2))
        assert_ok(sf_test_driver_restart(run->driver, SF_CRASH_LOSES_STATE, err));
}

/* One event at once, or left lying with others for later. */
static void arrive(history_run *run, const sales_event *event)
{
    sf_record record = sales_event_record(event, run->arena);
    const char *topic = sales_event_topic(event);

    if (happens(run, 30))
        assert_ok(sf_test_driver_append(run->driver, topic, &record, err));
    else
        assert_ok(sf_test_driver_pipe(run->driver, topic, &record, err));
    sf_arena_reset(run->arena);
}

static bool all_arrive(history_run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        arrive(run, run->arrivals[i]);
        if (run->has_faults)
            have_a_fault(run);
        if (happens(run, 10)) {
            assert_ok(sf_test_driver_run(run->driver, err));
            if (!is_as_the_model(run, i + 1))
                return false;
        }
    }
    assert_ok(sf_test_driver_run(run->driver, err));
    assert_ok(sf_test_driver_commit(run->driver, err));
    return is_as_the_model(run, run->count);
}

static bool arrives_well(history_run *run, const sales_history *history, arrival_order order)
{
    int32_t partitions = (int32_t)sf_random_below(&run->random, 3) + 1;
    bool is_well;

    run->count = sales_history_arrive(history, &run->random, order, run->arrivals);
    run->driver = query_driver_new(run->topology, partitions, run->has_faults);
    is_well = all_arrive(run);
    assert_int_equal(sf_test_driver_counters(run->driver).dead_letters, 0);
    sf_test_driver_free(run->driver);
    return is_well;
}

static void history_is_well(query_topology *topology, uint64_t seed, arrival_order order,
                            bool has_faults)
{
    history_run run = {.topology = topology, .arena = sf_arena_new(), .has_faults = has_faults};
    sales_history history;
    bool is_well = true;

    sf_random_init(&run.random, seed);
    sales_history_make(&history, &run.random);
    for (int i = 0; is_well && i < ARRIVALS_OF_A_HISTORY; i++)
        is_well = arrives_well(&run, &history, order);
    sf_arena_free(run.arena);
    if (!is_well)
        fail_msg("the sums are not the model's: TEST_SEED=%" PRIu64, seed);
}

/* Of all histories, each of the tests takes a share with seeds of its own. */
static void histories_are_well(query_topology *topology, uint64_t share, uint64_t of,
                               arrival_order order, bool has_faults)
{
    const char *only = getenv("TEST_SEED");
    uint64_t count = getenv("TEST_LONG") ? HISTORIES_LONG : HISTORIES;

    for (uint64_t seed = share; seed < count; seed += of)
        if (!only || strtoull(only, NULL, 10) == seed)
            history_is_well(topology, seed, order, has_faults);
}

static void any_interleaving_ends_as_the_model(void **state)
{
    histories_are_well(*state, 0, 4, ARRIVES_IN_STREAM_ORDER, false);
}

static void any_order_at_all_ends_as_the_model(void **state)
{
    histories_are_well(*state, 1, 4, ARRIVES_IN_ANY_ORDER, false);
}

static void aborts_and_crashes_change_nothing(void **state)
{
    histories_are_well(*state, 2, 4, ARRIVES_IN_STREAM_ORDER, true);
}

static void aborts_and_crashes_change_nothing_in_any_order(void **state)
{
    histories_are_well(*state, 3, 4, ARRIVES_IN_ANY_ORDER, true);
}

#define with_topology(test) cmocka_unit_test_setup_teardown(test, make_topology, free_topology)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        with_topology(any_interleaving_ends_as_the_model),
        with_topology(any_order_at_all_ends_as_the_model),
        with_topology(aborts_and_crashes_change_nothing),
        with_topology(aborts_and_crashes_change_nothing_in_any_order),
    };

    return run_tests(tests);
}
