#include <stateful/connect.h>

#include "base/memory.h"
#include "check.h"
#include "runtime/deletion_retention.h"

enum { HOUR_MS = 3600 * 1000 };

/* Time in the hand. */
static int64_t now;

static int64_t hand_now_ms(sf_clock *clock)
{
    (void)clock;
    return now;
}

static int64_t hand_monotonic_us(sf_clock *clock)
{
    (void)clock;
    return now * 1000;
}

static sf_clock hand = {.now_ms = hand_now_ms, .monotonic_us = hand_monotonic_us};

static sf_broker *broker_with_topic(const char *retention_ms)
{
    const sf_topic_config config = {"delete.retention.ms", retention_ms};
    sf_broker *broker;

    assert_ok(sf_broker_connect("memory:", NULL, &broker, err));
    assert_ok(sf_broker_create_topic(broker,
                                     &(sf_topic_spec){.name = "rows",
                                                      .partitions = 1,
                                                      .configs = &config,
                                                      .config_count = retention_ms != NULL},
                                     NULL, err));
    return broker;
}

static bool outlived(sf_deletion_retention *retention, int64_t written_ms)
{
    bool has = false;

    assert_ok(sf_deletion_retention_outlived(retention, "rows", written_ms, &has, err));
    return has;
}

static void state_is_trusted_for_half_the_time_that_its_topic_keeps_deletions(void **state)
{
    sf_broker *broker = broker_with_topic("14400000"); /* four hours */
    sf_deletion_retention *retention = sf_deletion_retention_new(broker, &hand);

    (void)state;
    now = 100 * HOUR_MS;
    assert_false(outlived(retention, now - 2 * HOUR_MS));
    assert_true(outlived(retention, now - 2 * HOUR_MS - 1));
    assert_false(outlived(retention, -1)); /* nothing was ever written */
    sf_deletion_retention_free(retention);
    sf_broker_close(broker);
}

static void a_topic_that_says_nothing_keeps_deletions_for_a_day(void **state)
{
    sf_broker *broker = broker_with_topic(NULL);
    sf_deletion_retention *retention = sf_deletion_retention_new(broker, &hand);

    (void)state;
    now = 100 * HOUR_MS;
    assert_false(outlived(retention, now - 12 * HOUR_MS));
    assert_true(outlived(retention, now - 12 * HOUR_MS - 1));
    sf_deletion_retention_free(retention);
    sf_broker_close(broker);
}

static void what_a_broker_said_is_believed_for_a_minute(void **state)
{
    sf_broker *broker = broker_with_topic("14400000");
    sf_deletion_retention *retention = sf_deletion_retention_new(broker, &hand);
    bool has;
    sf_error error;

    (void)state;
    now = 100 * HOUR_MS;
    assert_false(outlived(retention, now));
    assert_ok(sf_broker_delete_topic(broker, "rows", err));
    now += 60 * 1000;
    assert_false(outlived(retention, now));
    now++;
    assert_int_equal(sf_deletion_retention_outlived(retention, "rows", now, &has, &error), SF_STOP);
    assert_int_equal(error.code, SF_NOT_FOUND);
    sf_deletion_retention_free(retention);
    sf_broker_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_is_trusted_for_half_the_time_that_its_topic_keeps_deletions),
        cmocka_unit_test(a_topic_that_says_nothing_keeps_deletions_for_a_day),
        cmocka_unit_test(what_a_broker_said_is_believed_for_a_minute),
    };

    return run_tests(tests);
}
