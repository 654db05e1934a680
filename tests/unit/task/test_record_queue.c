/* record_queue.c - batches in, one prepared head out; positions over gaps. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "task/record_queue.h"
#include "task/repartition_value.h"

static int released;

static void release(sf_record_batch *batch)
{
    released++;
    free(batch);
}

/* Records at the given offsets; their timestamp is the offset, their value eight bytes. */
static sf_record_batch *batch_at(const int64_t *offsets, size_t count, int64_t position_after)
{
    sf_record_batch *batch = malloc(sizeof(*batch) + count * sizeof(sf_consumed_record));
    sf_consumed_record *records = (sf_consumed_record *)(void *)(batch + 1);

    assert_non_null(batch);
    for (size_t i = 0; i < count; i++)
        records[i] = (sf_consumed_record){{.key = sf_bytes_text("k"),
                                           .value = sf_bytes_text("12345678"),
                                           .timestamp = offsets[i]},
                                          offsets[i]};
    *batch = (sf_record_batch){records, count, position_after, release};
    return batch;
}

static const sf_node plain = {.kind = SF_SOURCE_NODE};

static void records_come_in_order_over_batches(void **state)
{
    sf_record_queue queue;

    (void)state;
    released = 0;
    sf_record_queue_init(&queue, &plain, false);
    sf_record_queue_push(&queue, batch_at((int64_t[]){3, 4}, 2, 5));
    sf_record_queue_push(&queue, batch_at((int64_t[]){9}, 1, 10));
    assert_int_equal(queue.record_count, 3);

    assert_int_equal(sf_record_queue_head(&queue)->timestamp, 3);
    sf_record_queue_pop(&queue);
    assert_int_equal(queue.position, 4);
    assert_int_equal(sf_record_queue_head(&queue)->timestamp, 4);
    assert_int_equal(released, 0);
    sf_record_queue_pop(&queue);
    assert_int_equal(released, 1);
    assert_int_equal(sf_record_queue_head(&queue)->timestamp, 9);
    sf_record_queue_pop(&queue);
    assert_null(sf_record_queue_head(&queue));
    assert_int_equal(queue.record_count, 0);
    assert_int_equal(released, 2);
    sf_record_queue_done(&queue);
}

static void the_position_moves_past_markers_at_the_end_of_a_batch(void **state)
{
    sf_record_queue queue;

    (void)state;
    sf_record_queue_init(&queue, &plain, false);
    sf_record_queue_push(&queue, batch_at((int64_t[]){3, 7}, 2, 12));

    sf_record_queue_head(&queue);
    sf_record_queue_pop(&queue);
    assert_int_equal(queue.position, 4);
    sf_record_queue_head(&queue);
    sf_record_queue_pop(&queue);
    assert_int_equal(queue.position, 12);
    sf_record_queue_done(&queue);
}

static void a_batch_of_markers_alone_moves_the_position_in_its_turn(void **state)
{
    sf_record_queue queue;

    (void)state;
    released = 0;
    sf_record_queue_init(&queue, &plain, false);
    sf_record_queue_push(&queue, batch_at(NULL, 0, 3));
    assert_int_equal(queue.position, 3);
    sf_record_queue_push(&queue, batch_at((int64_t[]){4}, 1, 5));
    sf_record_queue_push(&queue, batch_at(NULL, 0, 9));
    assert_int_equal(queue.position, 3);

    sf_record_queue_head(&queue);
    sf_record_queue_pop(&queue);
    assert_int_equal(queue.position, 9);
    assert_int_equal(released, 3);
    sf_record_queue_done(&queue);
}

static void many_batches_wait_in_order(void **state)
{
    sf_record_queue queue;

    (void)state;
    sf_record_queue_init(&queue, &plain, false);
    for (int64_t i = 0; i < 5; i++)
        sf_record_queue_push(&queue, batch_at(&i, 1, i + 1));
    for (int64_t i = 0; i < 3; i++) {
        assert_int_equal(sf_record_queue_head(&queue)->timestamp, i);
        sf_record_queue_pop(&queue);
    }
    for (int64_t i = 5; i < 40; i++) /* the ring grows while it is bent */
        sf_record_queue_push(&queue, batch_at(&i, 1, i + 1));
    for (int64_t i = 3; i < 40; i++) {
        assert_int_equal(sf_record_queue_head(&queue)->timestamp, i);
        sf_record_queue_pop(&queue);
    }
    assert_null(sf_record_queue_head(&queue));
    sf_record_queue_done(&queue);
}

