/* Several instances of an application on a real Kafka: tasks go from one to another under load, and every
 * sum comes out once. Times are printed, not asserted, but for those that a test would wait longer for. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stateful/streams_metadata.h>
#include <stateful/view.h>

#include "base/memory.h"
#include "check.h"
#include "support/broker_fixture.h"
#include "support/kafka_app.h"
#include "support/state_directory_fixture.h"
#include "support/sums_app.h"
#include "support/sums_process.h"

enum { KEYS = 23, ALL = (1 << KAFKA_APP_PARTITIONS) - 1, UNLIMITED = 1 << 30 };

/* An instance in a process of its own. */
typedef struct instance {
    const char *id;
    char *directory;
    pid_t process;
} instance;

static void wait_ms(int64_t ms)
{
    const struct timespec time = {ms / 1000, (ms % 1000) * 1000000};

    (void)nanosleep(&time, NULL);
}

static int64_t now_ms(void)
{
    return sf_clock_monotonic_us(sf_clock_system()) / 1000;
}

static instance new_instance(const char *id)
{
    return (instance){.id = id, .directory = sf_test_directory_make()};
}

static void instance_done(instance *one)
{
    sf_test_directory_remove(one->directory);
}

/* restored_most: in this life; it is checked when it runs and when it is stopped. */
static void start(instance *one, const kafka_app *app, long restored_most)
{
    sf_config config = app->config;

    config.state_dir = one->directory;
    config.instance_id = one->id;
    one->process = sums_process_start(&(sums_process_options){
        .topology = "sums",
        .in = app->in,
        .out = app->out,
        .config = &config,
        .restored_most = restored_most,
    });
}

static void print_pauses(kafka_app_load *load, const char *what, unsigned moved)
{
    int64_t kept_ms = 0, moved_ms = 0;

    for (int p = 0; p < KAFKA_APP_PARTITIONS; p++) {
        int64_t *longest = moved & 1u << p ? &moved_ms : &kept_ms;
        int64_t pause = kafka_app_load_pause_ms(load, p);

        *longest = pause > *longest ? pause : *longest;
    }
    print_message("%s: longest pause of kept partitions %" PRId64 " ms, of moved ones %" PRId64
                  " ms\n",
                  what, kept_ms, moved_ms);
}

static void wait_for_owned(const kafka_app *app, const char *id, unsigned tasks)
{
    int64_t began = now_ms();

    while (kafka_app_owned_by(app, id) != tasks) {
        if (now_ms() - began > 60000)
            fail_msg("instance %s does not come to have the tasks %x", id, tasks);
        wait_ms(20);
    }
}

/* Until sums have come out of all partitions again. */
static void wait_until_all_move(kafka_app_load *load)
{
    int64_t began = now_ms();
    bool all = false;

    kafka_app_load_begin_measure(load);
    while (!all) {
        int64_t since = now_ms() - began;

        wait_ms(10);
        all = true;
        for (int p = 0; p < KAFKA_APP_PARTITIONS; p++)
            all = all && kafka_app_load_has_moved(load, p);
        if (since > 60000)
            fail_msg("a partition has stood still for a minute");
    }
}

static void check_all(const kafka_app *app, kafka_app_load *load)
{
    size_t written = kafka_app_load_stop(load);

    numbers_wait(app->broker, app->out, written);
    sums_app_check(app->broker, app->in, app->out);
}

