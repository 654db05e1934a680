#include "runtime/layout.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "support/numbers.h"
#include "support/sums_app.h"
#include "topology/topology_implementation.h"

/* The layout topic of an application "app" over topics of some partitions. */
typedef struct bench {
    sf_broker *broker;
    sf_topology *topology;
    int32_t counts[16];
} bench;

static bench make_bench(sf_topology *topology, int32_t partitions)
{
    bench made = {.topology = topology};

    assert_ok(sf_broker_connect("memory:", NULL, &made.broker, err));
    numbers_topic(made.broker, "app-layout", 1);
    for (size_t i = 0; i < topology->topic_count; i++)
        made.counts[i] = partitions;
    return made;
}

static void bench_done(bench *used)
{
    sf_topology_free(used->topology);
    sf_broker_close(used->broker);
}

static sf_status open_layout(const bench *used, sf_layout **layout, sf_error *err)
{
    return sf_layout_open(
        &(sf_layout_options){
            .broker = used->broker,
            .application_id = "app",
            .topology = used->topology,
            .counts = used->counts,
            .retry = {.clock = sf_clock_system(), .limit_ms = 10000},
        },
        layout, err);
}

static void indexes_alternate_between_subtopologies(void **test)
{
    bench used = make_bench(digit_sums_topology("in", "out"), 3);
    sf_layout *layout;

    (void)test;
    assert_ok(open_layout(&used, &layout, err));
    assert_int_equal(sf_layout_task_count(layout), 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(sf_layout_task_at(layout, i)->subtopology, i % 2);
        assert_int_equal(sf_layout_task_at(layout, i)->partition, i / 2);
    }
    sf_layout_free(layout);
    bench_done(&used);
}

