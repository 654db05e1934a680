/* The table of reactions, written down a second time from the point of view of those who must act. */
#include "kafka/kafka_error.h"

#include <string.h>

#include "base/memory.h"
#include "check.h"

#define B(name) RD_KAFKA_RESP_ERR_##name
#define C(name) RD_KAFKA_RESP_ERR__##name
#define NEWER(number) (rd_kafka_resp_err_t)(number)

/* The same call again, later. */
static const rd_kafka_resp_err_t retried[] = {
    C(TRANSPORT),
    C(ALL_BROKERS_DOWN),
    C(RESOLVE),
    C(WAIT_COORD),
    C(WAIT_CACHE),
    C(NODE_UPDATE),
    C(RETRY),
    C(ISR_INSUFF),
    C(UNKNOWN_BROKER),
    C(IN_PROGRESS),
    C(PREV_IN_PROGRESS),
    C(QUEUE_FULL),
    C(OUTDATED),
    C(INTR),
    C(TIMED_OUT),
    C(TIMED_OUT_QUEUE),
    C(MSG_TIMED_OUT),
    B(LEADER_NOT_AVAILABLE),
    B(NOT_LEADER_FOR_PARTITION),
    B(REQUEST_TIMED_OUT),
    B(BROKER_NOT_AVAILABLE),
    B(REPLICA_NOT_AVAILABLE),
    B(STALE_CTRL_EPOCH),
    B(NETWORK_EXCEPTION),
    B(COORDINATOR_LOAD_IN_PROGRESS),
    B(COORDINATOR_NOT_AVAILABLE),
    B(NOT_COORDINATOR),
    B(NOT_ENOUGH_REPLICAS),
    B(NOT_ENOUGH_REPLICAS_AFTER_APPEND),
    B(REBALANCE_IN_PROGRESS),
    B(NOT_CONTROLLER),
    B(CONCURRENT_TRANSACTIONS),
    B(KAFKA_STORAGE_ERROR),
    B(REASSIGNMENT_IN_PROGRESS),
    B(FETCH_SESSION_ID_NOT_FOUND),
    B(INVALID_FETCH_SESSION_EPOCH),
    B(LISTENER_NOT_FOUND),
    B(FENCED_LEADER_EPOCH),
    B(UNKNOWN_LEADER_EPOCH),
    B(STALE_BROKER_EPOCH),
    B(OFFSET_NOT_AVAILABLE),
    B(PREFERRED_LEADER_NOT_AVAILABLE),
    B(ELIGIBLE_LEADERS_NOT_AVAILABLE),
    B(UNSTABLE_OFFSET_COMMIT),
    B(THROTTLING_QUOTA_EXCEEDED),
    B(INVALID_REPLICATION_FACTOR),
    NEWER(-137), /* _DESTROY_BROKER */
    NEWER(100),  /* UNKNOWN_TOPIC_ID */
    NEWER(103),  /* INCONSISTENT_TOPIC_ID */
    NEWER(129),  /* REBOOTSTRAP_REQUIRED */
};

/* Abort, back to the last commit, go on with the same producer. */
static const rd_kafka_resp_err_t aborted[] = {
    C(STATE),
    C(PURGE_QUEUE),
    C(PURGE_INFLIGHT),
    C(MAX_POLL_EXCEEDED),
    C(ASSIGNMENT_LOST),
    B(ILLEGAL_GENERATION),
    B(UNKNOWN_MEMBER_ID),
    NEWER(120), /* TRANSACTION_ABORTABLE */
};

/* A new producer, offsets and tail loaded again. */
static const rd_kafka_resp_err_t rebuilt[] = {
    C(FENCED),
    C(INCONSISTENT),
    C(GAPLESS_GUARANTEE),
    B(OUT_OF_ORDER_SEQUENCE_NUMBER),
    B(DUPLICATE_SEQUENCE_NUMBER),
    B(INVALID_PRODUCER_EPOCH),
    B(INVALID_TXN_STATE),
    B(INVALID_PRODUCER_ID_MAPPING),
    B(TRANSACTION_COORDINATOR_FENCED),
    B(UNKNOWN_PRODUCER_ID),
    B(PRODUCER_FENCED),
};

/* The record itself is refused. */
static const rd_kafka_resp_err_t rejected[] = {
    B(MSG_SIZE_TOO_LARGE), B(RECORD_LIST_TOO_LARGE), B(INVALID_TIMESTAMP),
    B(INVALID_RECORD),     B(INVALID_MSG_SIZE),
};

static bool is_in(const rd_kafka_resp_err_t *codes, size_t count, rd_kafka_resp_err_t code)
{
    for (size_t i = 0; i < count; i++)
        if (codes[i] == code)
            return true;
    return false;
}

#define IS_IN(codes, code) is_in(codes, SF_ARRAY_LENGTH(codes), code)