static void instances_join_and_leave_under_load(void **test)
{
    static const char *const all[] = {"one", "two", "three"};
    kafka_app app = kafka_app_make();
    instance one = new_instance("one"), two = new_instance("two"), three = new_instance("three");
    kafka_app_load *load;
    unsigned before;

    (void)test;
    app.config.membership = SF_MEMBERSHIP_DYNAMIC;
    start(&one, &app, UNLIMITED);
    load = kafka_app_load_start(&app);
    wait_until_all_move(load);

    kafka_app_load_begin_measure(load);
    start(&two, &app, UNLIMITED);
    kafka_app_wait_for_shares(&app, all, 2, 2);
    wait_ms(1500); /* a while of load in which the pauses end */
    print_pauses(load, "a second one joins", kafka_app_owned_by(&app, "two"));

    before = kafka_app_owned_by(&app, "one") | kafka_app_owned_by(&app, "two") << 8;
    kafka_app_load_begin_measure(load);
    start(&three, &app, UNLIMITED);
    kafka_app_wait_for_shares(&app, &all[2], 1, 1);
    wait_ms(1500);
    print_pauses(load, "a third one joins", kafka_app_owned_by(&app, "three"));
    /* What one of the first two keeps was its own before. */
    assert_int_equal(
        (kafka_app_owned_by(&app, "one") | kafka_app_owned_by(&app, "two") << 8) & ~before, 0);

    before = kafka_app_owned_by(&app, "one");
    kafka_app_load_begin_measure(load);
    sums_process_stop(one.process);
    wait_for_owned(&app, "one", 0);
    wait_ms(1500);
    print_pauses(load, "the first one leaves", before);
    assert_int_equal(kafka_app_owned_by(&app, "two") | kafka_app_owned_by(&app, "three"), ALL);
    check_all(&app, load);

    sums_process_stop(two.process);
    sums_process_stop(three.process);
    instance_done(&one);
    instance_done(&two);
    instance_done(&three);
    kafka_app_done(&app);
}

static void killed_one_is_replaced(void **test)
{
    kafka_app app = kafka_app_make();
    static const char *const both[] = {"one", "two"};
    instance one = new_instance("one"), two = new_instance("two");
    kafka_app_load *load;
    unsigned lost;
    int64_t killed_ms;
    size_t count;

    (void)test;
    app.config.commit_interval_ms = 400;
    app.config.transaction_timeout_ms = 3000;
    start(&one, &app, UNLIMITED);
    start(&two, &app, UNLIMITED);
    kafka_app_wait_for_shares(&app, both, 2, 2);
    load = kafka_app_load_start(&app);
    wait_until_all_move(load);
    lost = kafka_app_owned_by(&app, "two");

    kafka_app_load_begin_measure(load);
    kafka_app_kill_in_transaction(&app, two.process, lost);
    killed_ms = now_ms();
    wait_for_owned(&app, "one", ALL);
    while (kafka_app_load_since_ms(load, lost) > 1000) /* they stand still until then */
        wait_ms(10);
    print_message("a killed one was replaced after %" PRId64
                  " ms (session %d, transaction %d, and 10,000 at most)\n",
                  now_ms() - killed_ms, 6000, app.config.transaction_timeout_ms);
    print_pauses(load, "since then", lost);
    count = kafka_app_load_stop(load);
    numbers_wait(app.broker, app.out, count);
    sums_app_check(app.broker, app.in, app.out);
    assert_true(numbers_count_uncommitted(app.broker, app.out) > count); /* the kill did hurt */

    sums_process_stop(one.process);
    instance_done(&one);
    instance_done(&two);
    kafka_app_done(&app);
}

static void static_one_that_comes_back_finds_its_tasks_unmoved(void **test)
{
    static const char *const both[] = {"one", "two"};
    kafka_app app = kafka_app_make();
    instance one = new_instance("one"), two = new_instance("two");
    kafka_app_load *load;
    unsigned owned;

    (void)test;
    app.config.session_timeout_ms = 60000; /* the one that comes back may take its time */
    start(&one, &app, UNLIMITED);
    start(&two, &app, UNLIMITED);
    kafka_app_wait_for_shares(&app, both, 2, 2);
    owned = kafka_app_owned_by(&app, "two");
    load = kafka_app_load_start(&app);
    wait_until_all_move(load);

    kafka_app_load_begin_measure(load);
    sums_process_kill(two.process);
    start(&two, &app, KEYS); /* the changes of one commit */
    wait_ms(1500);
    print_pauses(load, "a static one was killed and came back", owned);
    assert_int_equal(kafka_app_owned_by(&app, "two"), owned);
    check_all(&app, load);

    sums_process_stop(one.process);
    sums_process_stop(two.process);
    instance_done(&one);
    instance_done(&two);
    kafka_app_done(&app);
}

