#include "journal/cursors.h"

#include <stdio.h>

#include "check.h"
#include "journal/fact.h"
#include "journal/journal_producer.h"
#include "journal/log_storage.h"
#include "journal/shared_log.h"
#include "support/broker_reading.h"

enum { PARTITIONS = 3, LIMIT = 1000 };

typedef struct fixture {
    sf_shared_log *log;
    sf_producer *producer;
    sf_cursors cursors;
    sf_follower followers[PARTITIONS]; /* one of each partition */
    sf_batch_pool *batches;
    int64_t positions[PARTITIONS];
} fixture;

static void make_topic(sf_shared_log *log)
{
    sf_buffer facts = SF_BUFFER_EMPTY;
    sf_catalog *catalog;

    sf_fact_add(&facts, &(sf_fact){.kind = SF_FACT_TOPIC,
                                   .number = PARTITIONS,
                                   .name = sf_bytes_text("t"),
                                   .text = sf_bytes_of("", 0)});
    assert_ok(sf_shared_log_begin_append(log, &catalog, err));
    assert_ok(sf_shared_log_append_facts(log, &facts, err));
    (void)sf_shared_log_end_append(log);
    sf_buffer_done(&facts);
}

static void open_fixture(fixture *on)
{
    *on = (fixture){.batches = sf_batch_pool_new()};
    assert_ok(sf_shared_log_open(sf_memory_storage_new(),
                                 &(sf_shared_log_options){.segment_size_bytes = 5000}, &on->log,
                                 err));
    make_topic(on->log);
    assert_ok(sf_journal_producer_new(on->log, NULL, &(sf_journal_producer_traits){0},
                                      &on->producer, err));
    sf_cursors_init(&on->cursors, sf_shared_log_storage(on->log));
    for (int32_t i = 0; i < PARTITIONS; i++) {
        on->followers[i] = (sf_follower){.target = {0, i}, .queue_size_bytes = LIMIT};
        sf_cursors_add(&on->cursors, &on->followers[i], sf_log_place_of_segment(0));
    }
}

static void close_fixture(fixture *on)
{
    for (int32_t i = 0; i < PARTITIONS; i++) {
        sf_cursors_remove(&on->cursors, &on->followers[i]);
        sf_block_queue_done(&on->followers[i].queue);
    }
    assert_null(on->cursors.first);
    sf_cursors_done(&on->cursors);
    sf_batch_pool_close(on->batches);
    sf_producer_close(on->producer);
    sf_shared_log_close(on->log);
}

static void write_frames(fixture *on, int32_t partition, int count)
{
    for (int i = 0; i < count; i++)
        send_text(on->producer, open_topic(on->producer, "t"), partition, "key", "some value");
}

static void advance(fixture *on, int32_t partition)
{
    assert_ok(sf_cursors_advance(&on->cursors, &on->followers[partition],
                                 sf_shared_log_end(on->log), err));
}

static size_t empty(fixture *on, int32_t partition)
{
    sf_record_batch *batch;
    size_t count;

    assert_ok(sf_block_queue_take(&on->followers[partition].queue, on->batches, 10000,
                                  &on->positions[partition], &batch, err));
    if (!batch)
        return 0;
    count = batch->count;
    batch->release(batch);
    return count;
}

static void one_pass_serves_all(void **state)
{
    fixture on;

    (void)state;
    open_fixture(&on);
    for (int32_t i = 0; i < PARTITIONS; i++)
        write_frames(&on, i, 3);
    advance(&on, 1);

    for (int32_t i = 0; i < PARTITIONS; i++) {
        assert_int_equal(on.followers[i].queue.count, 3);
        assert_ptr_equal(on.followers[i].cursor, on.followers[0].cursor);
    }
    assert_int_equal(sf_follower_log_position(&on.followers[0]), sf_shared_log_end(on.log));
    close_fixture(&on);
}

static void full_follower_is_left_behind_by_one_that_lacks(void **state)
{
    fixture on;

    (void)state;
    open_fixture(&on);
    write_frames(&on, 0, 100);
    write_frames(&on, 1, 2);
    advance(&on, 1);

    assert_int_equal(on.followers[1].queue.count, 2);
    assert_in_range(on.followers[0].queue.size_bytes, LIMIT, LIMIT + 200);
    assert_ptr_not_equal(on.followers[0].cursor, on.followers[1].cursor);
    assert_ptr_equal(on.followers[2].cursor, on.followers[1].cursor);
    close_fixture(&on);
}

