#include "support/broker_suite.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "support/broker_reading.h"

static broker_suite_open open_it;
static char drawn_name[64];

/* A name nobody has; valid until the next draw. */
static const char *draw(const char *word)
{
    (void)snprintf(drawn_name, sizeof(drawn_name), "%s-%012" PRIx64, word,
                   sf_random_seed_from_system() >> 16);
    return drawn_name;
}

static char *new_topic(sf_broker *broker, int32_t partitions)
{
    char *name = sf_text_copy(draw("suite"));

    assert_ok(sf_broker_create_topic(
        broker, &(sf_topic_spec){.name = name, .partitions = partitions}, NULL, err));
    return name;
}

static void drop(sf_broker *broker, char *topic)
{
    assert_ok(sf_broker_delete_topic(broker, topic, err));
    free(topic);
}

/* ---- topics ---- */

static void topic_is_made_once_and_then_left_as_it_is(void **state)
{
    sf_broker *broker = open_it();
    sf_topic_spec spec = {.name = sf_text_copy(draw("suite")), .partitions = 3};
    bool created = false;
    int32_t partitions;

    (void)state;
    assert_ok(sf_broker_create_topic(broker, &spec, &created, err));
    assert_true(created);
    spec.partitions = 5;
    assert_ok(sf_broker_create_topic(broker, &spec, &created, err));
    assert_false(created);

    assert_ok(sf_broker_partition_count(broker, spec.name, &partitions, err));
    assert_int_equal(partitions, 3);
    drop(broker, (char *)spec.name);
    sf_broker_close(broker);
}

static void several_topics_are_made_at_once_and_each_tells_what_became_of_it(void **state)
{
    sf_broker *broker = open_it();
    char *old = new_topic(broker, 3);
    sf_topic_spec specs[] = {
        {.name = sf_text_copy(draw("suite")), .partitions = 2},
        {.name = old, .partitions = 7},
        {.name = sf_text_copy(draw("suite")), .partitions = 5},
    };
    const char *const names[] = {specs[2].name, "suite-nowhere", old, specs[0].name};
    sf_topic_outcome outcomes[3];
    int32_t counts[4];

    (void)state;
    assert_ok(sf_broker_create_topics(broker, specs, 3, outcomes, err));

    assert_true(outcomes[0].created && !outcomes[1].created && outcomes[2].created);
    assert_int_equal(outcomes[0].partitions, 2);
    assert_int_equal(outcomes[1].partitions, 3);
    assert_int_equal(outcomes[2].partitions, 5);
    assert_ok(sf_broker_partition_counts(broker, names, 4, counts, err));
    assert_int_equal(counts[0], 5);
    assert_int_equal(counts[1], 0);
    assert_int_equal(counts[2], 3);
    assert_int_equal(counts[3], 2);
    for (size_t i = 0; i < 3; i++)
        drop(broker, (char *)specs[i].name);
    sf_broker_close(broker);
}

static void topic_that_cannot_be_made_does_not_keep_others_from_it(void **state)
{
    sf_broker *broker = open_it();
    sf_topic_spec specs[] = {
        {.name = sf_text_copy(draw("suite")), .partitions = 1},
        {.name = "no/name", .partitions = 1},
        {.name = sf_text_copy(draw("suite")), .partitions = 2},
    };
    sf_topic_outcome outcomes[3];
    sf_error error;

    (void)state;
    assert_int_equal(sf_broker_create_topics(broker, specs, 3, outcomes, &error), SF_STOP);

    assert_int_equal(error.code, SF_INVALID);
    assert_non_null(strstr(error.text, "no/name"));
    assert_int_equal(outcomes[1].error.status, SF_STOP);
    assert_int_equal(outcomes[1].partitions, 0);
    assert_false(outcomes[1].created);
    assert_true(outcomes[0].created && outcomes[2].created);
    assert_int_equal(outcomes[2].partitions, 2);
    drop(broker, (char *)specs[0].name);
    drop(broker, (char *)specs[2].name);
    sf_broker_close(broker);
}

enum { RACE_TOPICS = 4 };

typedef struct racer {
    sf_broker *broker;
    const sf_topic_spec *specs;
    sf_topic_outcome outcomes[RACE_TOPICS];
    sf_status status;
} racer;