static void one_that_returns_replays_only_what_it_missed(void **test)
{
    enum { BEFORE = 5000, MEANWHILE = 300 };
    static const char *const both[] = {"one", "two"};
    kafka_app app = kafka_app_make();
    instance one = new_instance("one"), two = new_instance("two");

    (void)test;
    app.config.membership = SF_MEMBERSHIP_DYNAMIC;
    start(&one, &app, UNLIMITED);
    start(&two, &app, UNLIMITED);
    kafka_app_wait_for_shares(&app, both, 2, 2);
    sums_app_feed(app.broker, app.in, 1, BEFORE);
    numbers_wait(app.broker, app.out, BEFORE);

    sums_process_stop(two.process);
    wait_for_owned(&app, "one", ALL);
    sums_app_feed(app.broker, app.in, 2, MEANWHILE);
    numbers_wait(app.broker, app.out, BEFORE + MEANWHILE);

    start(&two, &app, MEANWHILE + KEYS);
    kafka_app_wait_for_shares(&app, both, 2, 2);
    sums_app_feed(app.broker, app.in, 3, 500);
    numbers_wait(app.broker, app.out, BEFORE + MEANWHILE + 500);
    sums_app_check(app.broker, app.in, app.out);

    sums_process_stop(one.process);
    sums_process_stop(two.process); /* tells if it restored more */
    instance_done(&one);
    instance_done(&two);
    kafka_app_done(&app);
}

/* ---- who holds what ---- */

typedef struct headcount {
    size_t instances;
    size_t tasks;
} headcount;

static void count_instance(void *user, const sf_instance_metadata *held)
{
    headcount *counted = user;

    counted->instances++;
    counted->tasks += held->task_count;
}

/* Until the instance in this process knows of two that have all tasks. */
static void wait_until_known(sf_streams *streams)
{
    int64_t began = now_ms();
    headcount counted;

    do {
        counted = (headcount){0};
        sf_streams_all_metadata(streams, count_instance, &counted);
        if (now_ms() - began > 30000)
            fail_msg("%zu instances with %zu tasks are known", counted.instances, counted.tasks);
        wait_ms(10);
    } while (counted.instances != 2 || counted.tasks != KAFKA_APP_PARTITIONS);
}

static void each_key_is_held_by_one_instance_that_is_known(void **test)
{
    static const char *const both[] = {"one", "two"};
    kafka_app app = kafka_app_make();
    instance two = new_instance("two");
    sf_topology *topology = sums_topology(app.in, app.out);
    sf_streams *streams;
    sf_view *view;
    unsigned owned;
    int local = 0;

    (void)test;
    app.config.membership = SF_MEMBERSHIP_DYNAMIC;
    app.config.application_server = "two-host:2";
    start(&two, &app, UNLIMITED);
    app.config.application_server = "one-host:1";
    app.config.instance_id = "one";
    streams = sums_app_start(topology, &app.config);
    kafka_app_wait_for_shares(&app, both, 2, 2);
    sums_app_feed(app.broker, app.in, 1, 500);
    numbers_wait(app.broker, app.out, 500);
    assert_true(sf_streams_wait(streams, SF_STREAMS_RUNNING, 30000));
    wait_until_known(streams);
    owned = kafka_app_owned_by(&app, "one");

    assert_ok(sf_streams_view(streams, "sums", &view, err));
    for (int i = 0; i < KEYS; i++) {
        sf_partition_metadata held;
        sf_error error;
        char key[32];
        int64_t sum;
        sf_status status;

        snprintf(key, sizeof(key), "key-%d", i);
        assert_ok(sf_streams_key_metadata(streams, "sums", sf_bytes_text(key), &held, err));
        assert_int_equal(held.is_local, owned >> held.partition & 1);
        assert_string_equal(held.address, held.is_local ? "one-host:1" : "two-host:2");
        status = sf_view_get_int64(view, sf_bytes_text(key), &sum, NULL, &error);
        assert_int_equal(status, held.is_local ? SF_OK : SF_RETRY); /* never "not known" */
        local += held.is_local;
    }
    assert_true(local > 0 && local < KEYS);
    sf_view_free(view);

    sums_process_stop(two.process);
    sums_app_check_view(streams, app.broker, app.in); /* all are held here in the end */
    sums_app_stop(streams);
    sf_topology_free(topology);
    instance_done(&two);
    kafka_app_done(&app);
}

