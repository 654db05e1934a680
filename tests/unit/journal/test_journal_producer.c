#include "journal/journal_producer.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "check.h"
#include "support/broker_reading.h"
#include "support/journal_fixture.h"

static sf_broker *open_with_topic(int32_t partitions)
{
    sf_broker *broker;

    assert_ok(sf_journal_open_memory(NULL, &broker, err));
    journal_fixture_topic(broker, "t", partitions);
    return broker;
}

typedef struct told {
    int delivered;
    int failed;
    int permanent;
    int64_t last_offset;
    char error[256];
} told;

static void note(void *user, const sf_delivery *delivery)
{
    told *seen = user;

    if (!delivery->status) {
        seen->delivered++;
        seen->last_offset = delivery->offset;
        return;
    }
    seen->failed++;
    seen->permanent += delivery->permanent;
    strncpy(seen->error, delivery->error, sizeof(seen->error) - 1);
}

static sf_producer *producer_of(sf_broker *broker, const char *id, told *seen)
{
    sf_producer_options options = {
        .transactional_id = id, .on_delivery = seen ? note : NULL, .user = seen};
    sf_producer *producer;

    assert_ok(sf_producer_new(broker, &options, &producer, err));
    return producer;
}

static int64_t end_of(sf_broker *broker, const char *topic, int32_t partition)
{
    sf_watermarks marks;

    assert_ok(sf_broker_watermarks(broker, topic, partition, &marks, err));
    return marks.high;
}