static void *race(void *user)
{
    racer *one = user;

    one->status =
        sf_broker_create_topics(one->broker, one->specs, RACE_TOPICS, one->outcomes, NULL);
    return NULL;
}

static void topics_that_two_make_at_once_are_made_by_one_of_them(void **state)
{
    sf_broker *broker = open_it();
    sf_topic_spec specs[RACE_TOPICS];
    racer racers[2] = {{.broker = broker, .specs = specs}, {.broker = broker, .specs = specs}};
    pthread_t threads[2];

    (void)state;
    for (size_t i = 0; i < RACE_TOPICS; i++)
        specs[i] = (sf_topic_spec){.name = sf_text_copy(draw("suite")), .partitions = 2};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);

    for (size_t i = 0; i < RACE_TOPICS; i++) {
        assert_int_not_equal(racers[0].outcomes[i].created, racers[1].outcomes[i].created);
        assert_int_equal(racers[0].outcomes[i].partitions, 2);
        assert_int_equal(racers[1].outcomes[i].partitions, 2);
    }
    assert_int_equal(racers[0].status, SF_OK);
    assert_int_equal(racers[1].status, SF_OK);
    for (size_t i = 0; i < RACE_TOPICS; i++)
        drop(broker, (char *)specs[i].name);
    sf_broker_close(broker);
}

typedef struct searched {
    const char *name;
    int32_t partitions;
} searched;

static void look(void *user, const char *topic, int32_t partitions)
{
    searched *search = user;

    if (!strcmp(topic, search->name))
        search->partitions = partitions;
}

static void topic_is_listed_until_it_is_deleted(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 2);
    searched found = {topic, 0};
    int32_t partitions = -1;

    (void)state;
    assert_ok(sf_broker_list_topics(broker, look, &found, err));
    assert_int_equal(found.partitions, 2);

    assert_ok(sf_broker_delete_topic(broker, topic, err));
    assert_ok(sf_broker_delete_topic(broker, topic, err)); /* no error either */
    assert_ok(sf_broker_partition_count(broker, topic, &partitions, err));
    assert_int_equal(partitions, 0);
    free(topic);
    sf_broker_close(broker);
}

static void what_is_not_there_is_not_found(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 1);
    sf_producer *producer;
    sf_producer_topic *handle;
    sf_consumer *consumer;
    sf_reader *reader;
    sf_error error;

    (void)state;
    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    assert_true(sf_producer_topic_open(producer, draw("nowhere"), &handle, &error));
    assert_int_equal(error.code, SF_NOT_FOUND);
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    assert_true(sf_consumer_add(consumer, topic, 1, 0, &reader, &error));
    assert_int_equal(error.code, SF_NOT_FOUND);

    sf_consumer_close(consumer);
    sf_producer_close(producer);
    drop(broker, topic);
    sf_broker_close(broker);
}

/* ---- records ---- */

static void topics_that_were_expected_are_sent_to_and_read_like_others(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 2);
    const char *const expected[] = {topic, "suite-nowhere"};
    sf_producer *producer;
    sf_producer_topic *handle;
    sf_consumer *consumer;
    sf_reader *reader;
    sf_error error;

    (void)state;
    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    assert_ok(sf_producer_expect(producer, expected, 2, err));
    assert_true(sf_producer_topic_open(producer, "suite-nowhere", &handle, &error));
    assert_int_equal(error.code, SF_NOT_FOUND);
    send_text(producer, open_topic(producer, topic), 1, "k", "v");
    assert_ok(sf_producer_flush(producer, 10000, err));
    sf_producer_close(producer);

    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    assert_ok(sf_consumer_expect(consumer, expected, 2, err));
    assert_true(sf_consumer_add(consumer, topic, 2, 0, &reader, &error));
    assert_int_equal(error.code, SF_NOT_FOUND);
    assert_true(sf_consumer_add(consumer, "suite-nowhere", 0, 0, &reader, &error));
    assert_int_equal(error.code, SF_NOT_FOUND);
    assert_next_values(consumer, read_from(consumer, topic, 1, 0), "v");
    sf_consumer_close(consumer);
    drop(broker, topic);
    sf_broker_close(broker);
}

