/* The whole runtime on a real Kafka: the same sums as on the journal, through kills inside open
 * transactions. */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "support/broker_fixture.h"
#include "support/kafka_app.h"
#include "support/state_directory_fixture.h"
#include "support/sums_app.h"
#include "support/sums_process.h"

enum { KEYS = 23, PARTITIONS = KAFKA_APP_PARTITIONS, CHUNK = 200 };

static void wait_ms(int64_t ms)
{
    const struct timespec time = {ms / 1000, (ms % 1000) * 1000000};

    (void)nanosleep(&time, NULL);
}

static void sums_come_out_once_each_over_restarts(void **test)
{
    kafka_app app = kafka_app_make();
    sf_topology *topology = sums_topology(app.in, app.out);

    (void)test;
    for (size_t round = 1; round <= 3; round++) {
        sf_streams *streams = sums_app_start(topology, &app.config);

        assert_int_equal(sums_app_counters(streams).tasks, PARTITIONS);
        assert_int_equal(sums_app_counters(streams).restored, 0);
        sums_app_feed(app.broker, app.in, round, 500);
        numbers_wait(app.broker, app.out, round * 500);
        sums_app_check(app.broker, app.in, app.out);
        sums_app_check_view(streams, app.broker, app.in);
        sums_app_stop(streams);
    }
    sf_topology_free(topology);
    kafka_app_done(&app);
}

static void records_pass_a_repartition_topic(void **test)
{
    kafka_app app = kafka_app_make();
    sf_topology *topology = digit_sums_topology(app.in, app.out);
    sf_streams *streams = sums_app_start(topology, &app.config);

    (void)test;
    assert_int_equal(sums_app_counters(streams).tasks, 2 * PARTITIONS);
    sums_app_feed(app.broker, app.in, 1, 1000);
    numbers_wait(app.broker, app.out, 1000);
    sums_app_stop(streams);
    assert_int_equal(numbers_count(app.broker, app.out), 1000);
    sf_topology_free(topology);
    kafka_app_done(&app);
}

static void two_threads_share_the_tasks(void **test)
{
    kafka_app app = kafka_app_make();
    sf_topology *topology = sums_topology(app.in, app.out);
    sf_streams *streams;

    (void)test;
    app.config.num_stream_threads = 2;
    for (size_t round = 1; round <= 2; round++) {
        streams = sums_app_start(topology, &app.config);
        sums_app_feed(app.broker, app.in, round, 1000);
        numbers_wait(app.broker, app.out, round * 1000);
        assert_int_equal(sums_app_counters(streams).tasks, PARTITIONS);
        sums_app_check(app.broker, app.in, app.out);
        sums_app_check_view(streams, app.broker, app.in);
        sums_app_stop(streams);
    }
    sf_topology_free(topology);
    kafka_app_done(&app);
}

static size_t load(const kafka_app *app, sf_random *random, int64_t duration_ms)
{
    int64_t end = sf_clock_now_ms(sf_clock_system()) + duration_ms;
    size_t count = 0;

    while (sf_clock_now_ms(sf_clock_system()) < end) {
        sums_app_feed(app->broker, app->in, sf_random_next(random), CHUNK);
        count += CHUNK;
        wait_ms(5);
    }
    return count;
}

/* Kills it at any moment after a load of so long: in a transaction, in a commit, or between two. */
static size_t kill_at_random(const kafka_app *app, sf_random *random, pid_t process)
{
    size_t count = load(app, random, 300 + (int64_t)sf_random_below(random, 900));

    sums_process_kill(process);
    return count;
}

static size_t kill_in_transaction(const kafka_app *app, pid_t process)
{
    kafka_app_load *numbers = kafka_app_load_start(app);

    kafka_app_kill_in_transaction(app, process, (1U << KAFKA_APP_PARTITIONS) - 1);
    return kafka_app_load_stop(numbers);
}

/* What another process with the same instance id does when it starts. */
static void fence(const kafka_app *app, const sf_streams *streams)
{
    char *id =
        sf_text_printf("%s-%s-0", app->config.application_id, sf_streams_instance_id(streams));
    sf_producer *producer;

    assert_ok(sf_producer_new(app->broker, &(sf_producer_options){.transactional_id = id},
                              &producer, err));
    sf_producer_close(producer);
    free(id);
}