static void record_is_readable_once_sent_and_delivered_once_durable(void **state)
{
    told seen = {0};
    sf_broker *broker = open_with_topic(1);
    sf_producer *producer = producer_of(broker, NULL, &seen);
    sf_producer_topic *topic = open_topic(producer, "t");

    (void)state;
    send_text(producer, topic, 0, "k", "v");
    assert_int_equal(end_of(broker, "t", 0), 1);
    assert_int_equal(seen.delivered, 0);
    assert_int_equal(sf_producer_end_offset(topic, 0), SF_OFFSET_NONE);

    sf_producer_poll(producer);
    assert_int_equal(seen.delivered, 1);
    assert_int_equal(sf_producer_end_offset(topic, 0), 1);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void transaction_is_delivered_at_its_commit(void **state)
{
    told seen = {0};
    sf_broker *broker = open_with_topic(2);
    sf_producer *producer = producer_of(broker, "id", &seen);
    sf_producer_topic *topic = open_topic(producer, "t");

    (void)state;
    assert_ok(sf_producer_begin(producer, err));
    send_text(producer, topic, 1, "k", "v");
    send_text(producer, topic, 1, "k", "w");
    assert_ok(sf_producer_flush(producer, 0, err));
    assert_int_equal(seen.delivered, 0);
    assert_int_equal(end_of(broker, "t", 1), 0);

    assert_ok(sf_producer_commit(producer, 0, err));
    assert_int_equal(seen.delivered, 2);
    assert_int_equal(seen.last_offset, 1);
    assert_int_equal(sf_producer_end_offset(topic, 1), 2);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void abort_leaves_nothing(void **state)
{
    told seen = {0};
    sf_broker *broker = open_with_topic(1);
    sf_producer *producer = producer_of(broker, "id", &seen);
    sf_producer_topic *topic = open_topic(producer, "t");

    (void)state;
    assert_ok(sf_producer_begin(producer, err));
    send_text(producer, topic, 0, "k", "v");
    assert_ok(sf_producer_abort(producer, 0, err));
    assert_ok(sf_producer_begin(producer, err));
    assert_ok(sf_producer_commit(producer, 0, err));

    assert_int_equal(end_of(broker, "t", 0), 0);
    assert_int_equal(seen.delivered + seen.failed, 0);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void sending_needs_an_open_transaction(void **state)
{
    sf_broker *broker = open_with_topic(1);
    sf_producer *producer = producer_of(broker, "id", NULL);
    sf_outgoing out = {.topic = open_topic(producer, "t")};
    sf_error error = {0};
    size_t sent;

    (void)state;
    assert_int_equal(sf_producer_send(producer, &out, 1, &sent, &error), SF_STOP);
    assert_int_equal(error.code, SF_INVALID);
    assert_int_equal(sf_producer_commit(producer, 0, &error), SF_STOP);
    assert_int_equal(sf_producer_abort(producer, 0, &error), SF_STOP);
    assert_ok(sf_producer_begin(producer, err));
    assert_int_equal(sf_producer_begin(producer, &error), SF_STOP);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void too_large_record_fails_for_good_and_the_others_go_on(void **state)
{
    told seen = {0};
    sf_broker *broker = open_with_topic(1);
    sf_producer *producer = producer_of(broker, NULL, &seen);
    sf_producer_topic *topic = open_topic(producer, "t");
    size_t size = 65 * 1024 * 1024;
    uint8_t *large = sf_zalloc(size);
    sf_outgoing out[2] = {
        {.topic = topic, .record = {.value = sf_bytes_of(large, size)}},
        {.topic = topic, .record = {.value = sf_bytes_text("v")}},
    };
    sf_error error = {0};
    size_t sent;

    (void)state;
    assert_ok(sf_producer_send(producer, out, 2, &sent, err));
    assert_int_equal(sent, 2);
    assert_int_equal(sf_producer_flush(producer, 0, &error), SF_STOP);

    assert_int_equal(error.code, SF_INVALID);
    assert_int_equal(seen.failed, 1);
    assert_int_equal(seen.permanent, 1);
    assert_int_equal(seen.delivered, 1);
    assert_non_null(strstr(seen.error, "journal.message.max.bytes"));
    assert_ok(sf_producer_flush(producer, 0, err)); /* said once */
    free(large);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void transaction_with_a_refused_record_is_not_committed(void **state)
{
    sf_broker *broker = open_with_topic(1);
    sf_producer *producer = producer_of(broker, "id", NULL);
    sf_producer_topic *topic = open_topic(producer, "t");
    sf_outgoing out = {.topic = topic, .partition = 7};
    sf_error error = {0};
    size_t sent;

    (void)state;
    assert_ok(sf_producer_begin(producer, err));
    send_text(producer, topic, 0, "k", "v");
    assert_ok(sf_producer_send(producer, &out, 1, &sent, err));
    assert_int_equal(sf_producer_flush(producer, 0, &error), SF_STOP);
    assert_int_equal(sf_producer_commit(producer, 0, &error), SF_STOP);
    assert_int_equal(error.code, SF_NOT_FOUND);
    assert_ok(sf_producer_abort(producer, 0, err));
    assert_int_equal(end_of(broker, "t", 0), 0);

    assert_ok(sf_producer_begin(producer, err));
    send_text(producer, topic, 0, "k", "v");
    assert_ok(sf_producer_commit(producer, 0, err));
    assert_int_equal(end_of(broker, "t", 0), 1);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void record_for_a_deleted_topic_fails_for_good(void **state)
{
    told seen = {0};
    sf_broker *broker = open_with_topic(1);
    sf_producer *producer = producer_of(broker, NULL, &seen);
    sf_producer_topic *old = open_topic(producer, "t");
    sf_producer_topic *new;

    (void)state;
    assert_ok(sf_broker_delete_topic(broker, "t", err));
    send_text(producer, old, 0, "k", "v");
    assert_int_equal(seen.permanent, 1);
    journal_fixture_topic(broker, "t", 2);
    new = open_topic(producer, "t");
    assert_true(new != old);
    send_text(producer, new, 1, "k", "v");

    assert_int_equal(end_of(broker, "t", 1), 1);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void records_without_a_key_go_to_all_partitions_in_turn(void **state)
{
    sf_broker *broker = open_with_topic(3);
    sf_producer *producer = producer_of(broker, NULL, NULL);
    sf_producer_topic *topic = open_topic(producer, "t");

    (void)state;
    for (int i = 0; i < 9; i++)
        send_text(producer, topic, SF_PARTITION_BY_KEY, NULL, "v");

    for (int32_t i = 0; i < 3; i++)
        assert_int_equal(end_of(broker, "t", i), 3);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void fenced_producer_can_abort_and_commits_nothing(void **state)
{
    sf_broker *broker = open_with_topic(1);
    sf_producer *older = producer_of(broker, "id", NULL);
    sf_producer *newer;
    sf_error error = {0};

    (void)state;
    assert_ok(sf_producer_begin(older, err));
    newer = producer_of(broker, "id", NULL);
    assert_int_equal(sf_producer_commit(older, 0, &error), SF_REBUILD_TASK); /* empty, yet fenced */
    assert_int_equal(error.code, SF_FENCED);
    assert_ok(sf_producer_abort(older, 0, err));
    assert_ok(sf_producer_begin(older, err));
    send_text(older, open_topic(older, "t"), 0, "k", "v");
    assert_int_equal(sf_producer_commit(older, 0, &error), SF_REBUILD_TASK);

    assert_int_equal(end_of(broker, "t", 0), 0);
    sf_producer_close(older);
    sf_producer_close(newer);
    sf_broker_close(broker);
}

static void fence_holds_between_processes_and_over_segments(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_journal_options small = {.segment_size_bytes = 400};
    sf_broker *one = journal_fixture_open(directory, &small);
    sf_broker *other;
    sf_producer *older;
    sf_producer *newer;
    sf_error error = {0};

    (void)state;
    journal_fixture_topic(one, "t", 1);
    older = producer_of(one, "id", NULL);
    assert_ok(sf_producer_begin(older, err));
    send_text(older, open_topic(older, "t"), 0, "k", "v");
    other = journal_fixture_open(directory, &small);
    newer = producer_of(other, "id", NULL);
    for (int i = 0; i < 20; i++)
        send_alone(other, "t", 0, "k", "filling");
    sf_broker_close(journal_fixture_open(directory, &small));

    assert_int_equal(sf_producer_commit(older, 0, &error), SF_REBUILD_TASK);
    assert_int_equal(error.code, SF_FENCED);
    sf_producer_close(older);
    sf_producer_close(newer);
    sf_broker_close(other);
    sf_broker_close(one);
}

static void offsets_that_make_no_sense_are_refused(void **state)
{
    static char long_text[5000];
    sf_broker *broker = open_with_topic(1);
    sf_producer *producer = producer_of(broker, "id", NULL);
    sf_offset wrong[] = {
        {"nowhere", 0, 1, NULL}, {"t", 3, 1, NULL}, {"t", 0, -1, NULL}, {"t", 0, 1, long_text}};
    sf_consumer *grouped;
    sf_consumer *alone;
    sf_group_token *token;
    sf_error error = {0};

    (void)state;
    memset(long_text, 'x', sizeof(long_text) - 1);
    assert_ok(sf_consumer_new(broker, &(sf_consumer_options){.group = "g"}, &grouped, err));
    assert_ok(sf_consumer_new(broker, NULL, &alone, err));
    assert_ok(sf_producer_begin(producer, err));
    token = sf_consumer_token(grouped);
    for (size_t i = 0; i < SF_ARRAY_LENGTH(wrong); i++)
        assert_int_equal(sf_producer_send_offsets(producer, &wrong[i], 1, token, &error), SF_STOP);
    sf_group_token_free(token);
    token = sf_consumer_token(alone);
    assert_int_equal(sf_producer_send_offsets(producer, &wrong[0], 1, token, &error), SF_STOP);
    assert_int_equal(error.code, SF_INVALID);

    sf_group_token_free(token);
    sf_producer_close(producer);
    sf_consumer_close(grouped);
    sf_consumer_close(alone);
    sf_broker_close(broker);
}

static void transaction_of_many_partitions_and_bytes_comes_back(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = journal_fixture_open(directory, NULL);
    sf_producer *producer = producer_of(broker, "id", NULL);
    sf_consumer *consumer;
    size_t size = 300 * 1024;
    char *value = sf_alloc(size + 1);

    (void)state;
    journal_fixture_topic(broker, "many", 600); /* more than one writev takes */
    memset(value, 'v', size);
    value[size] = 0;
    assert_ok(sf_producer_begin(producer, err));
    for (int32_t i = 0; i < 600; i++)
        send_text(producer, open_topic(producer, "many"), i, "k", i % 100 ? "small" : value);
    assert_ok(sf_producer_commit(producer, 0, err));
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));

    for (int32_t i = 0; i < 600; i += 50)
        assert_next_values(consumer, read_from(consumer, "many", i, 0), i % 100 ? "small" : value);
    free(value);
    sf_consumer_close(consumer);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_is_readable_once_sent_and_delivered_once_durable),
        cmocka_unit_test(transaction_is_delivered_at_its_commit),
        cmocka_unit_test(abort_leaves_nothing),
        cmocka_unit_test(sending_needs_an_open_transaction),
        cmocka_unit_test(too_large_record_fails_for_good_and_the_others_go_on),
        cmocka_unit_test(transaction_with_a_refused_record_is_not_committed),
        cmocka_unit_test(record_for_a_deleted_topic_fails_for_good),
        cmocka_unit_test(records_without_a_key_go_to_all_partitions_in_turn),
        cmocka_unit_test(fenced_producer_can_abort_and_commits_nothing),
        cmocka_unit_test(fence_holds_between_processes_and_over_segments),
        cmocka_unit_test(offsets_that_make_no_sense_are_refused),
        cmocka_unit_test(transaction_of_many_partitions_and_bytes_comes_back),
    };

    return run_tests(tests);
}
