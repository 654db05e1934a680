#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "query_settings.h"

/* As the service reads them; *settings is the caller's only when that went well. */
static sf_status read_settings(sf_settings **settings, sf_error *err)
{
    sf_status status = sf_settings_read(query_settings_table, query_settings_count, settings, err);

    if (status)
        return status;
    status = query_settings_check(*settings, err);
    if (status)
        sf_settings_free(*settings);
    return status;
}

/* The settings with some variables of the environment set, and unset again. */
static sf_settings *settings_with(const char *name, const char *value)
{
    sf_settings *settings = NULL;

    setenv(name, value, 1);
    assert_ok(read_settings(&settings, err));
    return settings;
}

static void end(sf_settings *settings, const char *name)
{
    sf_settings_free(settings);
    unsetenv(name);
}

static void defaults_are_those_of_the_walkthrough(void **state)
{
    sf_settings *settings = settings_with("LOG_LEVEL", "info");
    sf_kafka_properties properties;
    sf_config config;

    (void)state;
    sf_kafka_properties_init(&properties, settings, "localhost:9092");
    config = query_settings_engine(settings, &properties);

    assert_string_equal(config.bootstrap_servers, "localhost:9092");
    assert_string_equal(config.application_id, "ecommerce-analytics");
    assert_null(config.instance_id);
    assert_int_equal(config.guarantee, SF_EXACTLY_ONCE_V2);
    assert_int_equal(config.task_timeout_ms, -1);
    assert_int_equal(query_settings_http(settings).port, 8081);
    assert_string_equal(query_settings_topology(settings).product_topic, "product-events");
    assert_string_equal(query_settings_topology(settings).order_topic, "order-events");
    assert_int_equal(query_settings_topology(settings).currency_exponent, 2);
    assert_int_equal(query_settings_topology(settings).counting, SALES_NET);
    sf_kafka_properties_done(&properties);
    end(settings, "LOG_LEVEL");
}

static void currency_decides_the_decimals(void **state)
{
    sf_settings *settings = settings_with("CURRENCY", "JPY");

    (void)state;
    assert_int_equal(query_settings_topology(settings).currency_exponent, 0);
    end(settings, "CURRENCY");
}

static void gross_counting_can_be_chosen(void **state)
{
    sf_settings *settings = settings_with("SALES_COUNTING", "gross");

    (void)state;
    assert_int_equal(query_settings_topology(settings).counting, SALES_GROSS);
    end(settings, "SALES_COUNTING");
}

static void wrong_values_are_named(void **state)
{
    static const char *const cases[][2] = {
        {"QUERY_SERVER_PORT", "http"}, {"QUERY_SERVER_PORT", "70000"}, {"CURRENCY", "dollars"},
        {"SALES_COUNTING", "some"},    {"NUM_STREAM_THREADS", "0"},    {"MEMORY_MAX_BYTES", "1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sf_settings *settings;
        sf_error err = {0};

        setenv(cases[i][0], cases[i][1], 1);
        assert_int_equal(read_settings(&settings, &err), SF_STOP);
        if (!strstr(err.text, cases[i][0]) || !strstr(err.text, cases[i][1]))
            fail_msg("%s=%s: %s", cases[i][0], cases[i][1], err.text);
        unsetenv(cases[i][0]);
    }
}

static const char *property(const sf_kafka_properties *properties, const char *name)
{
    for (size_t i = 0; i < properties->count; i++)
        if (!strcmp(properties->items[i].name, name))
            return properties->items[i].value;
    return NULL;
}

static void other_kafka_variables_are_librdkafkas(void **state)
{
    sf_settings *settings = settings_with("KAFKA_SASL_USERNAME", "ann");
    sf_kafka_properties properties;

    (void)state;
    setenv("KAFKA_HOME", "somewhere", 1);
    sf_kafka_properties_init(&properties, settings, "kafka:9092");
    assert_string_equal(property(&properties, "sasl.username"), "ann");
    assert_null(property(&properties, "home"));
    assert_null(property(&properties, "bootstrap.servers"));
    assert_null(property(&properties, "streams.app.id"));
    sf_kafka_properties_done(&properties);
    unsetenv("KAFKA_HOME");
    end(settings, "KAFKA_SASL_USERNAME");
}

static void embedded_log_has_no_properties(void **state)
{
    sf_settings *settings = settings_with("KAFKA_SASL_USERNAME", "ann");
    sf_kafka_properties properties;

    (void)state;
    sf_kafka_properties_init(&properties, settings, "file:log");
    assert_int_equal(properties.count, 0);
    sf_kafka_properties_done(&properties);
    end(settings, "KAFKA_SASL_USERNAME");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_walkthrough),
        cmocka_unit_test(currency_decides_the_decimals),
        cmocka_unit_test(gross_counting_can_be_chosen),
        cmocka_unit_test(wrong_values_are_named),
        cmocka_unit_test(other_kafka_variables_are_librdkafkas),
        cmocka_unit_test(embedded_log_has_no_properties),
    };

    clearenv(); /* what the caller has set is none of ours */
    return run_tests(tests);
}
