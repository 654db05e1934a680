/* What is taken away because nobody needs it any more. */
#include "runtime/housekeeper.h"

#include <stdlib.h>
#include <string.h>

#include <stateful/connect.h>

#include "check.h"
#include "store/meta.h"
#include "store/task_stores.h"
#include "support/sums_app.h"
#include "topology/topology_implementation.h"

enum { DELAY_MS = 1000, BEGIN_MS = 100000 };

typedef struct bench {
    sf_broker *broker;
    sf_topology *topology; /* two sub-topologies, a repartition topic between them */
    sf_clock *clock;
    sf_state *state;
    sf_housekeeper *keeper;
    const sf_subtopology *part; /* that has the store */
    size_t subtopology;
} bench;

static bench open_bench(void)
{
    bench made = {.topology = digit_sums_topology("in", "out"),
                  .clock = sf_clock_manual_new(BEGIN_MS)};

    assert_ok(sf_broker_connect("memory:", NULL, &made.broker, err));
    assert_ok(sf_state_open(
        &(sf_state_options){.application_id = "app", .instance_id = "one", .clock = made.clock},
        &made.state, err));
    made.keeper = sf_housekeeper_new(&(sf_housekeeper_options){
        .topology = made.topology,
        .application_id = "app",
        .broker = made.broker,
        .state = made.state,
        .clock = made.clock,
        .cleanup_delay_ms = DELAY_MS,
        .purge_interval_ms = 1000,
    });
    while (!made.topology->subtopologies[made.subtopology].store_count)
        made.subtopology++;
    made.part = &made.topology->subtopologies[made.subtopology];
    return made;
}

static void bench_done(bench *used)
{
    sf_housekeeper_free(used->keeper);
    sf_state_close(used->state);
    sf_broker_close(used->broker);
    sf_topology_free(used->topology);
    sf_clock_manual_free(used->clock);
}

/* ---- state ---- */

static sf_task_stores *open_stores(const bench *at, int32_t partition)
{
    sf_task_stores *stores;

    assert_ok(sf_task_stores_open(at->state, partition,
                                  &at->topology->stores[at->part->stores[0]].options, 1, NULL, NULL,
                                  &stores, err));
    return stores;
}

/* As a commit of the task leaves it. */
static void write_task(const bench *at, int32_t partition)
{
    sf_task_stores *stores = open_stores(at, partition);
    sf_key_value_store *store = sf_store_as_key_value(sf_task_stores_at(stores, 0));
    sf_state_commit *commit = sf_state_commit_new(at->state);
    sf_state_batch *batch = sf_state_commit_batch(commit, false);
    sf_state_db *disk = sf_state_database(at->state, false);

    sf_task_stores_mark(stores);
    assert_ok(sf_key_value_store_put(store, sf_bytes_text("k"), sf_bytes_text("12345678"), 1, err));
    assert_ok(sf_task_stores_flush(stores, commit, err));
    assert_ok(
        sf_meta_put(disk, batch, SF_META_INPUT, "app-by-digit-repartition", partition, 5, err));
    assert_ok(sf_meta_put(disk, batch, SF_META_CHANGELOG, "digit-sums", partition, 7, err));
    assert_ok(sf_meta_put_times(disk, batch, at->part->identity, partition, "1", err));
    assert_ok(sf_meta_put(disk, batch, SF_META_WRITTEN, at->part->identity, partition,
                          sf_clock_now_ms(at->clock), err));
    assert_ok(sf_state_commit_write(commit, err));
    sf_task_stores_committed(stores);
    sf_state_commit_free(commit);
    sf_task_stores_close(stores);
}

static bool has_row(const bench *at, int32_t partition)
{
    sf_task_stores *stores = open_stores(at, partition);
    sf_stored stored;

    assert_ok(sf_key_value_store_get(sf_store_as_key_value(sf_task_stores_at(stores, 0)),
                                     sf_bytes_text("k"), &stored, err));
    sf_task_stores_close(stores);
    return !sf_bytes_is_null(stored.value);
}

static int64_t meta(const bench *at, sf_meta_kind kind, const char *name, int32_t partition)
{
    int64_t found;

    assert_ok(sf_meta_get(sf_state_database(at->state, false), kind, name, partition, &found, err));
    return found;
}

static size_t clean(const bench *at)
{
    size_t removed;

    assert_ok(sf_housekeeper_clean(at->keeper, &removed, err));
    return removed;
}

static void state_of_a_task_that_left_is_removed_after_the_delay(void **test)
{
    bench at = open_bench();

    (void)test;
    write_task(&at, 0);
    sf_clock_manual_advance(at.clock, DELAY_MS - 1);
    assert_int_equal(clean(&at), 0);
    assert_true(has_row(&at, 0));

    write_task(&at, 1);
    sf_clock_manual_advance(at.clock, 1);
    assert_int_equal(clean(&at), 1);
    assert_false(has_row(&at, 0));
    assert_int_equal(meta(&at, SF_META_INPUT, "app-by-digit-repartition", 0), -1);
    assert_int_equal(meta(&at, SF_META_CHANGELOG, "digit-sums", 0), -1);
    assert_int_equal(meta(&at, SF_META_WRITTEN, at.part->identity, 0), -1);
    assert_true(has_row(&at, 1)); /* it left later */
    assert_int_equal(clean(&at), 0);
    bench_done(&at);
}

