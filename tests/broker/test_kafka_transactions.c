/* Transactions on a real Kafka: what others see of them, and how they fail. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "check.h"
#include "kafka/kafka_broker.h"
#include "support/broker_fixture.h"
#include "support/broker_reading.h"

static sf_producer *transactional(sf_broker *broker, const char *id)
{
    sf_producer *producer;

    assert_ok(
        sf_producer_new(broker, &(sf_producer_options){.transactional_id = id}, &producer, err));
    return producer;
}

static void send_many(sf_producer *producer, sf_producer_topic *topic, int count)
{
    for (int i = 0; i < count; i++)
        send_text(producer, topic, 0, "k", "v");
    assert_ok(sf_producer_flush(producer, 10000, err));
}

/* librdkafka may need a second abort to get its sequence numbers right after a refused record. */
static void commit_short_record(sf_producer *producer, sf_producer_topic *topic)
{
    sf_status status = SF_ABORT_COMMIT;

    for (int i = 0; i < 3 && status == SF_ABORT_COMMIT; i++) {
        assert_ok(sf_producer_abort(producer, 10000, err));
        assert_ok(sf_producer_begin(producer, err));
        send_text(producer, topic, 0, NULL, "short");
        status = sf_producer_commit(producer, 10000, NULL);
    }
    assert_int_equal(status, SF_OK);
}

static sf_watermarks marks_of(sf_broker *broker, const char *topic)
{
    sf_watermarks marks;

    assert_ok(sf_broker_watermarks(broker, topic, 0, &marks, err));
    return marks;
}

