/* kafka_error.c - from librdkafka's errors to reactions.
 *
 * An error of a transaction says by its flags whether it is fatal, needs an abort or may be tried again.
 * The flags go before the table, but for rows that say SF_STOP: a right that is missing or a setting
 * that is wrong would only fail again after an abort or with a new producer. */
#include "kafka/kafka_error.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"

typedef struct row {
    rd_kafka_resp_err_t code;
    sf_status status;
    sf_code kind;
} row;

#define BROKER(name, reaction, kind)             \
    {                                            \
        RD_KAFKA_RESP_ERR_##name, reaction, kind \
    }
#define CLIENT(name, reaction, kind)              \
    {                                             \
        RD_KAFKA_RESP_ERR__##name, reaction, kind \
    }

/* A code that librdkafka 2.0.2 does not know. */
#define NEWER(number, reaction, kind)                 \
    {                                                 \
        (rd_kafka_resp_err_t)(number), reaction, kind \
    }

static const row rows[] = {
    /* the broker is away, changing hands or slow */
    CLIENT(TRANSPORT, SF_RETRY, SF_BROKER),
    CLIENT(ALL_BROKERS_DOWN, SF_RETRY, SF_BROKER),
    CLIENT(RESOLVE, SF_RETRY, SF_BROKER),
    CLIENT(WAIT_COORD, SF_RETRY, SF_BROKER),
    CLIENT(WAIT_CACHE, SF_RETRY, SF_BROKER),
    CLIENT(NODE_UPDATE, SF_RETRY, SF_BROKER),
    CLIENT(RETRY, SF_RETRY, SF_BROKER),
    CLIENT(ISR_INSUFF, SF_RETRY, SF_BROKER),
    CLIENT(UNKNOWN_BROKER, SF_RETRY, SF_BROKER),
    CLIENT(IN_PROGRESS, SF_RETRY, SF_BUSY),
    CLIENT(PREV_IN_PROGRESS, SF_RETRY, SF_BUSY),
    CLIENT(QUEUE_FULL, SF_RETRY, SF_BUSY),
    CLIENT(OUTDATED, SF_RETRY, SF_BROKER),
    CLIENT(INTR, SF_RETRY, SF_BROKER),
    CLIENT(TIMED_OUT, SF_RETRY, SF_TIMED_OUT),
    CLIENT(TIMED_OUT_QUEUE, SF_RETRY, SF_TIMED_OUT),
    CLIENT(MSG_TIMED_OUT, SF_RETRY, SF_TIMED_OUT),
    BROKER(REQUEST_TIMED_OUT, SF_RETRY, SF_TIMED_OUT),
    BROKER(LEADER_NOT_AVAILABLE, SF_RETRY, SF_BROKER),
    BROKER(NOT_LEADER_FOR_PARTITION, SF_RETRY, SF_BROKER),
    BROKER(BROKER_NOT_AVAILABLE, SF_RETRY, SF_BROKER),
    BROKER(REPLICA_NOT_AVAILABLE, SF_RETRY, SF_BROKER),
    BROKER(STALE_CTRL_EPOCH, SF_RETRY, SF_BROKER),
    BROKER(NETWORK_EXCEPTION, SF_RETRY, SF_BROKER),
    BROKER(COORDINATOR_LOAD_IN_PROGRESS, SF_RETRY, SF_BROKER),
    BROKER(COORDINATOR_NOT_AVAILABLE, SF_RETRY, SF_BROKER),
    BROKER(NOT_COORDINATOR, SF_RETRY, SF_BROKER),
    BROKER(NOT_ENOUGH_REPLICAS, SF_RETRY, SF_BROKER),
    BROKER(NOT_ENOUGH_REPLICAS_AFTER_APPEND, SF_RETRY, SF_BROKER),
    BROKER(NOT_CONTROLLER, SF_RETRY, SF_BROKER),
    BROKER(KAFKA_STORAGE_ERROR, SF_RETRY, SF_BROKER),
    BROKER(REASSIGNMENT_IN_PROGRESS, SF_RETRY, SF_BROKER),
    BROKER(FETCH_SESSION_ID_NOT_FOUND, SF_RETRY, SF_BROKER),
    BROKER(INVALID_FETCH_SESSION_EPOCH, SF_RETRY, SF_BROKER),
    BROKER(LISTENER_NOT_FOUND, SF_RETRY, SF_BROKER),
    BROKER(FENCED_LEADER_EPOCH, SF_RETRY, SF_BROKER),
    BROKER(UNKNOWN_LEADER_EPOCH, SF_RETRY, SF_BROKER),
    BROKER(STALE_BROKER_EPOCH, SF_RETRY, SF_BROKER),
    BROKER(OFFSET_NOT_AVAILABLE, SF_RETRY, SF_BROKER),
    BROKER(PREFERRED_LEADER_NOT_AVAILABLE, SF_RETRY, SF_BROKER),
    BROKER(ELIGIBLE_LEADERS_NOT_AVAILABLE, SF_RETRY, SF_BROKER),
    BROKER(THROTTLING_QUOTA_EXCEEDED, SF_RETRY, SF_BROKER),
    /* fewer brokers are up than a topic is to have replicas: those that are starting are fenced */
    BROKER(INVALID_REPLICATION_FACTOR, SF_RETRY, SF_BROKER),

    NEWER(-137, SF_RETRY, SF_BROKER), /* _DESTROY_BROKER: it was started anew, its handle goes */
    NEWER(100, SF_RETRY, SF_BROKER),  /* UNKNOWN_TOPIC_ID: to a broker that has just heard of it */
    NEWER(103, SF_RETRY, SF_BROKER),  /* INCONSISTENT_TOPIC_ID */
    NEWER(129, SF_RETRY, SF_BROKER),  /* REBOOTSTRAP_REQUIRED */

    /* another transaction or rebalance has to end first */
    BROKER(CONCURRENT_TRANSACTIONS, SF_RETRY, SF_BUSY),
    BROKER(REBALANCE_IN_PROGRESS, SF_RETRY, SF_BUSY),
    BROKER(UNSTABLE_OFFSET_COMMIT, SF_RETRY, SF_TIMED_OUT),

    /* this generation, transaction or assignment is over; the producer lives on */
    BROKER(ILLEGAL_GENERATION, SF_ABORT_COMMIT, SF_BROKER),
    NEWER(120, SF_ABORT_COMMIT, SF_BROKER), /* TRANSACTION_ABORTABLE */
    BROKER(UNKNOWN_MEMBER_ID, SF_ABORT_COMMIT, SF_BROKER),
    CLIENT(ASSIGNMENT_LOST, SF_ABORT_COMMIT, SF_BROKER),
    CLIENT(MAX_POLL_EXCEEDED, SF_ABORT_COMMIT, SF_TIMED_OUT),
    CLIENT(PURGE_QUEUE, SF_ABORT_COMMIT, SF_CLOSED),
    CLIENT(PURGE_INFLIGHT, SF_ABORT_COMMIT, SF_CLOSED),
    CLIENT(STATE, SF_ABORT_COMMIT, SF_CLOSED),

    /* a newer producer of the same id works, or the broker has lost this one's traces */
    CLIENT(FENCED, SF_REBUILD_TASK, SF_FENCED),
    BROKER(PRODUCER_FENCED, SF_REBUILD_TASK, SF_FENCED),
    BROKER(INVALID_PRODUCER_EPOCH, SF_REBUILD_TASK, SF_FENCED),
    BROKER(TRANSACTION_COORDINATOR_FENCED, SF_REBUILD_TASK, SF_FENCED),
    BROKER(INVALID_PRODUCER_ID_MAPPING, SF_REBUILD_TASK, SF_FENCED),
    BROKER(UNKNOWN_PRODUCER_ID, SF_REBUILD_TASK, SF_FENCED),
    BROKER(INVALID_TXN_STATE, SF_REBUILD_TASK, SF_BROKER),
    BROKER(OUT_OF_ORDER_SEQUENCE_NUMBER, SF_REBUILD_TASK, SF_BROKER),
    BROKER(DUPLICATE_SEQUENCE_NUMBER, SF_REBUILD_TASK, SF_BROKER),
    CLIENT(INCONSISTENT, SF_REBUILD_TASK, SF_BROKER),
    CLIENT(GAPLESS_GUARANTEE, SF_REBUILD_TASK, SF_BROKER),

    /* this record will never be taken */
    BROKER(MSG_SIZE_TOO_LARGE, SF_REJECT, SF_BAD_DATA),
    BROKER(RECORD_LIST_TOO_LARGE, SF_REJECT, SF_BAD_DATA),
    BROKER(INVALID_TIMESTAMP, SF_REJECT, SF_BAD_DATA),
    BROKER(INVALID_RECORD, SF_REJECT, SF_BAD_DATA),
    BROKER(INVALID_MSG_SIZE, SF_REJECT, SF_BAD_DATA),

    /* what was asked for is not there */
    BROKER(OFFSET_OUT_OF_RANGE, SF_STOP, SF_NOT_FOUND),
    CLIENT(AUTO_OFFSET_RESET, SF_STOP, SF_NOT_FOUND),
    CLIENT(NO_OFFSET, SF_STOP, SF_NOT_FOUND),
    BROKER(UNKNOWN_TOPIC_OR_PART, SF_STOP, SF_NOT_FOUND),
    CLIENT(UNKNOWN_TOPIC, SF_STOP, SF_NOT_FOUND),
    CLIENT(UNKNOWN_PARTITION, SF_STOP, SF_NOT_FOUND),
    CLIENT(UNKNOWN_GROUP, SF_STOP, SF_NOT_FOUND),
    BROKER(GROUP_ID_NOT_FOUND, SF_STOP, SF_NOT_FOUND),

    /* another process runs with this instance id */
    BROKER(FENCED_INSTANCE_ID, SF_STOP, SF_FENCED),

    BROKER(INVALID_MSG, SF_STOP, SF_CORRUPT),
    CLIENT(BAD_MSG, SF_STOP, SF_CORRUPT),
    CLIENT(BAD_COMPRESSION, SF_STOP, SF_CORRUPT),

    /* a setting, a right or a name is wrong: for a person */
    BROKER(TOPIC_ALREADY_EXISTS, SF_STOP, SF_EXISTS),
    BROKER(TOPIC_EXCEPTION, SF_STOP, SF_INVALID),
    BROKER(INVALID_PARTITIONS, SF_STOP, SF_INVALID),
    BROKER(INVALID_REPLICA_ASSIGNMENT, SF_STOP, SF_INVALID),
    BROKER(INVALID_CONFIG, SF_STOP, SF_INVALID),
    BROKER(INVALID_REQUEST, SF_STOP, SF_INVALID),
    BROKER(INVALID_REQUIRED_ACKS, SF_STOP, SF_INVALID),
    BROKER(INVALID_GROUP_ID, SF_STOP, SF_INVALID),
    BROKER(INVALID_SESSION_TIMEOUT, SF_STOP, SF_INVALID),
    BROKER(INVALID_TRANSACTION_TIMEOUT, SF_STOP, SF_INVALID),
    BROKER(INCONSISTENT_GROUP_PROTOCOL, SF_STOP, SF_INVALID),
    BROKER(GROUP_MAX_SIZE_REACHED, SF_STOP, SF_INVALID),
    BROKER(OFFSET_METADATA_TOO_LARGE, SF_STOP, SF_INVALID),
    BROKER(INVALID_COMMIT_OFFSET_SIZE, SF_STOP, SF_INVALID),
    BROKER(UNSUPPORTED_VERSION, SF_STOP, SF_INVALID),
    BROKER(UNSUPPORTED_FOR_MESSAGE_FORMAT, SF_STOP, SF_INVALID),
    BROKER(UNSUPPORTED_COMPRESSION_TYPE, SF_STOP, SF_INVALID),
    BROKER(POLICY_VIOLATION, SF_STOP, SF_INVALID),
    BROKER(TOPIC_DELETION_DISABLED, SF_STOP, SF_INVALID),
    BROKER(TOPIC_AUTHORIZATION_FAILED, SF_STOP, SF_INVALID),
    BROKER(GROUP_AUTHORIZATION_FAILED, SF_STOP, SF_INVALID),
    BROKER(CLUSTER_AUTHORIZATION_FAILED, SF_STOP, SF_INVALID),
    BROKER(TRANSACTIONAL_ID_AUTHORIZATION_FAILED, SF_STOP, SF_INVALID),
    BROKER(SASL_AUTHENTICATION_FAILED, SF_STOP, SF_INVALID),
    BROKER(UNSUPPORTED_SASL_MECHANISM, SF_STOP, SF_INVALID),
    BROKER(ILLEGAL_SASL_STATE, SF_STOP, SF_INVALID),
    BROKER(SECURITY_DISABLED, SF_STOP, SF_INVALID),
    CLIENT(AUTHENTICATION, SF_STOP, SF_INVALID),
    CLIENT(SSL, SF_STOP, SF_INVALID),
    CLIENT(INVALID_ARG, SF_STOP, SF_INVALID),
    CLIENT(NOT_CONFIGURED, SF_STOP, SF_INVALID),
    CLIENT(UNSUPPORTED_FEATURE, SF_STOP, SF_INVALID),
    CLIENT(NOT_IMPLEMENTED, SF_STOP, SF_INVALID),
    CLIENT(CONFLICT, SF_STOP, SF_INVALID),
    CLIENT(CRIT_SYS_RESOURCE, SF_STOP, SF_IO),
    CLIENT(DESTROY, SF_STOP, SF_CLOSED),
};

