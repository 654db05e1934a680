#include "journal/journal.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "check.h"
#include "support/broker_reading.h"
#include "support/journal_fixture.h"

static sf_broker *open_in_memory(void)
{
    sf_broker *broker;

    assert_ok(sf_journal_open_memory(NULL, &broker, err));
    return broker;
}

static void names_and_counts_that_kafka_refuses_are_refused(void **state)
{
    static const char *const names[] = {"", ".", "..", "with space", "a/b", "\xc3\xa4"};
    sf_broker *broker = open_in_memory();
    char long_name[251];
    sf_error error = {0};

    (void)state;
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = 0;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(names); i++) {
        sf_topic_spec spec = {.name = names[i], .partitions = 1};

        assert_int_equal(sf_broker_create_topic(broker, &spec, NULL, &error), SF_STOP);
        assert_int_equal(error.code, SF_INVALID);
    }
    assert_int_equal(sf_broker_create_topic(broker,
                                            &(sf_topic_spec){.name = long_name, .partitions = 1},
                                            NULL, &error),
                     SF_STOP);
    assert_int_equal(sf_broker_create_topic(broker, &(sf_topic_spec){.name = "t", .partitions = 0},
                                            NULL, &error),
                     SF_STOP);
    journal_fixture_topic(broker, long_name + 1, 1);
    sf_broker_close(broker);
}

static void topics_and_records_are_there_after_reopening(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = journal_fixture_open(directory, NULL);
    sf_topic_config config = {"cleanup.policy", "compact"};
    sf_consumer *consumer;
    int32_t partitions;

    (void)state;
    assert_ok(sf_broker_create_topic(broker, &(sf_topic_spec){"t", 3, &config, 1}, NULL, err));
    send_alone(broker, "t", 2, "k", "v");
    sf_broker_close(broker);
    broker = journal_fixture_open(directory, NULL);
    assert_ok(sf_broker_partition_count(broker, "t", &partitions, err));
    assert_int_equal(partitions, 3);
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));

    assert_next_values(consumer, read_from(consumer, "t", 2, 0), "v");
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void records_above_the_end_cannot_be_deleted(void **state)
{
    sf_broker *broker = open_in_memory();
    sf_watermarks marks;
    sf_error error = {0};

    (void)state;
    journal_fixture_topic(broker, "t", 1);
    send_alone(broker, "t", 0, "k", "v");
    assert_int_equal(sf_broker_delete_records(broker, "t", 0, 2, &error), SF_STOP);
    assert_int_equal(error.code, SF_INVALID);
    assert_int_equal(sf_broker_delete_records(broker, "t", 1, 0, &error), SF_STOP);
    assert_int_equal(error.code, SF_NOT_FOUND);
    assert_ok(sf_broker_delete_records(broker, "t", 0, 1, err));
    assert_ok(sf_broker_delete_records(broker, "t", 0, 0, err)); /* long gone */
    assert_ok(sf_broker_watermarks(broker, "t", 0, &marks, err));

    assert_int_equal(marks.low, 1);
    assert_int_equal(marks.high, 1);
    sf_broker_close(broker);
}

static void ask_more(void *user, const char *topic, int32_t partitions)
{
    int32_t again;

    assert_ok(sf_broker_partition_count(user, topic, &again, err));
    assert_int_equal(again, partitions);
}

static void listing_may_ask_the_broker_more(void **state)
{
    sf_broker *broker = open_in_memory();

    (void)state;
    journal_fixture_topic(broker, "a", 1);
    journal_fixture_topic(broker, "b", 2);
    assert_ok(sf_broker_list_topics(broker, ask_more, broker, err));
    sf_broker_close(broker);
}

static void same_seed_leaves_the_same_gaps(void **state)
{
    int64_t ends[3];

    (void)state;
    for (int run = 0; run < 3; run++) {
        sf_journal_options options = {.random_gaps = run < 2 ? 5 : 6};
        sf_watermarks marks;
        sf_broker *broker;

        assert_ok(sf_journal_open_memory(&options, &broker, err));
        journal_fixture_topic(broker, "t", 1);
        for (int i = 0; i < 200; i++)
            send_alone(broker, "t", 0, "k", "v");
        assert_ok(sf_broker_watermarks(broker, "t", 0, &marks, err));
        ends[run] = marks.high;
        sf_broker_close(broker);
    }

    assert_int_equal(ends[0], ends[1]);
    assert_int_not_equal(ends[0], ends[2]);
    assert_true(ends[0] > 250);
}

static void deleted_topic_stays_away_over_segments(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_journal_options small = {.segment_size_bytes = 300};
    sf_broker *broker = journal_fixture_open(directory, &small);
    int32_t partitions;

    (void)state;
    journal_fixture_topic(broker, "t", 1);
    journal_fixture_topic(broker, "u", 1);
    assert_ok(sf_broker_delete_topic(broker, "t", err));
    for (int i = 0; i < 10; i++)
        send_alone(broker, "u", 0, "k", "v");
    sf_broker_close(broker);
    broker = journal_fixture_open(directory, &small);

    assert_ok(sf_broker_partition_count(broker, "t", &partitions, err));
    assert_int_equal(partitions, 0);
    assert_ok(sf_broker_partition_count(broker, "u", &partitions, err));
    assert_int_equal(partitions, 1);
    sf_broker_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_counts_that_kafka_refuses_are_refused),
        cmocka_unit_test(topics_and_records_are_there_after_reopening),
        cmocka_unit_test(records_above_the_end_cannot_be_deleted),
        cmocka_unit_test(listing_may_ask_the_broker_more),
        cmocka_unit_test(same_seed_leaves_the_same_gaps),
        cmocka_unit_test(deleted_topic_stays_away_over_segments),
    };

    return run_tests(tests);
}
