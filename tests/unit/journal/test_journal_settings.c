/* Settings of the journal by their names. */
#include "journal/journal_settings.h"

#include <string.h>

#include "check.h"

static sf_error refused(const char *name, const char *value)
{
    sf_broker_setting setting = {name, value};
    sf_journal_options options = {0};
    sf_error error = {0};

    assert_int_equal(sf_journal_settings_apply(&setting, 1, &options, &error), SF_STOP);
    return error;
}

static void settings_are_taken_in(void **state)
{
    const sf_broker_setting settings[] = {
        {"journal.fsync", "interval"},          {"journal.fsync.interval.ms", "200"},
        {"journal.segment.bytes", "1048576"},   {"journal.cleaner.interval.ms", "-1"},
        {"journal.cleaner.dirty.ratio", "0.2"}, {"journal.cleaner.memory.bytes", "1000000"},
        {"journal.message.max.bytes", "2048"},
    };
    sf_journal_options options = {0};

    (void)state;
    assert_ok(sf_journal_settings_apply(settings, 7, &options, err));

    assert_int_equal(options.fsync, SF_FSYNC_INTERVAL);
    assert_int_equal(options.fsync_interval_ms, 200);
    assert_int_equal(options.segment_size_bytes, 1048576);
    assert_int_equal(options.record_max_bytes, 2048);
    assert_int_equal(options.cleaner_interval_ms, -1);
    assert_true(options.cleaner_dirty_ratio == 0.2);
    assert_int_equal(options.cleaner_memory_bytes, 1000000);
}

static void a_wrong_value_is_refused_with_what_is_allowed(void **state)
{
    sf_error error = refused("journal.fsync", "sometimes");

    (void)state;
    assert_string_equal(error.text,
                        "setting journal.fsync is 'sometimes', not always, interval or never");
    (void)refused("journal.fsync.interval.ms", "0");
    (void)refused("journal.segment.bytes", "64MB");
    (void)refused("journal.message.max.bytes", "67108865");
    (void)refused("journal.cleaner.interval.ms", "0");
    (void)refused("journal.cleaner.dirty.ratio", "1.5");
    (void)refused("journal.cleaner.memory.bytes", "");
}

static void an_unknown_name_is_refused_with_those_there_are(void **state)
{
    sf_error error = refused("journal.sync", "always");

    (void)state;
    assert_non_null(strstr(error.text, "there is no setting journal.sync"));
    assert_non_null(strstr(error.text, "journal.fsync,"));
}

static void a_setting_of_librdkafka_is_refused(void **state)
{
    sf_error error = refused("linger.ms", "5");

    (void)state;
    assert_string_equal(error.text, "setting linger.ms is for a Kafka cluster, not for a journal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_taken_in),
        cmocka_unit_test(a_wrong_value_is_refused_with_what_is_allowed),
        cmocka_unit_test(an_unknown_name_is_refused_with_those_there_are),
        cmocka_unit_test(a_setting_of_librdkafka_is_refused),
    };

    return run_tests(tests);
}
