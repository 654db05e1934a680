#include "runtime/config_implementation.h"

#include <string.h>

#include "check.h"

static const sf_config LEAST = {.application_id = "app", .bootstrap_servers = "memory:"};

static void zeros_stand_for_the_usual(void **test)
{
    sf_config config;

    (void)test;
    assert_ok(sf_config_complete(&config, &LEAST, err));
    assert_string_equal(config.state_dir, "state");
    assert_int_equal(config.guarantee, SF_EXACTLY_ONCE_V2);
    assert_int_equal(config.num_stream_threads, 1);
    assert_int_equal(config.commit_interval_ms, 100);
    assert_int_equal(config.commit_min_interval_ms, 0); /* as long as commits let it be */
    assert_int_equal(config.transaction_timeout_ms, 10000);
    assert_int_equal(config.session_timeout_ms, 6000);
    assert_int_equal(config.task_timeout_ms, 300000);
    assert_int_equal(config.state_cleanup_delay_ms, 600000);
    assert_int_equal(config.repartition_purge_interval_ms, 30000);
    assert_int_equal(config.memory_max_bytes, 128 * 1024 * 1024);
    assert_ptr_equal(config.clock, sf_clock_system());
    sf_config_done(&config);
}

static void texts_are_its_own(void **test)
{
    char id[] = "app";
    sf_config given = LEAST;
    sf_config config;

    (void)test;
    given.application_id = id;
    assert_ok(sf_config_complete(&config, &given, err));
    id[0] = 'x';
    assert_string_equal(config.application_id, "app");
    sf_config_done(&config);
}

static void assert_refused(const sf_config *given, const char *sentence)
{
    sf_config config;
    sf_error error;

    assert_int_equal(sf_config_complete(&config, given, &error), SF_STOP);
    assert_int_equal(error.code, SF_INVALID);
    assert_string_equal(error.text, sentence);
}

static void names_are_checked(void **test)
{
    sf_config given = LEAST;

    (void)test;
    given.application_id = NULL;
    assert_refused(&given, "application_id is missing");
    given.application_id = "a b";
    assert_refused(&given, "application_id 'a b' is not 1 to 100 letters, digits, '.', '_' or '-'");
    given = LEAST;
    given.instance_id = "";
    assert_refused(&given, "instance_id '' is not 1 to 40 letters, digits, '.', '_' or '-'");
    given = LEAST;
    given.bootstrap_servers = NULL;
    assert_refused(&given, "bootstrap_servers is missing");
    given = LEAST;
    given.state_dir = "";
    assert_refused(&given, "state_dir is empty");
}

static void numbers_are_checked(void **test)
{
    sf_config given = LEAST;

    (void)test;
    given.num_stream_threads = 65;
    assert_refused(&given, "num_stream_threads is 65, not between 1 and 64");
    given = LEAST;
    given.commit_interval_ms = -1;
    assert_refused(&given, "commit_interval_ms is -1, not between 1 and 2147483647");
    given = LEAST;
    given.commit_min_interval_ms = 200;
    assert_refused(&given, "commit_min_interval_ms is 200, not between 0 and 100");
    given = LEAST;
    given.memory_max_bytes = 1000;
    assert_refused(&given, "memory_max_bytes is 1000, not between 16777216 and "
                           "9223372036854775807");
}

static void commits_must_come_before_the_broker_ends_the_transaction(void **test)
{
    sf_config given = LEAST;
    sf_config config;

    (void)test;
    given.commit_interval_ms = 10000;
    assert_refused(&given, "commit_interval_ms 10000 is not below transaction_timeout_ms 10000: "
                           "the broker would end each transaction before its commit");
    given.guarantee = SF_AT_LEAST_ONCE; /* without transactions it may */
    assert_ok(sf_config_complete(&config, &given, err));
    sf_config_done(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeros_stand_for_the_usual),
        cmocka_unit_test(texts_are_its_own),
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(numbers_are_checked),
        cmocka_unit_test(commits_must_come_before_the_broker_ends_the_transaction),
    };

    return run_tests(tests);
}