static void record_comes_back_as_it_was_sent(void **state)
{
    static const sf_header headers[] = {
        {"origin", {(const uint8_t *)"a", 1}},
        {"origin", {(const uint8_t *)"", 0}},
        {"none", {NULL, 0}},
    };
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 1);
    sf_producer *producer;
    sf_producer_topic *handle;
    sf_consumer *consumer;
    sf_reader *reader;
    sf_record_batch *batch;
    sf_headers got;
    size_t sent;

    (void)state;
    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    handle = open_topic(producer, topic);
    const sf_outgoing out[] = {
        {handle, 0, {sf_bytes_text("k"), sf_bytes_text("v"), 1234567, {headers, 3}}, NULL},
        {handle, 0, {SF_NULL, sf_bytes_text(""), 1, {NULL, 0}}, NULL},
        {handle, 0, {sf_bytes_text(""), SF_NULL, 31536000000, {NULL, 0}}, NULL},
    };
    assert_ok(sf_producer_send(producer, out, 3, &sent, err));
    assert_ok(sf_producer_flush(producer, 10000, err));
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_from(consumer, topic, 0, SF_OFFSET_BEGINNING);
    (void)read_to(consumer, reader, 3);
    assert_ok(sf_reader_seek(reader, 0, err));
    batch = next_batch(consumer, reader, 3);

    assert_int_equal(batch->count, 3);
    assert_bytes(batch->records[0].record.key, "k");
    assert_bytes(batch->records[0].record.value, "v");
    assert_int_equal(batch->records[0].record.timestamp, 1234567);
    got = batch->records[0].record.headers;
    assert_int_equal(got.count, 3);
    assert_string_equal(got.items[0].name, "origin");
    assert_bytes(got.items[0].value, "a");
    assert_bytes(got.items[1].value, "");
    assert_string_equal(got.items[2].name, "none");
    assert_null(got.items[2].value.data);
    assert_null(batch->records[1].record.key.data);
    assert_bytes(batch->records[1].record.value, "");
    assert_int_equal(batch->records[1].record.headers.count, 0);
    assert_bytes(batch->records[2].record.key, "");
    assert_null(batch->records[2].record.value.data);
    assert_int_equal(batch->records[2].record.timestamp, 31536000000);
    batch->release(batch);
    sf_consumer_close(consumer);
    sf_producer_close(producer);
    drop(broker, topic);
    sf_broker_close(broker);
}

typedef struct deliveries {
    int count;
    int32_t partition_of_tag[64];
    int64_t offset_of_tag[64];
} deliveries;

static void note_delivery(void *user, const sf_delivery *delivery)
{
    deliveries *seen = user;
    size_t tag = (size_t)(uintptr_t)delivery->tag;

    if (delivery->status || tag >= 64)
        fail_msg("delivery: %s", delivery->error ? delivery->error : "unknown tag");
    seen->count++;
    seen->partition_of_tag[tag] = delivery->partition;
    seen->offset_of_tag[tag] = delivery->offset;
}

static void delivery_tells_partition_offset_and_tag(void **state)
{
    deliveries seen = {0};
    sf_producer_options options = {.on_delivery = note_delivery, .user = &seen};
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 2);
    sf_producer *producer;
    sf_producer_topic *handle;
    size_t sent;

    (void)state;
    assert_ok(sf_producer_new(broker, &options, &producer, err));
    handle = open_topic(producer, topic);
    assert_int_equal(sf_producer_end_offset(handle, 1), SF_OFFSET_NONE);
    for (uintptr_t tag = 0; tag < 3; tag++) {
        sf_outgoing out = {handle, 1, {SF_NULL, sf_bytes_text("v"), 5, {NULL, 0}}, (void *)tag};

        assert_ok(sf_producer_send(producer, &out, 1, &sent, err));
    }
    assert_ok(sf_producer_flush(producer, 10000, err));

    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.partition_of_tag[2], 1);
    assert_true(seen.offset_of_tag[0] < seen.offset_of_tag[1]);
    assert_true(seen.offset_of_tag[1] < seen.offset_of_tag[2]);
    assert_int_equal(sf_producer_end_offset(handle, 1), seen.offset_of_tag[2] + 1);
    assert_int_equal(sf_producer_end_offset(handle, 0), SF_OFFSET_NONE);
    sf_producer_close(producer);
    drop(broker, topic);
    sf_broker_close(broker);
}