static void state_of_a_task_that_is_held_stays(void **test)
{
    bench at = open_bench();

    (void)test;
    write_task(&at, 0);
    assert_true(sf_state_take_task(at.state, at.part->identity, 0));
    sf_clock_manual_advance(at.clock, 100 * DELAY_MS);
    assert_int_equal(clean(&at), 0);
    assert_true(has_row(&at, 0));

    sf_state_release_task(at.state, at.part->identity, 0);
    assert_int_equal(clean(&at), 1);
    assert_false(sf_state_has_holder(at.state, at.part->identity, 0));
    bench_done(&at);
}

static void state_of_another_program_is_left_alone(void **test)
{
    bench at = open_bench();
    sf_state_commit *commit = sf_state_commit_new(at.state);

    (void)test;
    assert_ok(sf_meta_put(sf_state_database(at.state, false), sf_state_commit_batch(commit, false),
                          SF_META_WRITTEN, "somebody-else", 0, 1, err));
    assert_ok(sf_state_commit_write(commit, err));
    sf_state_commit_free(commit);
    sf_clock_manual_advance(at.clock, 100 * DELAY_MS);

    assert_int_equal(clean(&at), 0);
    assert_int_equal(meta(&at, SF_META_WRITTEN, "somebody-else", 0), 1);
    bench_done(&at);
}

/* ---- records ---- */

static const char TOPIC[] = "app-by-digit-repartition";

static void commit_position(const bench *at, int64_t offset)
{
    const sf_offset position = {.topic = TOPIC, .partition = 0, .offset = offset};
    sf_consumer *consumer;

    assert_ok(sf_consumer_new(at->broker, &(sf_consumer_options){.group = "app"}, &consumer, err));
    assert_ok(sf_consumer_commit(consumer, &position, 1, err));
    sf_consumer_close(consumer);
}

static int64_t low(const bench *at, const char *topic)
{
    sf_watermarks marks;

    assert_ok(sf_broker_watermarks(at->broker, topic, 0, &marks, err));
    return marks.low;
}

static size_t purge(const bench *at)
{
    size_t purged;

    assert_ok(sf_housekeeper_purge(at->keeper, &purged, err));
    return purged;
}

static void what_the_group_has_read_of_a_repartition_topic_is_purged(void **test)
{
    bench at = open_bench();

    (void)test;
    numbers_topic(at.broker, TOPIC, 1);
    sums_app_feed(at.broker, TOPIC, 1, 100);
    assert_true(sf_state_take_task(at.state, at.part->identity, 0));
    assert_int_equal(purge(&at), 0); /* nothing is committed */

    commit_position(&at, 60);
    assert_int_equal(purge(&at), 1);
    assert_int_equal(low(&at, TOPIC), 60);
    assert_int_equal(purge(&at), 0); /* nothing new */
    commit_position(&at, 61);
    assert_int_equal(purge(&at), 1);
    assert_int_equal(low(&at, TOPIC), 61);
    sf_state_release_task(at.state, at.part->identity, 0);
    bench_done(&at);
}

static void who_does_not_hold_the_task_purges_nothing(void **test)
{
    bench at = open_bench();

    (void)test;
    numbers_topic(at.broker, TOPIC, 1);
    sums_app_feed(at.broker, TOPIC, 1, 100);
    commit_position(&at, 60);

    assert_int_equal(purge(&at), 0);
    assert_int_equal(low(&at, TOPIC), 0);
    bench_done(&at);
}

static void inputs_that_others_own_are_not_purged(void **test)
{
    bench at = open_bench();
    const sf_offset position = {.topic = "in", .partition = 0, .offset = 50};
    sf_consumer *consumer;

    (void)test;
    numbers_topic(at.broker, "in", 1);
    sums_app_feed(at.broker, "in", 1, 100);
    assert_ok(sf_consumer_new(at.broker, &(sf_consumer_options){.group = "app"}, &consumer, err));
    assert_ok(sf_consumer_commit(consumer, &position, 1, err));
    sf_consumer_close(consumer);
    for (size_t i = 0; i < at.topology->subtopology_count; i++)
        assert_true(sf_state_take_task(at.state, at.topology->subtopologies[i].identity, 0));

    assert_int_equal(purge(&at), 0);
    assert_int_equal(low(&at, "in"), 0);
    for (size_t i = 0; i < at.topology->subtopology_count; i++)
        sf_state_release_task(at.state, at.topology->subtopologies[i].identity, 0);
    bench_done(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_of_a_task_that_left_is_removed_after_the_delay),
        cmocka_unit_test(state_of_a_task_that_is_held_stays),
        cmocka_unit_test(state_of_another_program_is_left_alone),
        cmocka_unit_test(what_the_group_has_read_of_a_repartition_topic_is_purged),
        cmocka_unit_test(who_does_not_hold_the_task_purges_nothing),
        cmocka_unit_test(inputs_that_others_own_are_not_purged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