static void it_is_the_same_when_read_again(void **test)
{
    bench used = make_bench(digit_sums_topology("in", "out"), 2);
    sf_layout *first, *second;

    (void)test;
    assert_ok(open_layout(&used, &first, err));
    assert_ok(open_layout(&used, &second, err));
    assert_true(sf_layout_incarnation(first) != 0);
    assert_int_equal(sf_layout_incarnation(first), sf_layout_incarnation(second));
    assert_int_equal(sf_layout_task_count(second), 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(sf_layout_task_at(first, i)->identity,
                            sf_layout_task_at(second, i)->identity);
    sf_layout_free(first);
    sf_layout_free(second);
    bench_done(&used);
}

static void a_changed_program_keeps_the_old_indexes(void **test)
{
    bench used = make_bench(sums_topology("in", "out"), 2);
    sf_layout *layout;

    (void)test;
    assert_ok(open_layout(&used, &layout, err));
    sf_layout_free(layout);
    sf_topology_free(used.topology);
    used.topology = digit_sums_topology("in", "out");
    assert_ok(open_layout(&used, &layout, err));
    assert_int_equal(sf_layout_task_count(layout), 6);
    assert_int_equal(sf_layout_task_at(layout, 0)->subtopology, SF_NO_SUBTOPOLOGY);
    assert_int_equal(sf_layout_task_at(layout, 1)->subtopology, SF_NO_SUBTOPOLOGY);
    assert_int_equal(sf_layout_task_at(layout, 2)->subtopology, 0);
    assert_int_equal(sf_layout_task_at(layout, 3)->subtopology, 1);
    sf_layout_free(layout);
    bench_done(&used);
}

static void other_partition_counts_are_refused(void **test)
{
    bench used = make_bench(sums_topology("in", "out"), 2);
    sf_layout *layout;
    sf_error error;

    (void)test;
    assert_ok(open_layout(&used, &layout, err));
    sf_layout_free(layout);
    used.counts[0] = used.counts[1] = 5;
    assert_int_equal(open_layout(&used, &layout, &error), SF_STOP);
    assert_int_equal(error.code, SF_INVALID);
    assert_non_null(strstr(error.text, "had 2 partitions"));
    assert_non_null(strstr(error.text, "have 5 now"));
    bench_done(&used);
}

static void a_store_of_another_kind_is_refused(void **test)
{
    bench used = make_bench(hour_sums_topology("in", "out"), 2);
    sf_topology_store *store;
    sf_layout *layout;
    sf_error error;

    (void)test;
    assert_ok(open_layout(&used, &layout, err));
    sf_layout_free(layout);
    store = (sf_topology_store *)&used.topology->stores[0]; /* the test's own */
    store->options.kind = SF_KEY_VALUE_STORE;
    assert_int_equal(open_layout(&used, &layout, &error), SF_STOP);
    assert_int_equal(error.code, SF_INVALID);
    assert_string_equal(error.text,
                        "store hours was a window store when the application last ran and is a "
                        "key-value store now: give it another name, or reset the application");
    bench_done(&used);
}

typedef struct starter {
    const bench *used;
    pthread_t id;
    sf_layout *layout;
} starter;

static void *start(void *user)
{
    starter *self = user;

    assert_ok(open_layout(self->used, &self->layout, err));
    return NULL;
}

static void those_that_start_at_once_agree(void **test)
{
    enum { STARTERS = 5 };
    bench used = make_bench(digit_sums_topology("in", "out"), 2);
    starter starters[STARTERS];

    (void)test;
    for (int i = 0; i < STARTERS; i++) {
        starters[i] = (starter){.used = &used};
        assert_int_equal(pthread_create(&starters[i].id, NULL, start, &starters[i]), 0);
    }
    for (int i = 0; i < STARTERS; i++)
        assert_int_equal(pthread_join(starters[i].id, NULL), 0);
    for (int i = 0; i < STARTERS; i++) {
        assert_int_equal(sf_layout_incarnation(starters[i].layout),
                         sf_layout_incarnation(starters[0].layout));
        assert_int_equal(sf_layout_task_count(starters[i].layout), 4);
    }
    for (int i = 0; i < STARTERS; i++)
        sf_layout_free(starters[i].layout);
    bench_done(&used);
}

static void put(const bench *used, const sf_record *record)
{
    sf_producer *producer;
    sf_outgoing out = {.record = *record};
    size_t sent;

    assert_ok(sf_producer_new(used->broker, NULL, &producer, err));
    assert_ok(sf_producer_topic_open(producer, "app-layout", &out.topic, err));
    assert_ok(sf_producer_send(producer, &out, 1, &sent, err));
    assert_ok(sf_producer_flush(producer, 30000, err));
    sf_producer_close(producer);
}

static void inputs_listed_as_started_are_remembered(void **test)
{
    bench used = make_bench(sums_topology("in", "out"), 2);
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_record record = sf_layout_started_record("in", 1, 1000, &text);
    sf_layout *layout;

    (void)test;
    put(&used, &record);
    assert_ok(open_layout(&used, &layout, err));
    assert_true(sf_layout_has_started(layout, "in", 1));
    assert_false(sf_layout_has_started(layout, "in", 0));
    sf_layout_set_started(layout, "in", 0);
    assert_true(sf_layout_has_started(layout, "in", 0));
    sf_layout_free(layout);
    sf_buffer_done(&text);
    bench_done(&used);
}

static sf_status look_again(sf_layout *layout, sf_error *err)
{
    const sf_retry_policy retry = {.clock = sf_clock_system(), .limit_ms = 10000};
    bool is_end = false;
    sf_status status = sf_layout_refresh(layout, retry, &is_end, err);

    assert_true(status || is_end);
    return status;
}

static void inputs_started_by_others_are_seen_later(void **test)
{
    bench used = make_bench(sums_topology("in", "out"), 2);
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_record record = sf_layout_started_record("in", 1, 1000, &text);
    sf_layout *layout;

    (void)test;
    assert_ok(open_layout(&used, &layout, err));
    assert_ok(look_again(layout, err));
    put(&used, &record);
    assert_false(sf_layout_has_started(layout, "in", 1));
    assert_ok(look_again(layout, err));
    assert_true(sf_layout_has_started(layout, "in", 1));
    sf_layout_free(layout);
    sf_buffer_done(&text);
    bench_done(&used);
}

/* Another program takes over, and later the first one comes back. */
static void a_layout_that_another_program_changed_is_noticed(void **test)
{
    bench used = make_bench(sums_topology("in", "out"), 2);
    sf_topology *first = used.topology;
    sf_layout *layout, *other;
    sf_error error;

    (void)test;
    assert_ok(open_layout(&used, &layout, err));
    used.topology = digit_sums_topology("in", "out");
    assert_ok(open_layout(&used, &other, err));
    assert_int_equal(look_again(layout, &error), SF_STOP);
    assert_int_equal(error.code, SF_INVALID);
    assert_ok(look_again(other, err));
    sf_layout_free(other);
    sf_layout_free(layout);

    sf_topology_free(used.topology);
    used.topology = first;
    assert_ok(open_layout(&used, &layout, err));
    assert_int_equal(sf_layout_task_count(layout), 6); /* its own are where they were */
    assert_int_equal(sf_layout_task_at(layout, 1)->subtopology, 0);
    assert_int_equal(sf_layout_task_at(layout, 5)->subtopology, SF_NO_SUBTOPOLOGY);
    sf_layout_free(layout);
    bench_done(&used);
}

static void a_record_that_makes_no_sense_is_refused(void **test)
{
    static const char *const values[] = {"",
                                         "incarnation 0\n",
                                         "task a 1\n",
                                         "incarnation 7\ntask a\n",
                                         "incarnation 7\ntask a -1\n",
                                         "incarnation 7\ntask a 1x\n",
                                         "incarnation 7\ntopic a\n",
                                         "incarnation 7\nstore a window\n",
                                         "nothing\n"};

    (void)test;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        bench used = make_bench(sums_topology("in", "out"), 2);
        sf_record record = {
            .key = sf_bytes_text("layout"), .value = sf_bytes_text(values[i]), .timestamp = 1};
        sf_layout *layout;
        sf_error error;

        put(&used, &record);
        assert_int_equal(open_layout(&used, &layout, &error), SF_STOP);
        assert_int_equal(error.code, SF_CORRUPT);
        bench_done(&used);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indexes_alternate_between_subtopologies),
        cmocka_unit_test(it_is_the_same_when_read_again),
        cmocka_unit_test(a_changed_program_keeps_the_old_indexes),
        cmocka_unit_test(other_partition_counts_are_refused),
        cmocka_unit_test(a_store_of_another_kind_is_refused),
        cmocka_unit_test(those_that_start_at_once_agree),
        cmocka_unit_test(inputs_started_by_others_are_seen_later),
        cmocka_unit_test(a_layout_that_another_program_changed_is_noticed),
        cmocka_unit_test(inputs_listed_as_started_are_remembered),
        cmocka_unit_test(a_record_that_makes_no_sense_is_refused),
    };

    return run_tests(tests);
}