static void full_follower_stops_who_has_enough(void **state)
{
    fixture on;

    (void)state;
    open_fixture(&on);
    write_frames(&on, 1, 1);
    write_frames(&on, 0, 100);
    write_frames(&on, 1, 1);
    advance(&on, 1);

    assert_int_equal(on.followers[1].queue.count, 1);
    assert_ptr_equal(on.followers[0].cursor, on.followers[1].cursor);
    assert_true(sf_follower_log_position(&on.followers[0]) < sf_shared_log_end(on.log));
    close_fixture(&on);
}

static void followers_that_meet_go_on_together(void **state)
{
    size_t count = 0;
    fixture on;

    (void)state;
    open_fixture(&on);
    write_frames(&on, 0, 100);
    write_frames(&on, 1, 2);
    advance(&on, 1);
    while (count < 100) {
        count += empty(&on, 0);
        if (count < 100)
            advance(&on, 0);
    }
    advance(&on, 0); /* through what is not for it, to the place of the others */

    assert_ptr_equal(on.followers[0].cursor, on.followers[1].cursor);
    assert_int_equal(on.followers[1].queue.count, 2); /* nothing twice */
    close_fixture(&on);
}

static void followers_left_behind_at_different_places_share_the_way_back(void **state)
{
    fixture on;

    (void)state;
    open_fixture(&on);
    write_frames(&on, 0, 50);
    write_frames(&on, 1, 50);
    write_frames(&on, 2, 1);
    advance(&on, 2);
    assert_ptr_not_equal(on.followers[0].cursor, on.followers[1].cursor);
    while (on.followers[0].cursor != on.followers[1].cursor) {
        (void)empty(&on, 0);
        (void)empty(&on, 1);
        advance(&on, 0);
    }

    for (int32_t i = 0; i < 2; i++)
        while (sf_follower_log_position(&on.followers[i]) < sf_shared_log_end(on.log)) {
            (void)empty(&on, i);
            advance(&on, i);
        }
    (void)empty(&on, 0);
    (void)empty(&on, 1);
    assert_int_equal(on.positions[0], 50);
    assert_int_equal(on.positions[1], 50);
    assert_ptr_equal(on.followers[0].cursor, on.followers[2].cursor);
    assert_ptr_equal(on.followers[1].cursor, on.followers[2].cursor);
    close_fixture(&on);
}

static void frame_half_handed_out_is_not_handed_out_twice(void **state)
{
    sf_outgoing out[2] = {0};
    fixture on;
    size_t sent;

    (void)state;
    open_fixture(&on);
    write_frames(&on, 0, 2);
    advance(&on, 0);
    on.followers[0].queue_size_bytes = on.followers[0].queue.size_bytes; /* full */
    for (int i = 0; i < 2; i++)
        out[i] = (sf_outgoing){.topic = open_topic(on.producer, "t"),
                               .partition = 1 - i,
                               .record = {.value = sf_bytes_text("both")}};
    assert_ok(sf_producer_send(on.producer, out, 2, &sent, err)); /* one frame, 1 before 0 */
    advance(&on, 1); /* 1 gets its block, 0 is full: the cursor stops before the frame */
    assert_int_equal(on.followers[1].queue.count, 1);
    (void)empty(&on, 0);
    advance(&on, 0);

    assert_int_equal(on.followers[1].queue.count, 1);
    assert_ptr_equal(on.followers[0].cursor, on.followers[1].cursor);
    assert_int_equal(empty(&on, 1), 1);
    close_fixture(&on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_pass_serves_all),
        cmocka_unit_test(full_follower_is_left_behind_by_one_that_lacks),
        cmocka_unit_test(full_follower_stops_who_has_enough),
        cmocka_unit_test(followers_that_meet_go_on_together),
        cmocka_unit_test(followers_left_behind_at_different_places_share_the_way_back),
        cmocka_unit_test(frame_half_handed_out_is_not_handed_out_twice),
    };

    return run_tests(tests);
}
