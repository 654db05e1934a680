/* What the brokers' answers about groups come to, with librdkafka's own mock of a cluster. */
#include "kafka/kafka_groups.h"

#include <librdkafka/rdkafka_mock.h>

#include <stateful/broker_group.h>
#include <stateful/log.h>

#include "check.h"
#include "kafka/kafka_broker.h"

enum { OFFSET_FETCH = 9 }; /* the request's number in Kafka's protocol */

typedef struct cluster {
    rd_kafka_t *owner;
    rd_kafka_mock_cluster_t *mock;
    sf_broker *broker;
    sf_arena *arena;
} cluster;

static void be_quiet(void *user, sf_log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

static int set_up(void **state)
{
    static cluster made;
    char why[256];

    sf_log_set(be_quiet, NULL, SF_LOG_ERROR);
    made.owner = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), why, sizeof why);
    made.mock = made.owner ? rd_kafka_mock_cluster_new(made.owner, 1) : NULL;
    made.arena = sf_arena_new();
    *state = &made;
    return made.mock && !sf_kafka_open(rd_kafka_mock_cluster_bootstraps(made.mock), NULL,
                                       &made.broker, NULL)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    cluster *made = *state;

    sf_broker_close(made->broker);
    sf_arena_free(made->arena);
    rd_kafka_mock_cluster_destroy(made->mock);
    rd_kafka_destroy(made->owner);
    return 0;
}

static sf_status ask(cluster *of, size_t *count, sf_error *err)
{
    const sf_offset *offsets;

    return sf_broker_group_offsets(of->broker, "a-group", of->arena, &offsets, count, err);
}

static void coordinator_that_has_moved_is_asked_for_again(void **state)
{
    static const rd_kafka_resp_err_t codes[] = {
        RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
        RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
    };
    cluster *of = *state;
    sf_error why = {0};
    size_t count = 1;

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        sf_status status;

        rd_kafka_mock_push_request_errors(of->mock, OFFSET_FETCH, 1, codes[i]);
        status = ask(of, &count, &why);
        if (status && status != SF_RETRY)
            fail_msg("after %s: %s", rd_kafka_err2name(codes[i]), why.text);
        assert_ok(ask(of, &count, err));
        assert_int_equal(count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(coordinator_that_has_moved_is_asked_for_again, set_up,
                                        tear_down),
    };

    return run_tests(tests);
}
