/* An application on the journal on disk that is killed under load, again and again. */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include <stateful/log.h>

#include "base/random.h"
#include "check.h"
#include "support/runtime_fixture.h"
#include "support/state_directory_fixture.h"
#include "support/sums_process.h"

enum { KEYS = 23, CHUNK = 50 };

static void wait_ms(int64_t ms)
{
    const struct timespec time = {ms / 1000, (ms % 1000) * 1000000};

    (void)nanosleep(&time, NULL);
}

/* Writes until so much time is over; how many numbers. */
static size_t load(runtime_fixture *fixture, sf_random *random, int64_t duration_ms)
{
    int64_t end = sf_clock_now_ms(sf_clock_system()) + duration_ms;
    size_t count = 0;

    while (sf_clock_now_ms(sf_clock_system()) < end) {
        sums_app_feed(fixture->broker, "in", sf_random_next(random), CHUNK);
        count += CHUNK;
        wait_ms(2);
    }
    return count;
}

static void sums_are_exact_through_kills(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("file:", sums_topology("in", "out"));
    uint64_t seed = sf_test_seed();
    sf_random random;
    size_t count = 0;

    (void)test;
    print_message("seed %" PRIu64 "\n", seed);
    sf_random_init(&random, seed);
    fixture->config.commit_interval_ms = 30; /* so that kills find commits under way */
    fixture->config.num_stream_threads = 2;
    for (int kills = sf_test_rounds(5, 20); kills > 0; kills--) {
        pid_t process = sums_process_start(&(sums_process_options){
            .topology = "sums",
            .in = "in",
            .out = "out",
            .config = &fixture->config,
            .restored_most = KEYS, /* the changes of one commit of each thread */
        });

        count += load(fixture, &random, (int64_t)sf_random_below(&random, 300));
        sums_process_kill(process);
    }
    runtime_fixture_start(fixture);
    assert_in_range(sums_app_counters(fixture->streams).restored, 0, KEYS);
    runtime_fixture_check(fixture, count);
    sums_app_check_view(fixture->streams, fixture->broker, "in");
    runtime_fixture_free(fixture);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_exact_through_kills),
    };

    sums_process_main(argc, argv);
    return run_tests(tests);
}
