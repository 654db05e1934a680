/* What a journal does by itself: syncing later than it acknowledges, cleaning in the background. */
#include "journal/journal_keeper.h"

#include <unistd.h>

#include "check.h"
#include "support/broker_reading.h"
#include "support/journal_files.h"
#include "support/journal_fixture.h"
#include "support/watched_storage.h"

static sf_broker *open_with(sf_journal_fsync fsync)
{
    sf_journal_options options = {
        .fsync = fsync, .fsync_interval_ms = 1, .cleaner_interval_ms = -1};
    sf_broker *broker = watched_storage_open(journal_fixture_directory(), &options);

    journal_fixture_topic(broker, "t", 1);
    return broker;
}

static void always_means_before_it_is_acknowledged(void **state)
{
    sf_broker *broker = open_with(SF_FSYNC_ALWAYS);

    (void)state;
    send_alone(broker, "t", 0, "k", "v");
    assert_false(watched_storage_is_unsynced());
    sf_broker_close(broker);
}

static void never_means_not_for_an_acknowledgement(void **state)
{
    sf_broker *broker = open_with(SF_FSYNC_NEVER);

    (void)state;
    send_alone(broker, "t", 0, "k", "v");
    assert_true(watched_storage_is_unsynced());
    sf_broker_close(broker);
    assert_true(watched_storage_is_unsynced());
}

static void interval_means_soon(void **state)
{
    sf_broker *broker = open_with(SF_FSYNC_INTERVAL);

    (void)state;
    send_alone(broker, "t", 0, "k", "v");
    for (int i = 0; watched_storage_is_unsynced(); i++) {
        assert_in_range(i, 0, 30000);
        (void)usleep(1000);
    }
    send_alone(broker, "t", 0, "k", "v");
    sf_broker_close(broker); /* syncs what is left */
    assert_false(watched_storage_is_unsynced());
}

static void a_segment_that_ends_wakes_the_cleaner(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = journal_fixture_open(
        directory, &(sf_journal_options){.segment_size_bytes = 4096, .fsync = SF_FSYNC_NEVER});
    sf_topic_spec spec = {.name = "t",
                          .partitions = 1,
                          .configs = &(sf_topic_config){"cleanup.policy", "compact"},
                          .config_count = 1};

    (void)state;
    assert_ok(sf_broker_create_topic(broker, &spec, NULL, err));
    for (int i = 0; i < 200; i++)
        send_alone(broker, "t", 0, "k", "a value that is superseded by the next one");
    for (int i = 0; journal_files_total_size(directory) > 3 * 4096; i++) {
        assert_in_range(i, 0, 6000);
        (void)usleep(5000);
    }
    sf_broker_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(always_means_before_it_is_acknowledged),
        cmocka_unit_test(never_means_not_for_an_acknowledgement),
        cmocka_unit_test(interval_means_soon),
        cmocka_unit_test(a_segment_that_ends_wakes_the_cleaner),
    };

    return run_tests(tests);
}
