/* A broker that is killed under transactions: nothing is lost, nothing comes twice. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/memory.h"
#include "check.h"
#include "support/broker_fixture.h"
#include "support/broker_reading.h"

enum { RECORDS = 20 /* in a transaction */ };

/* Writes numbers in order; the group's position says how many were committed. */
typedef struct writer {
    sf_broker *broker;
    const char *topic;
    const char *id;
    sf_consumer *group;
    sf_producer *producer;
    sf_producer_topic *handle;
    int64_t committed;
    int rebuilt;
} writer;

static bool is_over(pid_t child)
{
    int code;

    if (waitpid(child, &code, WNOHANG) != child)
        return false;
    assert_int_equal(code, 0); /* else it did not come back */
    return true;
}

/* Calls until it is not to be called again. */
#define AGAIN(status, call) \
    do                      \
        (status) = (call);  \
    while ((status) == SF_RETRY)

static void open_producer(writer *self)
{
    sf_producer_options options = {.transactional_id = self->id, .transaction_timeout_ms = 60000};
    sf_offset position = {self->topic, 0, 0, NULL};
    sf_status status;

    sf_producer_close(self->producer);
    AGAIN(status, sf_producer_new(self->broker, &options, &self->producer, NULL));
    assert_int_equal(status, SF_OK);
    AGAIN(status, sf_producer_topic_open(self->producer, self->topic, &self->handle, NULL));
    assert_int_equal(status, SF_OK);
    AGAIN(status, sf_consumer_committed(self->group, &position, 1, 5000, NULL));
    assert_int_equal(status, SF_OK);
    self->committed = position.offset < 0 ? 0 : position.offset;
}

static sf_status send_numbers(writer *self, sf_error *err)
{
    sf_status status = SF_OK;
    char value[24];
    size_t sent;

    for (int i = 0; i < RECORDS && !status; i++) {
        (void)snprintf(value, sizeof(value), "%lld", (long long)self->committed + i);
        const sf_outgoing out = {
            self->handle, 0, {SF_NULL, sf_bytes_text(value), 5, {NULL, 0}}, NULL};

        AGAIN(status, sf_producer_send(self->producer, &out, 1, &sent, err));
    }
    return status;
}

static sf_status transaction(writer *self, sf_error *err)
{
    sf_offset position = {self->topic, 0, self->committed + RECORDS, NULL};
    sf_group_token *token = sf_consumer_token(self->group);
    sf_status status;

    AGAIN(status, sf_producer_begin(self->producer, err));
    if (!status)
        status = send_numbers(self, err);
    if (!status)
        AGAIN(status, sf_producer_send_offsets(self->producer, &position, 1, token, err));
    if (!status)
        AGAIN(status, sf_producer_commit(self->producer, 5000, err));
    if (!status)
        self->committed += RECORDS;
    sf_group_token_free(token);
    return status;
}

/* What DESIGN asks of a caller: abort and redo, or a new producer and the group's position. */
static void react(writer *self, sf_status status)
{
    if (status == SF_ABORT_COMMIT)
        AGAIN(status, sf_producer_abort(self->producer, 5000, NULL));
    if (status == SF_REBUILD_TASK) {
        self->rebuilt++;
        open_producer(self);
        status = SF_OK;
    }
    assert_int_equal(status, SF_OK);
}

static void count_on(writer *self)
{
    sf_error error;
    sf_status status = transaction(self, &error);

    if (status)
        react(self, status);
}

static void assert_all_numbers_once(writer *self)
{
    int64_t expected = 0;
    sf_consumer *consumer;
    sf_reader *reader;
    sf_offset position = {self->topic, 0, 0, NULL};

    assert_ok(sf_consumer_committed(self->group, &position, 1, 30000, err));
    assert_int_equal(position.offset, self->committed);
    assert_ok(sf_consumer_new(self->broker, NULL, &consumer, err));
    reader = read_from(consumer, self->topic, 0, SF_OFFSET_BEGINNING);
    while (expected < self->committed) {
        sf_record_batch *batch = next_batch(consumer, reader, 4096);

        for (size_t i = 0; i < batch->count; i++) {
            char value[24];

            (void)snprintf(value, sizeof(value), "%lld", (long long)expected++);
            assert_bytes(batch->records[i].record.value, value);
        }
        batch->release(batch);
    }
    assert_int_equal(read_to(consumer, reader, settled_marks(self->broker, self->topic, 0).high),
                     0);
    sf_consumer_close(consumer);
}

static void transactions_are_exact_though_the_broker_is_killed(void **state)
{
    int kills = getenv("TEST_LONG") ? 10 : 2;
    writer self = {0};
    sf_consumer_options options = {0};

    (void)state;
    self.broker = kafka_fixture_open();
    self.topic = kafka_fixture_topic(self.broker, "numbers", 1);
    self.id = kafka_fixture_name("id");
    options.group = kafka_fixture_name("group");
    assert_ok(sf_consumer_new(self.broker, &options, &self.group, err));
    open_producer(&self);
    for (int i = 0; i < kills; i++) {
        pid_t crash = kafka_fixture_crash_later(1);
        int64_t before = self.committed;

        while (!is_over(crash))
            count_on(&self);
        while (self.committed < before + 20 * RECORDS)
            count_on(&self);
    }
    printf("%lld records in transactions over %d kills, producer made anew %d times\n",
           (long long)self.committed, kills, self.rebuilt);

    assert_all_numbers_once(&self);
    sf_producer_close(self.producer);
    sf_consumer_close(self.group);
    sf_broker_close(self.broker);
}

static void reader_goes_on_when_the_broker_is_back(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_topic(broker, "survivor", 1);
    sf_consumer *consumer;
    sf_reader *reader;

    (void)state;
    send_alone(broker, topic, 0, NULL, "a");
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_from(consumer, topic, 0, 0);
    assert_next_values(consumer, reader, "a");
    kafka_fixture_kill();
    kafka_fixture_restart();
    send_alone(broker, topic, 0, NULL, "b");

    assert_next_values(consumer, reader, "b");
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transactions_are_exact_though_the_broker_is_killed),
        cmocka_unit_test(reader_goes_on_when_the_broker_is_back),
    };

    return run_tests(tests);
}