static void clearing_releases_all(void **state)
{
    sf_record_queue queue;

    (void)state;
    released = 0;
    sf_record_queue_init(&queue, &plain, false);
    sf_record_queue_push(&queue, batch_at((int64_t[]){3, 4}, 2, 5));
    sf_record_queue_push(&queue, batch_at((int64_t[]){5}, 1, 6));
    sf_record_queue_head(&queue);
    sf_record_queue_clear(&queue);

    assert_int_equal(released, 2);
    assert_null(sf_record_queue_head(&queue));
    sf_record_queue_done(&queue);
}

static void the_head_is_deserialized(void **state)
{
    const sf_node numbers = {.kind = SF_SOURCE_NODE, .value = &sf_int64_serde};
    sf_record_queue queue;

    (void)state;
    sf_record_queue_init(&queue, &numbers, false);
    sf_record_queue_push(&queue, batch_at((int64_t[]){3}, 1, 4));

    assert_int_equal(sf_bytes_to_int64(sf_record_queue_head(&queue)->record.value),
                     0x3132333435363738);
    assert_bytes(sf_record_queue_head(&queue)->raw->record.value, "12345678");
    sf_record_queue_done(&queue);
}

static void bytes_that_make_no_sense_are_a_refused_head(void **state)
{
    const sf_node numbers = {.kind = SF_SOURCE_NODE, .key = &sf_int32_serde};
    sf_record_queue queue;

    (void)state;
    sf_record_queue_init(&queue, &numbers, false);
    sf_record_queue_push(&queue, batch_at((int64_t[]){3}, 1, 4));

    assert_int_equal(sf_record_queue_head(&queue)->status, SF_REJECT);
    assert_string_equal(queue.head_error.text, "key: int32 wants 4 bytes, not 1");
    assert_int_equal(sf_record_queue_head(&queue)->timestamp, 3);
    sf_record_queue_done(&queue);
}

static int64_t behind_the_partition(void *user, const sf_record *record, int64_t partition_time)
{
    (void)record;
    return partition_time + *(int64_t *)user;
}

static void an_extractor_sees_the_partition_time(void **state)
{
    int64_t step = 5;
    const sf_node timed = {
        .kind = SF_SOURCE_NODE, .timestamp = behind_the_partition, .timestamp_user = &step};
    sf_record_queue queue;

    (void)state;
    sf_record_queue_init(&queue, &timed, false);
    queue.partition_time = 100;
    sf_record_queue_push(&queue, batch_at((int64_t[]){3, 4}, 2, 5));
    assert_int_equal(sf_record_queue_head(&queue)->timestamp, 105);
    sf_record_queue_pop(&queue);
    step = -200;

    assert_int_equal(sf_record_queue_head(&queue)->status, SF_REJECT);
    assert_int_equal(sf_record_queue_head(&queue)->timestamp, 0);
    sf_record_queue_done(&queue);
}

static void repartition_records_carry_their_time_and_null_inside(void **state)
{
    sf_arena *arena = sf_arena_new();
    sf_consumed_record record = {{.key = sf_bytes_text("k"), .timestamp = 99}, 0};
    sf_record_batch batch = {&record, 1, 1, release};
    sf_record_queue queue;

    (void)state;
    record.record.value = sf_repartition_value_encode(SF_NULL, 0, arena);
    sf_record_queue_init(&queue, &plain, true);
    sf_record_queue_push(&queue, memcpy(malloc(sizeof(batch)), &batch, sizeof(batch)));

    assert_int_equal(sf_record_queue_head(&queue)->timestamp, 0);
    assert_true(sf_bytes_is_null(sf_record_queue_head(&queue)->record.value));
    sf_record_queue_done(&queue);
    sf_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_in_order_over_batches),
        cmocka_unit_test(the_position_moves_past_markers_at_the_end_of_a_batch),
        cmocka_unit_test(a_batch_of_markers_alone_moves_the_position_in_its_turn),
        cmocka_unit_test(many_batches_wait_in_order),
        cmocka_unit_test(clearing_releases_all),
        cmocka_unit_test(the_head_is_deserialized),
        cmocka_unit_test(bytes_that_make_no_sense_are_a_refused_head),
        cmocka_unit_test(an_extractor_sees_the_partition_time),
        cmocka_unit_test(repartition_records_carry_their_time_and_null_inside),
    };

    return run_tests(tests);
}