static void key_goes_to_the_partition_of_kafkas_java_client(void **state)
{
    static const char *const keys[] = {
        "", "21", "foobar", "abc", "a-little-bit-long-string", "order-17", "\xc3\xa4"};
    deliveries seen = {0};
    sf_producer_options options = {.on_delivery = note_delivery, .user = &seen};
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 7);
    sf_producer *producer;
    sf_producer_topic *handle;
    size_t sent;

    (void)state;
    assert_ok(sf_producer_new(broker, &options, &producer, err));
    handle = open_topic(producer, topic);
    for (uintptr_t tag = 0; tag < SF_ARRAY_LENGTH(keys); tag++) {
        sf_outgoing out = {handle,
                           SF_PARTITION_BY_KEY,
                           {sf_bytes_text(keys[tag]), sf_bytes_text("v"), 5, {NULL, 0}},
                           (void *)tag};

        assert_ok(sf_producer_send(producer, &out, 1, &sent, err));
    }
    assert_ok(sf_producer_flush(producer, 10000, err));

    /* Utils.murmur2 of "21", "foobar" and "abc" are -973932308, -790332482 and 479470107. */
    assert_int_equal(seen.partition_of_tag[1], (-973932308 & 0x7fffffff) % 7);
    assert_int_equal(seen.partition_of_tag[2], (-790332482 & 0x7fffffff) % 7);
    assert_int_equal(seen.partition_of_tag[3], 479470107 % 7);
    for (size_t i = 0; i < SF_ARRAY_LENGTH(keys); i++)
        assert_int_equal(seen.partition_of_tag[i], sf_partition_of_key(sf_bytes_text(keys[i]), 7));
    sf_producer_close(producer);
    drop(broker, topic);
    sf_broker_close(broker);
}

/* ---- reading ---- */

static void reader_goes_on_from_its_position_after_seek_and_removal(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 1);
    sf_producer *producer;
    sf_consumer *consumer;
    sf_reader *reader;
    sf_record_batch *batch;
    int64_t second;

    (void)state;
    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    for (const char *v = "abcdef"; *v; v++)
        send_text(producer, open_topic(producer, topic), 0, NULL, (char[]){*v, '\0'});
    assert_ok(sf_producer_flush(producer, 10000, err));
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_from(consumer, topic, 0, SF_OFFSET_BEGINNING);

    assert_next_values(consumer, reader, "a");
    second = sf_reader_position(reader);
    assert_next_values(consumer, reader, "b,c,d");
    assert_true(sf_reader_end(reader) >= sf_reader_position(reader));
    assert_true(sf_producer_record_max_bytes(producer) > 900 * 1000);
    assert_ok(sf_reader_seek(reader, second, err));
    assert_int_equal(sf_reader_position(reader), second);
    assert_next_values(consumer, reader, "b,c");
    second = sf_reader_position(reader);
    sf_consumer_remove(consumer, reader);
    reader = read_from(consumer, topic, 0, second);
    batch = next_batch(consumer, reader, 2);
    assert_bytes(batch->records[0].record.value, "d");
    sf_consumer_remove(consumer, reader);
    assert_bytes(batch->records[0].record.value, "d"); /* outlives its reader */
    batch->release(batch);

    sf_consumer_close(consumer);
    sf_producer_close(producer);
    drop(broker, topic);
    sf_broker_close(broker);
}

static void reader_from_the_end_sees_only_what_comes_later(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 1);
    sf_consumer *consumer;
    sf_reader *reader;

    (void)state;
    send_alone(broker, topic, 0, NULL, "early");
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_from(consumer, topic, 0, SF_OFFSET_END);
    send_alone(broker, topic, 0, NULL, "late");

    assert_next_values(consumer, reader, "late");
    sf_consumer_close(consumer);
    drop(broker, topic);
    sf_broker_close(broker);
}

