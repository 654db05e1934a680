/* Random histories on a journal against a plain model of it: what was committed is read back, from
 * every offset, and nothing else. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "support/broker_reading.h"
#include "support/journal_fixture.h"

enum { TOPICS = 3, PARTITIONS_MAX = 3, STEPS = 60, RECORDS_MAX = 2000 };

typedef struct model_partition {
    int64_t low;
    int64_t committed; /* of the group; SF_OFFSET_NONE */
    size_t count;
    int64_t offsets[RECORDS_MAX];
    uint32_t values[RECORDS_MAX];
    int64_t times[RECORDS_MAX];
} model_partition;

typedef struct model_topic {
    char name[8];
    int32_t partitions; /* 0: it is not there */
    model_partition of[PARTITIONS_MAX];
} model_topic;

typedef struct history {
    sf_random random;
    const char *directory; /* NULL: in memory */
    sf_journal_options options;
    sf_broker *broker;
    sf_producer *plain;
    sf_producer *transactional;
    sf_consumer *consumer;
    uint32_t next_value;
    model_topic topics[TOPICS];
} history;

static uint64_t living; /* the seed under way */

static int below(history *at, int bound)
{
    return (int)sf_random_below(&at->random, (uint64_t)bound);
}

/* ---- what was sent, until it is known to be in the log ---- */

typedef struct pending {
    model_partition *partition;
    uint32_t value;
    int64_t time;
} pending;

static void note(void *user, const sf_delivery *delivery)
{
    pending *sent = delivery->tag;
    model_partition *partition = sent->partition;

    (void)user;
    if (delivery->status || partition->count == RECORDS_MAX)
        fail_msg("a record was not delivered: %s", delivery->error ? delivery->error : "too many");
    if (partition->count && delivery->offset <= partition->offsets[partition->count - 1])
        fail_msg("offset %" PRId64 " comes twice or late", delivery->offset);
    partition->offsets[partition->count] = delivery->offset;
    partition->values[partition->count] = sent->value;
    partition->times[partition->count++] = sent->time;
}

/* ---- opening ---- */

static void open_all(history *at)
{
    sf_producer_options options = {.on_delivery = note};

    if (at->directory)
        at->broker = journal_fixture_open(at->directory, &at->options);
    else if (!at->broker)
        assert_ok(sf_journal_open_memory(&at->options, &at->broker, err));
    assert_ok(sf_producer_new(at->broker, &options, &at->plain, err));
    options.transactional_id = "id";
    assert_ok(sf_producer_new(at->broker, &options, &at->transactional, err));
    assert_ok(sf_consumer_new(at->broker,
                              &(sf_consumer_options){.group = "g", .queue_size_bytes = 300},
                              &at->consumer, err));
}

static void close_all(history *at)
{
    sf_consumer_close(at->consumer);
    sf_producer_close(at->plain);
    sf_producer_close(at->transactional);
    if (at->directory)
        sf_broker_close(at->broker);
}

/* ---- steps ---- */

static void make_topic(history *at, model_topic *topic)
{
    topic->partitions = 1 + below(at, PARTITIONS_MAX);
    for (int i = 0; i < topic->partitions; i++)
        topic->of[i] = (model_partition){.committed = SF_OFFSET_NONE};
    journal_fixture_topic(at->broker, topic->name, topic->partitions);
}

static void delete_topic(history *at, model_topic *topic)
{
    assert_ok(sf_broker_delete_topic(at->broker, topic->name, err));
    topic->partitions = 0;
}

static model_topic *some_topic(history *at)
{
    model_topic *topic = &at->topics[below(at, TOPICS)];

    if (!topic->partitions)
        make_topic(at, topic);
    return topic;
}

