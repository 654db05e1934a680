/* The whole runtime on the embedded journal: what comes out, what is kept, how it ends. */
#include <stdlib.h>
#include <string.h>

#include <stateful/view.h>

#include "base/memory.h"
#include "check.h"
#include "support/state_directory_fixture.h"
#include "support/sums_app.h"

static sf_broker *memory_broker(uint64_t random_gaps)
{
    sf_broker *broker;

    assert_ok(sf_broker_connect("memory:", &(sf_broker_options){.random_gaps = random_gaps},
                                &broker, err));
    return broker;
}

static void sums_come_out_once_each(void **test)
{
    sf_broker *broker = memory_broker(0);
    sf_topology *topology = sums_topology("in", "out");
    sf_config config = {.application_id = "sums",
                        .broker = broker,
                        .state_dir = SF_STATE_IN_MEMORY,
                        .input_partitions = 3};
    sf_streams *streams;

    (void)test;
    streams = sums_app_start(topology, &config);
    sums_app_feed(broker, "in", 1, 500);
    numbers_wait(broker, "out", 500);

    sums_app_check(broker, "in", "out");
    sums_app_check_view(streams, broker, "in");
    assert_int_equal(sums_app_counters(streams).processed, 500);
    sums_app_stop(streams);
    sf_topology_free(topology);
    sf_broker_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_come_out_once_each),
    };

    return run_tests(tests);
}