static void records_below_the_low_watermark_are_not_found(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 1);
    sf_watermarks marks;
    sf_consumer *consumer;
    sf_reader *reader;
    sf_record_batch *batch = NULL;
    sf_error error = {0};
    int64_t cut;

    (void)state;
    send_alone(broker, topic, 0, NULL, "a");
    send_alone(broker, topic, 0, NULL, "b");
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_from(consumer, topic, 0, SF_OFFSET_BEGINNING);
    assert_next_values(consumer, reader, "a");
    cut = sf_reader_position(reader);
    sf_consumer_remove(consumer, reader);
    assert_ok(sf_broker_delete_records(broker, topic, 0, cut, err));
    assert_ok(sf_broker_watermarks(broker, topic, 0, &marks, err));
    assert_int_equal(marks.low, cut);

    /* The broker is asked at once or at the first read. */
    if (!sf_consumer_add(consumer, topic, 0, 0, &reader, &error))
        for (int i = 0; i < 30 && !sf_reader_read(reader, 10, &batch, &error); i++) {
            assert_null(batch);
            assert_ok(sf_consumer_poll(consumer, err));
            sf_consumer_wait(consumer, 1000);
        }
    assert_int_equal(error.code, SF_NOT_FOUND);
    sf_consumer_close(consumer);
    drop(broker, topic);
    sf_broker_close(broker);
}

static void offset_for_a_time_is_the_first_record_not_older(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 1);
    sf_producer *producer;
    sf_producer_topic *handle;
    sf_watermarks marks;
    int64_t offset;
    size_t sent;

    (void)state;
    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    handle = open_topic(producer, topic);
    for (int64_t time = 1000; time <= 3000; time += 1000) {
        sf_outgoing out = {handle, 0, {SF_NULL, sf_bytes_text("v"), time, {NULL, 0}}, NULL};

        assert_ok(sf_producer_send(producer, &out, 1, &sent, err));
        assert_ok(sf_producer_flush(producer, 10000, err));
    }
    assert_ok(sf_broker_watermarks(broker, topic, 0, &marks, err));

    assert_ok(sf_broker_offset_for_time(broker, topic, 0, 500, &offset, err));
    assert_int_equal(offset, marks.low);
    assert_ok(sf_broker_offset_for_time(broker, topic, 0, 2500, &offset, err));
    assert_true(offset > marks.low && offset < marks.high);
    assert_ok(sf_broker_offset_for_time(broker, topic, 0, 3001, &offset, err));
    assert_int_equal(offset, SF_OFFSET_END);
    sf_producer_close(producer);
    drop(broker, topic);
    sf_broker_close(broker);
}

static void watermarks_of_several_partitions_are_those_of_each(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 2);
    char *other = new_topic(broker, 1);
    sf_partition_marks marks[] = {{topic, 1, {0}}, {other, 0, {0}}, {topic, 0, {0}}};
    sf_error error;

    (void)state;
    send_alone(broker, topic, 0, "k", "a");
    send_alone(broker, topic, 0, "k", "b");
    send_alone(broker, other, 0, "k", "c");
    assert_ok(sf_broker_delete_records(broker, topic, 0, 1, err));
    assert_ok(sf_broker_watermarks_of(broker, marks, 3, err));

    for (size_t i = 0; i < 3; i++) {
        sf_watermarks alone;

        assert_ok(sf_broker_watermarks(broker, marks[i].topic, marks[i].partition, &alone, err));
        assert_int_equal(marks[i].marks.low, alone.low);
        assert_int_equal(marks[i].marks.high, alone.high);
        assert_int_equal(marks[i].marks.last_stable, alone.last_stable);
    }
    assert_int_equal(marks[0].marks.high, 0);
    assert_true(marks[1].marks.high > 0 && marks[2].marks.low > 0);
    marks[1].partition = 1;
    assert_true(sf_broker_watermarks_of(broker, marks, 3, &error));
    assert_int_equal(error.code, SF_NOT_FOUND);
    assert_non_null(strstr(error.text, other));
    drop(broker, topic);
    drop(broker, other);
    sf_broker_close(broker);
}

static void *wake(void *consumer)
{
    sf_consumer_wake(consumer);
    return NULL;
}