static sf_status expected(rd_kafka_resp_err_t code)
{
    if (IS_IN(retried, code))
        return SF_RETRY;
    if (IS_IN(aborted, code))
        return SF_ABORT_COMMIT;
    if (IS_IN(rebuilt, code))
        return SF_REBUILD_TASK;
    if (IS_IN(rejected, code))
        return SF_REJECT;
    return SF_STOP;
}

static void each_code_of_the_library_has_its_reaction(void **state)
{
    const struct rd_kafka_err_desc *codes;
    size_t count;
    size_t seen = 0;

    (void)state;
    rd_kafka_get_err_descs(&codes, &count);
    for (size_t i = 0; i < count; i++) {
        if (!codes[i].name || !codes[i].code || codes[i].code == C(BEGIN))
            continue;
        seen++;
        if (sf_kafka_reaction_to(codes[i].code).status != expected(codes[i].code))
            fail_msg("%s: %s, not %s", codes[i].name,
                     sf_status_name(sf_kafka_reaction_to(codes[i].code).status),
                     sf_status_name(expected(codes[i].code)));
    }
    assert_true(seen > 100);
}

static void unheard_code_stops(void **state)
{
    (void)state;
    assert_int_equal(sf_kafka_reaction_to((rd_kafka_resp_err_t)4711).status, SF_STOP);
    assert_int_equal(sf_kafka_reaction_to((rd_kafka_resp_err_t)4711).code, SF_BROKER);
}

static void assert_kind(rd_kafka_resp_err_t code, sf_code kind)
{
    if (sf_kafka_reaction_to(code).code != kind)
        fail_msg("%s: %s, not %s", rd_kafka_err2name(code),
                 sf_code_name(sf_kafka_reaction_to(code).code), sf_code_name(kind));
}

static void callers_can_tell_the_kinds_apart(void **state)
{
    (void)state;
    assert_kind(C(FENCED), SF_FENCED);
    assert_kind(B(PRODUCER_FENCED), SF_FENCED);
    assert_kind(B(INVALID_PRODUCER_EPOCH), SF_FENCED);
    assert_kind(B(FENCED_INSTANCE_ID), SF_FENCED);
    assert_kind(C(AUTO_OFFSET_RESET), SF_NOT_FOUND);
    assert_kind(B(OFFSET_OUT_OF_RANGE), SF_NOT_FOUND);
    assert_kind(B(UNKNOWN_TOPIC_OR_PART), SF_NOT_FOUND);
    assert_kind(C(TIMED_OUT), SF_TIMED_OUT);
    assert_kind(B(UNSTABLE_OFFSET_COMMIT), SF_TIMED_OUT);
    assert_kind(C(TRANSPORT), SF_BROKER);
    assert_kind(B(TOPIC_AUTHORIZATION_FAILED), SF_INVALID);
    assert_kind(B(INVALID_TRANSACTION_TIMEOUT), SF_INVALID);
}

static void only_what_never_helps_is_permanent(void **state)
{
    (void)state;
    assert_true(sf_kafka_is_permanent(B(MSG_SIZE_TOO_LARGE)));
    assert_true(sf_kafka_is_permanent(B(UNKNOWN_TOPIC_OR_PART)));
    assert_true(sf_kafka_is_permanent(B(TOPIC_AUTHORIZATION_FAILED)));
    assert_false(sf_kafka_is_permanent(C(MSG_TIMED_OUT)));
    assert_false(sf_kafka_is_permanent(C(PURGE_QUEUE)));
    assert_false(sf_kafka_is_permanent(B(NOT_ENOUGH_REPLICAS)));
}

static void sentence_names_what_was_done_and_the_error(void **state)
{
    sf_error error;

    (void)state;
    assert_int_equal(sf_kafka_fail(&error, C(TRANSPORT), "topic %s cannot be made", "a"), SF_RETRY);
    assert_non_null(strstr(error.text, "topic a cannot be made: "));
    assert_non_null(strstr(error.text, "_TRANSPORT"));
    assert_int_equal(error.status, SF_RETRY);
    assert_int_equal(error.code, SF_BROKER);
}

static void error_without_flags_goes_by_the_table(void **state)
{
    sf_error error;

    (void)state;
    assert_int_equal(
        sf_kafka_fail_take(&error, rd_kafka_error_new(B(ILLEGAL_GENERATION), "generation %d", 5),
                           "x"),
        SF_ABORT_COMMIT);
    assert_non_null(strstr(error.text, "generation 5"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_code_of_the_library_has_its_reaction),
        cmocka_unit_test(unheard_code_stops),
        cmocka_unit_test(callers_can_tell_the_kinds_apart),
        cmocka_unit_test(only_what_never_helps_is_permanent),
        cmocka_unit_test(sentence_names_what_was_done_and_the_error),
        cmocka_unit_test(error_without_flags_goes_by_the_table),
    };

    return run_tests(tests);
}
