/* Readers on a real Kafka whose broker says that it does not have an offset. */
#include <string.h>

#include "check.h"
#include "support/broker_fixture.h"
#include "support/broker_reading.h"

/* Serves until something has come for the reader: here, the broker's answer that it has no such offset. */
static void wait_for_answer(sf_consumer *consumer, const sf_reader *reader)
{
    for (int i = 0; i < 30 && !sf_reader_is_ready(reader); i++) {
        assert_ok(sf_consumer_poll(consumer, err));
        sf_consumer_wait(consumer, 1000);
    }
    assert_true(sf_reader_is_ready(reader));
}

/* A reader that has been told so of the first offset behind the one that the topic will have then. */
static sf_reader *read_too_early(sf_consumer *consumer, const char *topic, int64_t offset)
{
    sf_reader *reader = read_from(consumer, topic, 0, offset);
    sf_record_batch *batch;

    /* A new reader is ready once, to be looked at. */
    while (sf_reader_is_ready(reader) && !sf_reader_read(reader, 10, &batch, NULL))
        assert_null(batch);
    return reader;
}

static void an_offset_that_the_broker_has_after_all_is_read(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_topic(broker, "early", 1);
    sf_consumer *consumer;
    sf_reader *reader;

    (void)state;
    send_alone(broker, topic, 0, NULL, "a");
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_too_early(consumer, topic, 3);
    wait_for_answer(consumer, reader);
    send_alone(broker, topic, 0, NULL, "b");
    send_alone(broker, topic, 0, NULL, "c");
    send_alone(broker, topic, 0, NULL, "d");

    assert_next_values(consumer, reader, "d");
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void an_offset_behind_the_end_is_the_end_of_the_reader(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_topic(broker, "behind", 1);
    sf_record_batch *batch;
    sf_consumer *consumer;
    sf_reader *reader;
    sf_error error = {0};

    (void)state;
    send_alone(broker, topic, 0, NULL, "a");
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_too_early(consumer, topic, 3);
    for (int i = 0; i < 30 && !sf_reader_read(reader, 10, &batch, &error); i++) {
        assert_null(batch);
        assert_ok(sf_consumer_poll(consumer, err));
        sf_consumer_wait(consumer, 1000);
    }

    assert_int_equal(error.code, SF_NOT_FOUND);
    assert_non_null(strstr(error.text, topic));
    assert_non_null(strstr(error.text, "offset 3"));
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offset_that_the_broker_has_after_all_is_read),
        cmocka_unit_test(an_offset_behind_the_end_is_the_end_of_the_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
