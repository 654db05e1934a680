/* librdkafka's properties by name. */
#include "kafka/kafka_settings.h"

#include <string.h>

#include "check.h"

static sf_error refused(const char *name, const char *value)
{
    const sf_broker_setting setting = {name, value};
    sf_error error = {0};

    assert_int_equal(sf_kafka_settings_check(&setting, 1, &error), SF_STOP);
    assert_int_equal(error.code, SF_INVALID);
    return error;
}

static void properties_are_known_whether_they_have_a_value_or_not(void **state)
{
    (void)state;
    assert_true(sf_kafka_setting_exists("linger.ms"));
    assert_true(sf_kafka_setting_exists("sasl.password"));
    assert_true(sf_kafka_setting_exists("compression.type"));      /* another name for one */
    assert_true(sf_kafka_setting_exists("request.required.acks")); /* of topics */
    assert_true(sf_kafka_setting_exists("consumer.fetch.min.bytes"));
    assert_false(sf_kafka_setting_exists("Property"));
    assert_false(sf_kafka_setting_exists("consumers.fetch.min.bytes"));
}

static void a_setting_may_be_for_one_kind_of_client(void **state)
{
    bool is_own;

    (void)state;
    assert_true(sf_kafka_setting_is_for("linger.ms", SF_KAFKA_PRODUCER, &is_own));
    assert_false(is_own);
    assert_true(sf_kafka_setting_is_for("producer.linger.ms", SF_KAFKA_PRODUCER, &is_own));
    assert_true(is_own);
    assert_false(sf_kafka_setting_is_for("producer.linger.ms", SF_KAFKA_CONSUMER, &is_own));
    assert_true(sf_kafka_setting_is_for("admin.socket.timeout.ms", SF_KAFKA_ADMIN, &is_own));
    assert_string_equal(sf_kafka_setting_property("admin.socket.timeout.ms"), "socket.timeout.ms");
    assert_string_equal(sf_kafka_setting_property("socket.timeout.ms"), "socket.timeout.ms");
}

static void an_unknown_one_is_refused_with_the_nearest(void **state)
{
    (void)state;
    assert_string_equal(refused("security.protokoll", "ssl").text,
                        "there is no setting security.protokoll; did you mean security.protocol?");
    assert_string_equal(
        refused("consumer.max.poll.record", "1").text,
        "there is no setting consumer.max.poll.record: librdkafka has no max.poll.record");
}

static void what_the_engine_needs_is_refused_with_the_reason(void **state)
{
    (void)state;
    assert_string_equal(refused("isolation.level", "read_uncommitted").text,
                        "setting isolation.level cannot be changed: what is not committed must not "
                        "be read");
    assert_string_equal(refused("consumer.enable.auto.commit", "true").text,
                        "setting consumer.enable.auto.commit cannot be changed: positions are "
                        "committed together with the state");
    (void)refused("producer.transactional.id", "mine");
}

static void a_value_that_is_none_is_refused_in_librdkafkas_words(void **state)
{
    sf_error error = refused("producer.linger.ms", "soon");

    (void)state;
    assert_non_null(strstr(error.text, "setting producer.linger.ms=soon is not taken"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties_are_known_whether_they_have_a_value_or_not),
        cmocka_unit_test(a_setting_may_be_for_one_kind_of_client),
        cmocka_unit_test(an_unknown_one_is_refused_with_the_nearest),
        cmocka_unit_test(what_the_engine_needs_is_refused_with_the_reason),
        cmocka_unit_test(a_value_that_is_none_is_refused_in_librdkafkas_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