static pending *send_one(history *at, sf_producer *producer)
{
    model_topic *topic = some_topic(at);
    pending *sent = sf_alloc(sizeof(*sent));
    int partition = below(at, topic->partitions);
    sf_outgoing out = {
        .topic = open_topic(producer, topic->name), .partition = partition, .tag = sent};
    size_t count;

    *sent = (pending){&topic->of[partition], at->next_value++, below(at, 1000)};
    out.record.key = below(at, 3) ? SF_NULL : sf_bytes_text("key");
    out.record.value = sf_bytes_of(&sent->value, sizeof(sent->value));
    out.record.timestamp = sent->time;
    assert_ok(sf_producer_send(producer, &out, 1, &count, err));
    return sent;
}

static void send_plain(history *at)
{
    pending *sent[20];
    int count = 1 + below(at, 20);

    for (int i = 0; i < count; i++)
        sent[i] = send_one(at, at->plain);
    assert_ok(sf_producer_flush(at->plain, -1, err));
    for (int i = 0; i < count; i++)
        free(sent[i]);
}

/* A transaction moves the group as well, or is aborted and moves nothing. */
static void send_transaction(history *at)
{
    model_topic *topic = some_topic(at);
    sf_offset offset = {topic->name, below(at, topic->partitions), below(at, 1000), NULL};
    sf_group_token *token = sf_consumer_token(at->consumer);
    bool commits = below(at, 3);
    pending *sent[20];
    int count = below(at, 20);

    assert_ok(sf_producer_begin(at->transactional, err));
    for (int i = 0; i < count; i++)
        sent[i] = send_one(at, at->transactional);
    assert_ok(sf_producer_send_offsets(at->transactional, &offset, 1, token, err));
    if (commits) {
        assert_ok(sf_producer_commit(at->transactional, -1, err));
        topic->of[offset.partition].committed = offset.offset;
    } else {
        assert_ok(sf_producer_abort(at->transactional, -1, err));
    }
    for (int i = 0; i < count; i++)
        free(sent[i]);
    sf_group_token_free(token);
}

static void cut_partition(history *at)
{
    model_topic *topic = some_topic(at);
    int partition = below(at, topic->partitions);
    model_partition *cut = &topic->of[partition];
    int64_t end = cut->count ? cut->offsets[cut->count - 1] + 1 : 0;
    int64_t below_offset = below(at, (int)end + 1);

    assert_ok(sf_broker_delete_records(at->broker, topic->name, partition, below_offset, err));
    if (below_offset > cut->low)
        cut->low = below_offset;
}

static void commit_offset(history *at)
{
    model_topic *topic = some_topic(at);
    sf_offset offset = {topic->name, below(at, topic->partitions), below(at, 1000), "m"};

    assert_ok(sf_consumer_commit(at->consumer, &offset, 1, err));
    topic->of[offset.partition].committed = offset.offset;
}

/* ---- comparing ---- */

static size_t first_from(const model_partition *partition, int64_t offset)
{
    size_t index = 0;

    while (index < partition->count && partition->offsets[index] < offset)
        index++;
    return index;
}

static void compare_record(const model_partition *expected, size_t index,
                           const sf_consumed_record *found)
{
    uint32_t value;

    if (index >= expected->count)
        fail_msg("record at %" PRId64 " was never committed", found->offset);
    assert_int_equal(found->offset, expected->offsets[index]);
    assert_int_equal(found->record.value.size, sizeof(value));
    memcpy(&value, found->record.value.data, sizeof(value));
    assert_int_equal(value, expected->values[index]);
    assert_int_equal(found->record.timestamp, expected->times[index]);
}

/* Reads from an offset to the end. */
static void compare_from(history *at, const char *topic, int32_t number,
                         const model_partition *expected, int64_t offset, int64_t high)
{
    sf_reader *reader = read_from(at->consumer, topic, number, offset);
    size_t index = first_from(expected, offset);

    while (sf_reader_position(reader) < high) {
        sf_record_batch *batch;

        assert_ok(sf_reader_read(reader, 1 + (size_t)below(at, 30), &batch, err));
        for (size_t i = 0; batch && i < batch->count; i++)
            compare_record(expected, index++, &batch->records[i]);
        if (batch)
            batch->release(batch);
    }
    assert_int_equal(index, expected->count);
    sf_consumer_remove(at->consumer, reader);
}

