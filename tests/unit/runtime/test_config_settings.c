/* Settings by the names of Kafka Streams. */
#include "runtime/config_settings.h"

#include <string.h>

#include "base/memory.h"
#include "check.h"
#include "runtime/config_implementation.h"

static const sf_config LEAST = {.application_id = "app", .bootstrap_servers = "memory:"};

static sf_config completed(const sf_broker_setting *settings, size_t count)
{
    sf_config given = LEAST, config;

    given.settings = settings;
    given.setting_count = count;
    assert_ok(sf_config_settings_complete(&config, &given, err));
    return config;
}

static void each_setting_has_a_name(void **test)
{
    const sf_broker_setting settings[] = {
        {"application.id", "shop"},          {"application.server", "here:8080"},
        {"bootstrap.servers", "there:9092"}, {"commit.interval.ms", "500"},
        {"commit.min.interval.ms", "20"},    {"group.membership", "dynamic"},
        {"input.partitions", "7"},           {"instance.id", "one"},
        {"max.task.idle.ms", "-1"},          {"memory.max.bytes", "100000000"},
        {"num.stream.threads", "3"},         {"processing.guarantee", "at_least_once"},
        {"session.timeout.ms", "9000"},      {"repartition.purge.interval.ms", "-1"},
        {"state.cleanup.delay.ms", "60000"}, {"state.dir", "kept"},
        {"task.timeout.ms", "-1"},           {"transaction.timeout.ms", "20000"},
    };
    sf_config config = completed(settings, SF_ARRAY_LENGTH(settings));

    (void)test;
    assert_string_equal(config.application_id, "shop");
    assert_string_equal(config.application_server, "here:8080");
    assert_string_equal(config.bootstrap_servers, "there:9092");
    assert_int_equal(config.commit_interval_ms, 500);
    assert_int_equal(config.commit_min_interval_ms, 20);
    assert_int_equal(config.membership, SF_MEMBERSHIP_DYNAMIC);
    assert_int_equal(config.input_partitions, 7);
    assert_string_equal(config.instance_id, "one");
    assert_int_equal(config.max_task_idle_ms, -1);
    assert_int_equal(config.memory_max_bytes, 100000000);
    assert_int_equal(config.num_stream_threads, 3);
    assert_int_equal(config.guarantee, SF_AT_LEAST_ONCE);
    assert_int_equal(config.session_timeout_ms, 9000);
    assert_int_equal(config.repartition_purge_interval_ms, -1);
    assert_int_equal(config.state_cleanup_delay_ms, 60000);
    assert_string_equal(config.state_dir, "kept");
    assert_int_equal(config.task_timeout_ms, -1);
    assert_int_equal(config.transaction_timeout_ms, 20000);
    assert_int_equal(config.setting_count, 0);
    sf_config_done(&config);
}

static void names_that_kafka_streams_puts_a_client_before_are_the_same(void **test)
{
    const sf_broker_setting settings[] = {
        {"consumer.session.timeout.ms", "9000"},
        {"producer.transaction.timeout.ms", "20000"},
        {"processing.guarantee", "exactly_once_v2"},
    };
    sf_config config = completed(settings, SF_ARRAY_LENGTH(settings));

    (void)test;
    assert_int_equal(config.session_timeout_ms, 9000);
    assert_int_equal(config.transaction_timeout_ms, 20000);
    assert_int_equal(config.guarantee, SF_EXACTLY_ONCE_V2);
    sf_config_done(&config);
}

static void what_is_the_brokers_is_left_and_copied(void **test)
{
    char value[] = "5";
    const sf_broker_setting settings[] = {
        {"linger.ms", value},
        {"num.stream.threads", "2"},
        {"producer.compression.codec", "zstd"},
        {"journal.fsync", "never"},
    };
    sf_config config = completed(settings, SF_ARRAY_LENGTH(settings));

    (void)test;
    value[0] = 'x';
    assert_int_equal(config.setting_count, 3);
    assert_string_equal(config.settings[0].name, "linger.ms");
    assert_string_equal(config.settings[0].value, "5");
    assert_string_equal(config.settings[1].name, "producer.compression.codec");
    assert_string_equal(config.settings[2].name, "journal.fsync");
    sf_config_done(&config);
}

static void assert_refused(const char *name, const char *value, const char *sentence)
{
    const sf_broker_setting setting = {name, value};
    sf_config given = LEAST, config;
    sf_error error;

    given.settings = &setting;
    given.setting_count = 1;
    assert_int_equal(sf_config_settings_complete(&config, &given, &error), SF_STOP);
    assert_int_equal(error.code, SF_INVALID);
    assert_string_equal(error.text, sentence);
}

static void a_name_that_nobody_knows_is_refused_with_the_nearest(void **test)
{
    (void)test;
    assert_refused("num.stream.thread", "2",
                   "there is no setting num.stream.thread; did you mean num.stream.threads?");
    assert_refused("linger.mss", "2", "there is no setting linger.mss; did you mean linger.ms?");
    assert_refused("producer.linger.mss", "2",
                   "there is no setting producer.linger.mss; did you mean producer.linger.ms?");
    assert_refused("journal.fsink", "2",
                   "there is no setting journal.fsink; did you mean journal.fsync?");
    assert_refused("colour.of.the.sky", "blue", "there is no setting colour.of.the.sky");
}

static void what_is_said_otherwise_here_is_told(void **test)
{
    (void)test;
    assert_refused("statestore.cache.max.bytes", "1",
                   "there is no setting statestore.cache.max.bytes: memory.max.bytes bounds all "
                   "memory");
    assert_refused("num.standby.replicas", "1",
                   "there is no setting num.standby.replicas: there are no standbys");
}

static void values_are_checked(void **test)
{
    (void)test;
    assert_refused("num.stream.threads", "two",
                   "setting num.stream.threads is 'two', not a whole number");
    assert_refused("num.stream.threads", "99999999999",
                   "setting num.stream.threads is '99999999999', not a whole number");
    assert_refused("commit.interval.ms", "0",
                   "setting commit.interval.ms is '0', not above 0 (leave it out for the usual)");
    assert_refused("memory.max.bytes", "-5", "setting memory.max.bytes is '-5', not above 0");
    assert_refused("processing.guarantee", "exactly_once",
                   "setting processing.guarantee is 'exactly_once', not exactly_once_v2 or "
                   "at_least_once");
    assert_refused("group.membership", "fixed",
                   "setting group.membership is 'fixed', not static or dynamic");
    assert_refused("num.stream.threads", "65", "num_stream_threads is 65, not between 1 and 64");
}

/* Its settings were said when it was connected. */
static void a_broker_that_is_given_takes_no_settings(void **test)
{
    const sf_broker_setting setting = {"linger.ms", "5"};
    sf_config given = LEAST, config;
    sf_error error;

    (void)test;
    given.settings = &setting;
    given.setting_count = 1;
    given.broker = (sf_broker *)&given; /* not looked into */
    assert_int_equal(sf_config_settings_complete(&config, &given, &error), SF_STOP);
    assert_string_equal(error.text, "setting linger.ms is for a broker, and a broker that is "
                                    "connected was given");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_setting_has_a_name),
        cmocka_unit_test(names_that_kafka_streams_puts_a_client_before_are_the_same),
        cmocka_unit_test(what_is_the_brokers_is_left_and_copied),
        cmocka_unit_test(a_name_that_nobody_knows_is_refused_with_the_nearest),
        cmocka_unit_test(what_is_said_otherwise_here_is_told),
        cmocka_unit_test(values_are_checked),
        cmocka_unit_test(a_broker_that_is_given_takes_no_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