static void wait_ends_when_woken(void **state)
{
    sf_broker *broker = open_it();
    sf_consumer *consumer;
    pthread_t thread;

    (void)state;
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    assert_ok(sf_consumer_poll(consumer, err));
    sf_consumer_wake(consumer); /* before the wait */
    sf_consumer_wait(consumer, -1);
    assert_int_equal(pthread_create(&thread, NULL, wake, consumer), 0);
    sf_consumer_wait(consumer, -1); /* before it or within */
    pthread_join(thread, NULL);

    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

/* ---- transactions ---- */

static sf_producer *transactional(sf_broker *broker, const char *id)
{
    sf_producer *producer;

    assert_ok(
        sf_producer_new(broker, &(sf_producer_options){.transactional_id = id}, &producer, err));
    return producer;
}

static void only_committed_records_are_read(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 1);
    sf_producer *producer = transactional(broker, draw("id"));
    sf_producer_topic *handle = open_topic(producer, topic);
    sf_watermarks marks;
    sf_consumer *consumer;
    sf_reader *reader;

    (void)state;
    assert_ok(sf_producer_begin(producer, err));
    send_text(producer, handle, 0, "k", "a");
    assert_ok(sf_producer_commit(producer, 10000, err));
    assert_ok(sf_producer_begin(producer, err));
    send_text(producer, handle, 0, "k", "dropped");
    assert_ok(sf_producer_flush(producer, 10000, err));
    assert_ok(sf_producer_abort(producer, 10000, err));
    assert_ok(sf_producer_begin(producer, err));
    send_text(producer, handle, 0, "k", "b");
    assert_ok(sf_producer_commit(producer, 10000, err));
    marks = settled_marks(broker, topic, 0);

    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_from(consumer, topic, 0, SF_OFFSET_BEGINNING);
    assert_int_equal(read_to(consumer, reader, marks.high), 2); /* past what ends transactions */
    assert_ok(sf_reader_seek(reader, SF_OFFSET_BEGINNING, err));
    assert_next_values(consumer, reader, "a,b");
    sf_consumer_close(consumer);
    sf_producer_close(producer);
    drop(broker, topic);
    sf_broker_close(broker);
}

static void positions_count_when_their_transaction_commits(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 2);
    sf_producer *producer = transactional(broker, draw("id"));
    sf_producer_topic *handle = open_topic(producer, topic);
    sf_consumer_options options = {.group = draw("group")};
    sf_offset positions[] = {{topic, 0, 7, "time=5"}, {topic, 1, 3, NULL}};
    sf_offset committed[] = {{topic, 0, 0, NULL}, {topic, 1, 0, NULL}};
    sf_consumer *consumer;
    sf_group_token *token;

    (void)state;
    assert_ok(sf_consumer_new(broker, &options, &consumer, err));
    token = sf_consumer_token(consumer);
    assert_ok(sf_producer_begin(producer, err));
    send_text(producer, handle, 0, "k", "v");
    assert_ok(sf_producer_send_offsets(producer, positions, 2, token, err));
    assert_ok(sf_producer_abort(producer, 10000, err));
    assert_ok(sf_consumer_committed(consumer, committed, 2, 10000, err));
    assert_int_equal(committed[0].offset, SF_OFFSET_NONE);
    assert_null(committed[0].metadata);

    assert_ok(sf_producer_begin(producer, err));
    assert_ok(sf_producer_send_offsets(producer, positions, 2, token, err));
    assert_ok(sf_producer_commit(producer, 10000, err));
    assert_ok(sf_consumer_committed(consumer, committed, 2, 10000, err));
    assert_int_equal(committed[0].offset, 7);
    assert_string_equal(committed[0].metadata, "time=5");
    assert_int_equal(committed[1].offset, 3);
    sf_group_token_free(token);
    sf_consumer_close(consumer);
    sf_producer_close(producer);
    drop(broker, topic);
    sf_broker_close(broker);
}

static void positions_can_be_committed_without_a_transaction(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 1);
    sf_consumer_options options = {.group = draw("group")};
    sf_offset position = {topic, 0, 4, "m"};
    sf_offset committed = {topic, 0, 0, NULL};
    sf_consumer *consumer;

    (void)state;
    assert_ok(sf_consumer_new(broker, &options, &consumer, err));
    assert_ok(sf_consumer_committed(consumer, &committed, 1, 10000, err));
    assert_int_equal(committed.offset, SF_OFFSET_NONE);
    assert_ok(sf_consumer_commit(consumer, &position, 1, err));
    assert_ok(sf_consumer_committed(consumer, &committed, 1, 10000, err));

    assert_int_equal(committed.offset, 4);
    assert_string_equal(committed.metadata, "m");
    sf_consumer_close(consumer);
    drop(broker, topic);
    sf_broker_close(broker);
}