static void open_transaction_is_behind_the_stable_end(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_topic(broker, "open", 1);
    sf_producer *producer = transactional(broker, kafka_fixture_name("id"));
    sf_producer_topic *handle = open_topic(producer, topic);

    (void)state;
    assert_ok(sf_producer_begin(producer, err));
    send_many(producer, handle, 5);
    assert_ok(sf_producer_commit(producer, 10000, err));
    assert_int_equal(settled_marks(broker, topic, 0).high, 6); /* five and a marker */
    assert_ok(sf_producer_begin(producer, err));
    send_many(producer, handle, 5);

    assert_int_equal(marks_of(broker, topic).last_stable, 6);
    assert_int_equal(marks_of(broker, topic).high, 11);
    assert_ok(sf_producer_commit(producer, 10000, err));
    assert_int_equal(settled_marks(broker, topic, 0).last_stable, 12);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void restore_waits_for_an_open_transaction_before_its_end(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_topic(broker, "restore", 1);
    sf_producer *producer = transactional(broker, kafka_fixture_name("id"));
    sf_producer_topic *handle = open_topic(producer, topic);
    sf_consumer *consumer;
    sf_reader *reader;
    int64_t end;

    (void)state;
    assert_ok(sf_producer_begin(producer, err));
    send_many(producer, handle, 5);
    assert_ok(sf_producer_abort(producer, 10000, err));
    assert_ok(sf_producer_begin(producer, err));
    send_many(producer, handle, 3);
    end = marks_of(broker, topic).high;
    assert_int_equal(end, 9);

    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_from(consumer, topic, 0, 0);
    assert_int_equal(read_to(consumer, reader, 6), 0); /* past the aborted ones and their marker */
    assert_int_equal(sf_reader_position(reader), 6);
    assert_ok(sf_producer_commit(producer, 10000, err));
    assert_int_equal(read_to(consumer, reader, end), 3);
    assert_int_equal(read_to(consumer, reader, 10), 0); /* the marker */
    sf_consumer_close(consumer);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void uncommitted_reader_sees_what_was_aborted(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_topic(broker, "aborted", 1);
    sf_producer *producer = transactional(broker, kafka_fixture_name("id"));
    sf_consumer *consumer;
    sf_reader *reader;

    (void)state;
    assert_ok(sf_producer_begin(producer, err));
    send_many(producer, open_topic(producer, topic), 4);
    assert_ok(sf_producer_abort(producer, 10000, err));
    assert_ok(
        sf_consumer_new(broker, &(sf_consumer_options){.read_uncommitted = true}, &consumer, err));
    reader = read_from(consumer, topic, 0, 0);

    assert_int_equal(read_to(consumer, reader, 5), 4);
    sf_consumer_close(consumer);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void committed_offsets_wait_for_the_transaction_that_holds_them(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_topic(broker, "held", 1);
    sf_producer *producer = transactional(broker, kafka_fixture_name("id"));
    sf_consumer_options options = {.group = kafka_fixture_name("group")};
    sf_offset position = {topic, 0, 5, NULL};
    sf_offset committed = {topic, 0, 0, NULL};
    sf_consumer *consumer;
    sf_group_token *token;
    sf_error error;

    (void)state;
    assert_ok(sf_consumer_new(broker, &options, &consumer, err));
    token = sf_consumer_token(consumer);
    assert_ok(sf_producer_begin(producer, err));
    assert_ok(sf_producer_send_offsets(producer, &position, 1, token, err));

    assert_int_equal(sf_consumer_committed(consumer, &committed, 1, 300, &error), SF_RETRY);
    assert_int_equal(error.code, SF_TIMED_OUT);
    assert_ok(sf_producer_commit(producer, 10000, err));
    assert_ok(sf_consumer_committed(consumer, &committed, 1, 10000, err));
    assert_int_equal(committed.offset, 5);
    sf_group_token_free(token);
    sf_consumer_close(consumer);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void oversized_record_is_rejected_and_the_transaction_lives_on(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_topic(broker, "oversized", 1);
    sf_producer *producer = transactional(broker, kafka_fixture_name("id"));
    sf_producer_topic *handle = open_topic(producer, topic);
    size_t size = 2 * 1024 * 1024;
    void *bytes = sf_zalloc(size);
    const sf_outgoing out[] = {
        {handle, 0, {SF_NULL, sf_bytes_text("fine"), 5, {NULL, 0}}, NULL},
        {handle, 0, {SF_NULL, sf_bytes_of(bytes, size), 5, {NULL, 0}}, NULL},
    };
    size_t sent = 9;
    sf_error error;

    (void)state;
    assert_ok(sf_producer_begin(producer, err));
    assert_int_equal(sf_producer_send(producer, out, 2, &sent, &error), SF_REJECT);
    assert_int_equal(error.code, SF_BAD_DATA);
    assert_int_equal(sent, 1);
    assert_ok(sf_producer_commit(producer, 10000, err));
    assert_int_equal(settled_marks(broker, topic, 0).high, 2);
    free(bytes);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

typedef struct verdict {
    int count;
    sf_status status;
    bool permanent;
} verdict;

static void note(void *user, const sf_delivery *delivery)
{
    verdict *seen = user;

    seen->count++;
    seen->status = delivery->status;
    seen->permanent = delivery->permanent;
}

static void record_the_topic_refuses_aborts_the_commit(void **state)
{
    static const sf_topic_config small = {"max.message.bytes", "1000"};
    verdict seen = {0};
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_name("small");
    sf_producer_options options = {
        .transactional_id = kafka_fixture_name("id"), .on_delivery = note, .user = &seen};
    uint8_t bytes[5000];
    uint32_t noise = 1;
    sf_producer *producer;
    sf_producer_topic *handle;
    sf_error error;
    size_t sent;

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++) /* such that it cannot be compressed */
        bytes[i] = (uint8_t)((noise = noise * 1664525 + 1013904223) >> 24);
    assert_ok(sf_broker_create_topic(
        broker,
        &(sf_topic_spec){.name = topic, .partitions = 1, .configs = &small, .config_count = 1},
        NULL, err));
    assert_ok(sf_producer_new(broker, &options, &producer, err));
    handle = open_topic(producer, topic);
    const sf_outgoing out = {
        handle, 0, {SF_NULL, sf_bytes_of(bytes, sizeof(bytes)), 5, {NULL, 0}}, NULL};

    assert_ok(sf_producer_begin(producer, err));
    assert_ok(sf_producer_send(producer, &out, 1, &sent, err));
    assert_int_equal(sf_producer_commit(producer, 10000, &error), SF_ABORT_COMMIT);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.status, SF_REJECT);
    assert_true(seen.permanent);
    assert_ok(sf_producer_abort(producer, 10000, err));
    assert_ok(sf_producer_abort(producer, 10000, err)); /* nothing is open: fine too */
    commit_short_record(producer, handle);
    sf_producer_close(producer);
    assert_ok(sf_broker_delete_topic(broker, topic, err));
    sf_broker_close(broker);
}

static void sending_outside_of_a_transaction_asks_for_an_abort(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_topic(broker, "outside", 1);
    sf_producer *producer = transactional(broker, kafka_fixture_name("id"));
    sf_outgoing out = {open_topic(producer, topic), 0, {SF_NULL, SF_NULL, 1, {NULL, 0}}, NULL};
    size_t sent;

    (void)state;
    assert_int_equal(sf_producer_send(producer, &out, 1, &sent, NULL), SF_ABORT_COMMIT);
    assert_int_equal(sent, 0);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

/* An abort would fit no better: only a new producer is known to be in step. */
static void a_call_that_does_not_fit_asks_for_a_new_producer(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    sf_producer *producer = transactional(broker, kafka_fixture_name("id"));

    (void)state;
    assert_int_equal(sf_producer_commit(producer, 10000, NULL), SF_REBUILD_TASK);
    assert_ok(sf_producer_begin(producer, err));
    assert_int_equal(sf_producer_begin(producer, NULL), SF_REBUILD_TASK);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void zombie_hears_at_its_next_step_that_it_is_fenced(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_topic(broker, "zombie", 1);
    const char *id = kafka_fixture_name("id");
    sf_producer *zombie = transactional(broker, id);
    sf_producer_topic *handle = open_topic(zombie, topic);
    sf_producer *newer = transactional(broker, id);
    sf_error error;

    (void)state;
    assert_ok(sf_producer_begin(zombie, err)); /* says nothing yet */
    send_text(zombie, handle, 0, "k", "v");
    assert_int_equal(sf_producer_commit(zombie, 10000, &error), SF_REBUILD_TASK);
    assert_int_equal(error.code, SF_FENCED);
    assert_int_equal(sf_producer_abort(zombie, 10000, &error), SF_REBUILD_TASK);
    assert_int_equal(error.code, SF_FENCED);
    assert_int_equal(sf_producer_begin(zombie, &error), SF_REBUILD_TASK);
    assert_int_equal(error.code, SF_FENCED);
    sf_producer_close(zombie);
    assert_ok(sf_producer_begin(newer, err));
    assert_ok(sf_producer_abort(newer, 10000, err));
    sf_producer_close(newer);
    sf_broker_close(broker);
}

/* It begins once what was left open has ended, which it sees to by itself. */
static void begin_when_it_may(sf_producer *producer)
{
    sf_status status;

    do
        status = sf_producer_begin(producer, NULL);
    while (status == SF_RETRY);
    assert_int_equal(status, SF_OK);
}

static void producer_that_begins_later_ends_what_was_left_open_by_itself(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_topic(broker, "later", 1);
    const char *id = kafka_fixture_name("id");
    sf_producer *old = transactional(broker, id);
    sf_producer *producer;

    (void)state;
    assert_ok(sf_producer_begin(old, err));
    send_many(old, open_topic(old, topic), 3);
    assert_ok(sf_producer_new(broker,
                              &(sf_producer_options){.transactional_id = id, .begins_later = true},
                              &producer, err));
    assert_int_equal(settled_marks(broker, topic, 0).high, 4); /* aborted, nobody has begun */

    begin_when_it_may(producer);
    send_many(producer, open_topic(producer, topic), 1);
    assert_ok(sf_producer_commit(producer, 10000, err));

    assert_int_equal(settled_marks(broker, topic, 0).high, 6);
    assert_int_equal(sf_producer_commit(old, 10000, NULL), SF_REBUILD_TASK); /* fenced */
    sf_producer_close(old);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void time_zero_is_sent_as_one(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_topic(broker, "zero", 1);
    sf_producer *producer;
    sf_consumer *consumer;
    sf_record_batch *batch;
    size_t sent;

    (void)state;
    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    const sf_outgoing out = {
        open_topic(producer, topic), 0, {SF_NULL, sf_bytes_text("v"), 0, {NULL, 0}}, NULL};
    assert_ok(sf_producer_send(producer, &out, 1, &sent, err));
    assert_ok(sf_producer_flush(producer, 10000, err));
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    batch = next_batch(consumer, read_from(consumer, topic, 0, 0), 1);

    assert_int_equal(batch->records[0].record.timestamp, 1);
    batch->release(batch);
    sf_consumer_close(consumer);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void sending_waits_while_the_queue_is_full(void **state)
{
    const sf_broker_setting small = {"queue.buffering.max.messages", "100"};
    sf_broker_options options = {.settings = &small, .setting_count = 1};
    enum { COUNT = 5000 };
    sf_broker *broker;
    sf_outgoing *records = sf_zalloc(COUNT * sizeof(*records));
    const char *topic;
    sf_producer *producer;
    sf_producer_topic *handle;
    size_t sent = 0;

    (void)state;
    assert_ok(sf_kafka_open(kafka_fixture_servers(), &options, &broker, err));
    topic = kafka_fixture_topic(broker, "full", 1);
    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    handle = open_topic(producer, topic);
    for (int i = 0; i < COUNT; i++)
        records[i] = (sf_outgoing){handle, 0, {SF_NULL, sf_bytes_text("v"), 5, {NULL, 0}}, NULL};
    assert_ok(sf_producer_send(producer, records, COUNT, &sent, err));
    assert_int_equal(sent, COUNT);
    assert_ok(sf_producer_flush(producer, 10000, err));
    assert_int_equal(sf_producer_end_offset(handle, 0), COUNT);
    free(records);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void create(sf_broker *broker, const char *topic)
{
    bool created = false;

    assert_ok(sf_broker_create_topic(broker, &(sf_topic_spec){.name = topic, .partitions = 1},
                                     &created, err));
    assert_true(created);
}

/* The first opening fails; librdkafka keeps what it was told about the topic then. */
static void a_topic_that_was_opened_in_vain_before_knows_where_its_records_went(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_name("late");
    sf_producer_topic *handle = NULL;
    sf_producer *producer;
    sf_status status;

    (void)state;
    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    assert_int_equal(sf_producer_topic_open(producer, topic, &handle, NULL), SF_STOP);
    create(broker, topic);
    do /* the broker itself hears of it a moment later */
        status = sf_producer_topic_open(producer, topic, &handle, NULL);
    while (status == SF_STOP);
    assert_int_equal(status, SF_OK);
    send_text(producer, handle, 0, "k", "v");
    assert_ok(sf_producer_flush(producer, 10000, err));

    assert_int_equal(sf_producer_end_offset(handle, 0), 1);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_transaction_is_behind_the_stable_end),
        cmocka_unit_test(restore_waits_for_an_open_transaction_before_its_end),
        cmocka_unit_test(uncommitted_reader_sees_what_was_aborted),
        cmocka_unit_test(committed_offsets_wait_for_the_transaction_that_holds_them),
        cmocka_unit_test(oversized_record_is_rejected_and_the_transaction_lives_on),
        cmocka_unit_test(record_the_topic_refuses_aborts_the_commit),
        cmocka_unit_test(sending_outside_of_a_transaction_asks_for_an_abort),
        cmocka_unit_test(a_call_that_does_not_fit_asks_for_a_new_producer),
        cmocka_unit_test(zombie_hears_at_its_next_step_that_it_is_fenced),
        cmocka_unit_test(producer_that_begins_later_ends_what_was_left_open_by_itself),
        cmocka_unit_test(time_zero_is_sent_as_one),
        cmocka_unit_test(sending_waits_while_the_queue_is_full),
        cmocka_unit_test(a_topic_that_was_opened_in_vain_before_knows_where_its_records_went),
    };

    return run_tests(tests);
}
