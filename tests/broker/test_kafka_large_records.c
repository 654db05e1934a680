/* Output that is too large for a real Kafka: for its client, which is known beforehand, and for a topic,
 * which only the delivery tells. */
#include <string.h>

#include "check.h"
#include "support/broker_fixture.h"
#include "support/kafka_app.h"
#include "support/padded_topology.h"
#include "support/sums_app.h"

static void feed(const kafka_app *app, const int64_t *sizes, size_t count)
{
    number_writer *writer = number_writer_open(app->broker);

    for (size_t i = 0; i < count; i++)
        number_write(writer, app->in, "k", sizes[i], (int64_t)i + 1);
    number_writer_flush(writer);
    number_writer_close(writer);
}

/* The client's usual message.max.bytes is 1,000,000. */
static void what_the_client_does_not_take_goes_by_policy(void **test)
{
    kafka_app app = kafka_app_make();
    sf_topology *topology = padded_topology(app.in, app.out, SF_ON_ERROR_SKIP);
    sf_streams *streams = sums_app_start(topology, &app.config);
    const int64_t sizes[] = {8, 1000 * 1000, 3000 * 1000, 8};

    (void)test;
    feed(&app, sizes, 4);
    numbers_wait(app.broker, app.out, 2);

    assert_int_equal(sums_app_counters(streams).skipped, 2);
    assert_int_equal(sums_app_counters(streams).aborts, 0);
    sums_app_stop(streams);
    assert_int_equal(numbers_count(app.broker, app.out), 2);
    sf_topology_free(topology);
    kafka_app_done(&app);
}

static const char *small_topic(const kafka_app *app)
{
    static const sf_topic_config configs[] = {{"max.message.bytes", "2000"},
                                              {"retention.ms", "-1"}};
    const sf_topic_spec spec = {.name = kafka_fixture_name("small"),
                                .partitions = 1,
                                .configs = configs,
                                .config_count = 2};

    assert_ok(sf_broker_create_topic(app->broker, &spec, NULL, err));
    return spec.name;
}

static void what_only_a_topic_refuses_stops_the_application_at_once(void **test)
{
    kafka_app app = kafka_app_make();
    const char *out = small_topic(&app);
    sf_topology *topology = padded_topology(app.in, out, SF_ON_ERROR_SKIP);
    const sf_broker_setting settings[] = {{"compression.codec", "none"}};
    const int64_t sizes[] = {8, 5000, 8};
    sf_streams *streams;
    sf_error error;

    (void)test;
    app.config.settings = settings;
    app.config.setting_count = 1;
    streams = sums_app_start(topology, &app.config);
    feed(&app, sizes, 3);
    assert_true(sf_streams_wait(streams, SF_STREAMS_ERROR, 30000));

    assert_true(sf_streams_error(streams, &error));
    assert_non_null(strstr(error.text, "a record for "));
    assert_non_null(strstr(error.text, "MSG_SIZE_TOO_LARGE"));
    sf_streams_free(streams);
    assert_int_equal(numbers_count(app.broker, out), 0);
    sf_topology_free(topology);
    kafka_app_done(&app);
}

static void a_lower_limit_of_the_client_makes_it_a_matter_of_policy(void **test)
{
    kafka_app app = kafka_app_make();
    const char *out = small_topic(&app);
    sf_topology *topology = padded_topology(app.in, out, SF_ON_ERROR_SKIP);
    const sf_broker_setting settings[] = {{"producer.message.max.bytes", "2000"},
                                          {"producer.batch.size", "2000"}};
    const int64_t sizes[] = {8, 5000, 8};
    sf_streams *streams;

    (void)test;
    app.config.settings = settings;
    app.config.setting_count = 2;
    streams = sums_app_start(topology, &app.config);
    feed(&app, sizes, 3);
    numbers_wait(app.broker, out, 2);

    assert_int_equal(sums_app_counters(streams).skipped, 1);
    sums_app_stop(streams);
    sf_topology_free(topology);
    kafka_app_done(&app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_client_does_not_take_goes_by_policy),
        cmocka_unit_test(what_only_a_topic_refuses_stops_the_application_at_once),
        cmocka_unit_test(a_lower_limit_of_the_client_makes_it_a_matter_of_policy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