static void input_that_grows_stops_the_application(void **test)
{
    kafka_app app = kafka_app_make();
    sf_topology *topology = sums_topology(app.in, app.out);
    sf_streams *streams = sums_app_start(topology, &app.config);
    sf_error error = {0};

    (void)test;
    assert_ok(sf_broker_grow_topic(app.broker, app.in, KAFKA_APP_PARTITIONS + 2, err));
    assert_true(sf_streams_wait(streams, SF_STREAMS_ERROR, 30000));
    assert_true(sf_streams_error(streams, &error));
    assert_int_equal(error.status, SF_STOP);
    assert_non_null(strstr(error.text, "had 4 partitions when the application started and has 6"));
    sf_streams_free(streams);

    assert_ok(sf_streams_new(topology, &app.config, &streams, err)); /* nor does it start again */
    assert_int_equal(sf_streams_start(streams, &error), SF_STOP);
    assert_non_null(strstr(error.text, "4 partitions"));
    assert_non_null(strstr(error.text, "6"));
    sf_streams_free(streams);
    sf_topology_free(topology);
    kafka_app_done(&app);
}

/* ---- another program ---- */

static sf_status start_other(const kafka_app *app, const sf_topology *topology,
                             const char *directory, sf_streams **streams, sf_error *why)
{
    sf_config config = app->config;

    config.state_dir = directory;
    assert_ok(sf_streams_new(topology, &config, streams, err));
    return sf_streams_start(*streams, why);
}

static void another_program_leaves_with_a_sentence(void **test)
{
    kafka_app app = kafka_app_make();
    sf_topology *topology = sums_topology(app.in, app.out);
    sf_topology *changed = sums_and_counts_topology(app.in, app.out);
    char *directory = sf_test_directory_make();
    sf_streams *streams = sums_app_start(topology, &app.config);
    sf_streams *other;
    sf_error error = {0};

    (void)test;
    sums_app_feed(app.broker, app.in, 1, 500);
    assert_int_equal(start_other(&app, changed, directory, &other, &error), SF_STOP);
    assert_int_equal(error.code, SF_BUSY);
    assert_non_null(
        strstr(error.text, "it now keeps counts; and 1 member of its group still runs"));
    sf_streams_free(other);

    sums_app_feed(app.broker, app.in, 2, 500); /* the first one goes on */
    numbers_wait(app.broker, app.out, 1000);
    sums_app_check(app.broker, app.in, app.out);
    sums_app_stop(streams);
    sf_topology_free(topology);
    sf_topology_free(changed);
    sf_test_directory_remove(directory);
    kafka_app_done(&app);
}

static void changed_program_keeps_the_state_of_unchanged_stores(void **test)
{
    kafka_app app = kafka_app_make();
    sf_topology *topology = sums_topology(app.in, app.out);
    sf_topology *changed = sums_and_counts_topology(app.in, app.out);
    sf_streams *streams;

    (void)test;
    app.config.membership = SF_MEMBERSHIP_DYNAMIC;
    streams = sums_app_start(topology, &app.config);
    sums_app_feed(app.broker, app.in, 1, 500);
    numbers_wait(app.broker, app.out, 500);
    sums_app_stop(streams);

    streams = sums_app_start(changed, &app.config);
    assert_int_equal(sums_app_counters(streams).restored, 0);
    assert_int_equal(sums_app_counters(streams).tasks, KAFKA_APP_PARTITIONS);
    sums_app_feed(app.broker, app.in, 2, 500);
    numbers_wait(app.broker, app.out, 1000);
    sums_app_check(app.broker, app.in, app.out);
    sums_app_check_view(streams, app.broker, app.in);
    sums_app_stop(streams);

    streams = sums_app_start(topology, &app.config); /* and back */
    assert_int_equal(sums_app_counters(streams).restored, 0);
    sums_app_feed(app.broker, app.in, 3, 500);
    numbers_wait(app.broker, app.out, 1500);
    sums_app_check(app.broker, app.in, app.out);
    sums_app_stop(streams);
    sf_topology_free(topology);
    sf_topology_free(changed);
    kafka_app_done(&app);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instances_join_and_leave_under_load),
        cmocka_unit_test(killed_one_is_replaced),
        cmocka_unit_test(static_one_that_comes_back_finds_its_tasks_unmoved),
        cmocka_unit_test(one_that_returns_replays_only_what_it_missed),
        cmocka_unit_test(each_key_is_held_by_one_instance_that_is_known),
        cmocka_unit_test(input_that_grows_stops_the_application),
        cmocka_unit_test(another_program_leaves_with_a_sentence),
        cmocka_unit_test(changed_program_keeps_the_state_of_unchanged_stores),
    };

    sums_process_main(argc, argv);
    return run_tests(tests);
}
