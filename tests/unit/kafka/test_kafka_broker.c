/* What can be said of the Kafka broker while none is there. */
#include "kafka/kafka_broker.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stateful/log.h>

#include "check.h"

/* The address of a port that is taken, but on which nobody listens. */
static char nobody[32];

static int take_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(fd, (struct sockaddr *)&address, size) ||
        getsockname(fd, (struct sockaddr *)&address, &size))
        return -1;
    (void)snprintf(nobody, sizeof(nobody), "127.0.0.1:%d", ntohs(address.sin_port));
    return fd;
}

static void be_quiet(void *user, sf_log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

static sf_status open_with(const char *name, const char *value, sf_error *err)
{
    sf_broker_setting setting = {name, value};
    sf_broker_options options = {.settings = &setting, .setting_count = 1};
    sf_broker *broker;
    sf_status status = sf_kafka_open(nobody, &options, &broker, err);

    if (!status)
        sf_broker_close(broker);
    return status;
}

static void unknown_setting_is_refused_by_name(void **state)
{
    sf_error error;

    (void)state;
    assert_int_equal(open_with("security.protokoll", "ssl", &error), SF_STOP);
    assert_int_equal(error.code, SF_INVALID);
    assert_non_null(strstr(error.text, "security.protokoll"));
}

static void bad_value_of_a_setting_is_refused_by_name(void **state)
{
    sf_error error;

    (void)state;
    assert_int_equal(open_with("linger.ms", "soon", &error), SF_STOP);
    assert_non_null(strstr(error.text, "linger.ms"));
}

static void setting_the_engine_relies_on_is_refused(void **state)
{
    sf_error error;

    (void)state;
    assert_int_equal(open_with("isolation.level", "read_uncommitted", &error), SF_STOP);
    assert_non_null(strstr(error.text, "isolation.level"));
    assert_ok(open_with("linger.ms", "7", err));
}

static void opening_does_not_need_the_cluster(void **state)
{
    sf_broker *broker;
    sf_consumer *consumer;
    sf_producer *producer;

    (void)state;
    assert_ok(sf_kafka_open(nobody, NULL, &broker, err));
    assert_true(sf_broker_has_groups(broker));
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    sf_producer_close(producer);
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void all_is_to_be_tried_again_while_the_cluster_is_away(void **state)
{
    sf_consumer_options options = {.group = "g"};
    sf_offset offset = {"t", 0, 0, NULL};
    sf_broker *broker;
    sf_consumer *consumer;
    sf_reader *reader;
    sf_error error;
    int32_t partitions;

    (void)state;
    assert_ok(sf_kafka_open(nobody, NULL, &broker, err));
    assert_int_equal(sf_broker_partition_count(broker, "t", &partitions, &error), SF_RETRY);
    assert_ok(sf_consumer_new(broker, &options, &consumer, err));
    assert_int_equal(sf_consumer_add(consumer, "t", 0, 0, &reader, &error), SF_RETRY);
    assert_int_equal(sf_consumer_committed(consumer, &offset, 1, 50, &error), SF_RETRY);
    assert_ok(sf_consumer_poll(consumer, err));
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void consumer_without_a_group_has_no_offsets(void **state)
{
    sf_offset offset = {"t", 0, 0, NULL};
    sf_broker *broker;
    sf_consumer *consumer;
    sf_error error;

    (void)state;
    assert_ok(sf_kafka_open(nobody, NULL, &broker, err));
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    assert_int_equal(sf_consumer_committed(consumer, &offset, 1, 50, &error), SF_STOP);
    assert_int_equal(error.code, SF_INVALID);
    assert_null(sf_consumer_token(consumer));
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_setting_is_refused_by_name),
        cmocka_unit_test(bad_value_of_a_setting_is_refused_by_name),
        cmocka_unit_test(setting_the_engine_relies_on_is_refused),
        cmocka_unit_test(opening_does_not_need_the_cluster),
        cmocka_unit_test(all_is_to_be_tried_again_while_the_cluster_is_away),
        cmocka_unit_test(consumer_without_a_group_has_no_offsets),
    };

    int port = take_port();
    int failed;

    if (port < 0)
        return 1;
    sf_log_set(be_quiet, NULL, SF_LOG_ERROR);
    failed = run_tests(tests);
    close(port);
    return failed;
}