static void newer_producer_of_the_same_id_fences_the_older(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 1);
    char *id = sf_text_copy(draw("id"));
    sf_producer *older = transactional(broker, id);
    sf_producer_topic *handle = open_topic(older, topic);
    sf_producer *newer;
    sf_consumer *consumer;
    sf_reader *reader;
    sf_error error = {0};

    (void)state;
    assert_ok(sf_producer_begin(older, err));
    send_text(older, handle, 0, "k", "zombie");
    assert_ok(sf_producer_flush(older, 10000, err));
    newer = transactional(broker, id); /* ends what the older left open */
    assert_int_equal(sf_producer_commit(older, 10000, &error), SF_REBUILD_TASK);
    assert_int_equal(error.code, SF_FENCED);
    assert_ok(sf_producer_begin(newer, err));
    send_text(newer, open_topic(newer, topic), 0, "k", "right");
    assert_ok(sf_producer_commit(newer, 10000, err));

    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_from(consumer, topic, 0, SF_OFFSET_BEGINNING);
    assert_next_values(consumer, reader, "right");
    sf_consumer_close(consumer);
    sf_producer_close(older);
    sf_producer_close(newer);
    free(id);
    drop(broker, topic);
    sf_broker_close(broker);
}

/* ---- the group ---- */

typedef struct owned_tasks {
    unsigned owned; /* a bit for each */
} owned_tasks;

static void take(void *user, const int32_t *partitions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ((owned_tasks *)user)->owned |= 1u << partitions[i];
}

static void give(void *user, const int32_t *partitions, size_t count, bool lost)
{
    (void)lost;
    for (size_t i = 0; i < count; i++)
        ((owned_tasks *)user)->owned &= ~(1u << partitions[i]);
}

static void only_member_gets_all_tasks_and_reads_their_inputs(void **state)
{
    sf_broker *broker = open_it();
    char *tasks_topic = new_topic(broker, 3);
    char *topic = new_topic(broker, 1);
    sf_consumer_options options = {.group = draw("group")};
    owned_tasks tasks = {0};
    sf_rebalance_listener listener = {take, give, &tasks};
    sf_consumer *consumer;
    sf_reader *reader;

    (void)state;
    send_alone(broker, topic, 0, "k", "v");
    assert_ok(sf_consumer_new(broker, &options, &consumer, err));
    assert_ok(sf_consumer_subscribe(consumer, tasks_topic, &listener, err));
    for (int i = 0; i < 30 && tasks.owned != 7; i++) {
        assert_ok(sf_consumer_poll(consumer, err));
        if (tasks.owned != 7)
            sf_consumer_wait(consumer, 1000);
    }
    assert_int_equal(tasks.owned, 7);

    reader = read_from(consumer, topic, 0, 0);
    assert_next_values(consumer, reader, "v");
    sf_consumer_close(consumer);
    drop(broker, topic);
    drop(broker, tasks_topic);
    sf_broker_close(broker);
}

int broker_suite_run(const char *name, broker_suite_open open)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topic_is_made_once_and_then_left_as_it_is),
        cmocka_unit_test(several_topics_are_made_at_once_and_each_tells_what_became_of_it),
        cmocka_unit_test(topic_that_cannot_be_made_does_not_keep_others_from_it),
        cmocka_unit_test(topics_that_two_make_at_once_are_made_by_one_of_them),
        cmocka_unit_test(topic_is_listed_until_it_is_deleted),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(topics_that_were_expected_are_sent_to_and_read_like_others),
        cmocka_unit_test(record_comes_back_as_it_was_sent),
        cmocka_unit_test(delivery_tells_partition_offset_and_tag),
        cmocka_unit_test(key_goes_to_the_partition_of_kafkas_java_client),
        cmocka_unit_test(reader_goes_on_from_its_position_after_seek_and_removal),
        cmocka_unit_test(reader_from_the_end_sees_only_what_comes_later),
        cmocka_unit_test(records_below_the_low_watermark_are_not_found),
        cmocka_unit_test(offset_for_a_time_is_the_first_record_not_older),
        cmocka_unit_test(watermarks_of_several_partitions_are_those_of_each),
        cmocka_unit_test(wait_ends_when_woken),
        cmocka_unit_test(only_committed_records_are_read),
        cmocka_unit_test(positions_count_when_their_transaction_commits),
        cmocka_unit_test(positions_can_be_committed_without_a_transaction),
        cmocka_unit_test(newer_producer_of_the_same_id_fences_the_older),
        cmocka_unit_test(only_member_gets_all_tasks_and_reads_their_inputs),
    };

    open_it = open;
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