static void compare_time(history *at, const char *topic, int32_t number,
                         const model_partition *expected)
{
    int64_t time = below(at, 1100);
    size_t index = first_from(expected, expected->low);
    int64_t offset;

    while (index < expected->count && expected->times[index] < time)
        index++;
    assert_ok(sf_broker_offset_for_time(at->broker, topic, number, time, &offset, err));
    assert_int_equal(offset, index < expected->count ? expected->offsets[index] : SF_OFFSET_END);
}

static void compare_partition(history *at, const char *topic, int32_t number,
                              const model_partition *expected)
{
    sf_offset committed = {topic, number, 0, NULL};
    sf_watermarks marks;

    assert_ok(sf_broker_watermarks(at->broker, topic, number, &marks, err));
    assert_int_equal(marks.low, expected->low);
    assert_true(!expected->count || marks.high > expected->offsets[expected->count - 1]);
    assert_ok(sf_consumer_committed(at->consumer, &committed, 1, 0, err));
    assert_int_equal(committed.offset, expected->committed);
    compare_from(at, topic, number, expected,
                 marks.low + below(at, (int)(marks.high - marks.low) + 1), marks.high);
    compare_time(at, topic, number, expected);
}

static void compare_all(history *at)
{
    for (int i = 0; i < TOPICS; i++) {
        int32_t partitions;

        assert_ok(sf_broker_partition_count(at->broker, at->topics[i].name, &partitions, err));
        assert_int_equal(partitions, at->topics[i].partitions);
        for (int32_t j = 0; j < partitions; j++)
            compare_partition(at, at->topics[i].name, j, &at->topics[i].of[j]);
    }
}

/* ---- histories ---- */

static void take_step(history *at)
{
    switch (below(at, 12)) {
    case 0:
        delete_topic(at, some_topic(at));
        break;
    case 1:
        cut_partition(at);
        break;
    case 2:
        commit_offset(at);
        break;
    case 3:
        close_all(at);
        open_all(at);
        break;
    case 4:
        compare_all(at);
        break;
    case 5:
    case 6:
    case 7:
        send_transaction(at);
        break;
    default:
        send_plain(at);
    }
}

static void live_through(uint64_t seed, const char *directory, sf_journal_options options)
{
    history *at = sf_zalloc(sizeof(*at));

    *at = (history){.directory = directory, .options = options};
    sf_random_init(&at->random, seed);
    for (int i = 0; i < TOPICS; i++)
        (void)snprintf(at->topics[i].name, sizeof(at->topics[i].name), "t%d", i);
    living = seed;
    open_all(at);
    for (int i = 0; i < STEPS; i++)
        take_step(at);
    compare_all(at);
    close_all(at);
    if (!directory)
        sf_broker_close(at->broker);
    free(at);
    living = 0;
}

static int name_seed_of_failure(void **state)
{
    (void)state;
    if (living)
        printf("failed with seed %" PRIu64 "\n", living);
    living = 0;
    return 0;
}

static uint64_t seeds(uint64_t usual)
{
    return getenv("TEST_LONG") ? usual * 50 : usual;
}

static void journal_in_memory_does_as_the_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= seeds(100); seed++)
        live_through(seed, NULL, (sf_journal_options){.segment_size_bytes = 1 << seed % 20});
}

static void journal_with_gaps_does_as_the_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= seeds(100); seed++)
        live_through(seed, NULL,
                     (sf_journal_options){.segment_size_bytes = 1000, .random_gaps = seed});
}

static void journal_in_a_directory_does_as_the_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= seeds(20); seed++)
        live_through(seed, journal_fixture_directory(),
                     (sf_journal_options){.segment_size_bytes = 1500 * seed});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(journal_in_memory_does_as_the_model, name_seed_of_failure),
        cmocka_unit_test_teardown(journal_with_gaps_does_as_the_model, name_seed_of_failure),
        cmocka_unit_test_teardown(journal_in_a_directory_does_as_the_model, name_seed_of_failure),
    };

    return run_tests(tests);
}