static void a_thread_that_was_fenced_comes_back_once_the_other_is_gone(void **test)
{
    kafka_app app = kafka_app_make();
    sf_topology *topology = sums_topology(app.in, app.out);
    sf_streams *streams = sums_app_start(topology, &app.config);

    (void)test;
    sums_app_feed(app.broker, app.in, 1, 500);
    numbers_wait(app.broker, app.out, 500);
    fence(&app, streams);
    sums_app_feed(app.broker, app.in, 2, 500);
    numbers_wait(app.broker, app.out, 1000);
    sums_app_check(app.broker, app.in, app.out);
    sums_app_check_view(streams, app.broker, app.in);
    assert_int_equal(sums_app_counters(streams).rebuilds, 1);
    sums_app_stop(streams);
    sf_topology_free(topology);
    kafka_app_done(&app);
}

static void wait_until_processed(const sf_streams *streams, size_t count)
{
    sf_error error;

    while (sums_app_counters(streams).processed < count) {
        if (sf_streams_error(streams, &error))
            fail_msg("the application ended: %s", error.text);
        wait_ms(1);
    }
}

/* The broker is killed with transactions open and comes back after so long, so many times. */
static void lose_broker(int64_t away_ms, size_t times)
{
    kafka_app app = kafka_app_make();
    sf_topology *topology = sums_topology(app.in, app.out);
    size_t processed = 0;
    sf_streams *streams;

    app.config.commit_interval_ms = app.config.commit_min_interval_ms = 2000;
    streams = sums_app_start(topology, &app.config);
    for (size_t round = 1; round <= times; round++) {
        sums_app_feed(app.broker, app.in, round, 500);
        wait_until_processed(streams, processed + 500);
        kafka_fixture_kill();
        wait_ms(away_ms);
        kafka_fixture_restart();
        numbers_wait(app.broker, app.out, round * 500);
        processed = sums_app_counters(streams).processed; /* some of them twice */
    }
    sums_app_check(app.broker, app.in, app.out);
    sums_app_check_view(streams, app.broker, app.in);
    /* The member may be joining anew even now. */
    assert_true(sf_streams_wait(streams, SF_STREAMS_RUNNING, 30000));
    sums_app_stop(streams);
    sf_topology_free(topology);
    kafka_app_done(&app);
}

static void sums_are_exact_when_the_broker_is_killed(void **test)
{
    (void)test;
    lose_broker(0, (size_t)sf_test_rounds(2, 10));
}

static void sums_are_exact_after_an_outage_longer_than_the_session(void **test)
{
    (void)test;
    lose_broker(9000, 1);
    if (sf_test_rounds(0, 1))
        lose_broker(25000, 1); /* longer than the transaction may be open, too */
}

static void sums_are_exact_through_kills_in_open_transactions(void **test)
{
    kafka_app app = kafka_app_make();
    sf_topology *topology = sums_topology(app.in, app.out);
    uint64_t seed = sf_test_seed();
    sf_random random;
    size_t count = 0;
    sf_streams *streams;

    (void)test;
    print_message("seed %" PRIu64 "\n", seed);
    sf_random_init(&random, seed);
    app.config.commit_interval_ms = 400;
    for (int kills = sf_test_rounds(5, 20); kills > 0; kills--) {
        pid_t process = sums_process_start(&(sums_process_options){
            .topology = "sums",
            .in = app.in,
            .out = app.out,
            .config = &app.config,
            .restored_most = KEYS, /* the changes of one commit */
        });

        count +=
            kills % 2 ? kill_in_transaction(&app, process) : kill_at_random(&app, &random, process);
    }
    streams = sums_app_start(topology, &app.config);
    assert_in_range(sums_app_counters(streams).restored, 0, KEYS);
    numbers_wait(app.broker, app.out, count);
    sums_app_check(app.broker, app.in, app.out);
    sums_app_check_view(streams, app.broker, app.in);
    sums_app_stop(streams);
    assert_true(numbers_count_uncommitted(app.broker, app.out) > count); /* the kills did hurt */
    sf_topology_free(topology);
    kafka_app_done(&app);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_come_out_once_each_over_restarts),
        cmocka_unit_test(records_pass_a_repartition_topic),
        cmocka_unit_test(two_threads_share_the_tasks),
        cmocka_unit_test(a_thread_that_was_fenced_comes_back_once_the_other_is_gone),
        cmocka_unit_test(sums_are_exact_when_the_broker_is_killed),
        cmocka_unit_test(sums_are_exact_after_an_outage_longer_than_the_session),
        cmocka_unit_test(sums_are_exact_through_kills_in_open_transactions),
    };

    sums_process_main(argc, argv);
    return run_tests(tests);
}