static const row *row_of(rd_kafka_resp_err_t code)
{
    for (size_t i = 0; i < SF_ARRAY_LENGTH(rows); i++)
        if (rows[i].code == code)
            return &rows[i];
    return NULL;
}

sf_kafka_reaction sf_kafka_reaction_to(rd_kafka_resp_err_t code)
{
    const row *found = row_of(code);

    if (!found)
        return (sf_kafka_reaction){SF_STOP, SF_BROKER};
    return (sf_kafka_reaction){found->status, found->kind};
}

bool sf_kafka_is_permanent(rd_kafka_resp_err_t code)
{
    sf_status status = sf_kafka_reaction_to(code).status;

    return status == SF_REJECT || status == SF_STOP;
}

rd_kafka_resp_err_t sf_kafka_cause(rd_kafka_t *client, rd_kafka_resp_err_t code)
{
    char ignored[1];

    if (code != RD_KAFKA_RESP_ERR__FATAL)
        return code;
    return rd_kafka_fatal_error(client, ignored, sizeof(ignored));
}

static sf_status fill(sf_error *err, sf_kafka_reaction reaction, const char *why,
                      rd_kafka_resp_err_t code, const char *format, va_list arguments)
{
    char what[SF_ERROR_TEXT_SIZE];

    (void)vsnprintf(what, sizeof(what), format, arguments); /* cut is fine */
    return sf_fail_with(err, reaction.status, reaction.code, "%s: %s (%s)", what, why,
                        rd_kafka_err2name(code));
}

sf_status sf_kafka_fail(sf_error *err, rd_kafka_resp_err_t code, const char *format, ...)
{
    va_list arguments;
    sf_status status;

    va_start(arguments, format);
    status = fill(err, sf_kafka_reaction_to(code), rd_kafka_err2str(code), code, format, arguments);
    va_end(arguments);
    return status;
}

static sf_kafka_reaction reaction_with_flags(const rd_kafka_error_t *error)
{
    const row *found = row_of(rd_kafka_error_code(error));
    sf_kafka_reaction reaction = sf_kafka_reaction_to(rd_kafka_error_code(error));

    if (found && found->status == SF_STOP)
        return reaction;
    if (rd_kafka_error_is_fatal(error))
        reaction.status = SF_REBUILD_TASK;
    else if (rd_kafka_error_txn_requires_abort(error))
        reaction.status = SF_ABORT_COMMIT;
    else if (rd_kafka_error_is_retriable(error))
        reaction.status = SF_RETRY;
    return reaction;
}

sf_status sf_kafka_fail_take(sf_error *err, rd_kafka_error_t *error, const char *format, ...)
{
    va_list arguments;
    sf_status status;

    va_start(arguments, format);
    status = fill(err, reaction_with_flags(error), rd_kafka_error_string(error),
                  rd_kafka_error_code(error), format, arguments);
    va_end(arguments);
    rd_kafka_error_destroy(error);
    return status;
}
