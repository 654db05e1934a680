#include "kafka/kafka_transaction.h"

#include "kafka/kafka_error.h"
#include "kafka/kafka_offsets.h"

enum {
    OFFSETS_MS = 5 * 1000,
};

/* A call that does not fit the state that librdkafka is in, not for a failure of the transaction: the two
 * of us disagree, and an abort would not fit either. */
static bool is_out_of_step(const rd_kafka_error_t *error)
{
    return rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__STATE &&
           !rd_kafka_error_txn_requires_abort(error) && !rd_kafka_error_is_retriable(error);
}

/* Takes the error; one that only says "fatal" is replaced by what is behind it. */
static sf_status fail(sf_kafka_sender *sender, rd_kafka_error_t *error, const char *step,
                      sf_error *err)
{
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    bool out_of_step = is_out_of_step(error);
    sf_status status;

    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        rd_kafka_error_destroy(error);
        return sf_kafka_fail(err, sf_kafka_cause(sender->client, code), "%s", step);
    }
    status = sf_kafka_fail_take(err, error, "%s", step);
    if (out_of_step && err)
        err->status = SF_REBUILD_TASK;
    return out_of_step ? SF_REBUILD_TASK : status;
}

sf_status sf_kafka_transactions_init(sf_kafka_sender *sender, int32_t timeout_ms, sf_error *err)
{
    rd_kafka_error_t *error = rd_kafka_init_transactions(sender->client, timeout_ms);

    return error ? fail(sender, error, "a transactional producer cannot begin its work", err)
                 : SF_OK;
}

sf_status sf_kafka_transaction_begin(sf_kafka_sender *sender, sf_error *err)
{
    rd_kafka_error_t *error = rd_kafka_begin_transaction(sender->client);

    if (error)
        return fail(sender, error, "a transaction cannot begin", err);
    sf_kafka_sender_forget_failure(sender);
    return SF_OK;
}

/* 2.0.2 keeps to the time given here. Versions about 2.14 to 2.16 may wait on for a coordinator that died
 * meanwhile (librdkafka issues 5456 and 5511); a watchdog of the caller's has to notice. */
sf_status sf_kafka_transaction_send_offsets(sf_kafka_sender *sender, const sf_offset *offsets,
                                            size_t count, const sf_group_token *token,
                                            sf_error *err)
{
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_error_t *error;
    sf_status status = sf_kafka_token_check(token, err);

    if (status)
        return status;
    list = sf_kafka_offset_list(offsets, count);
    error = rd_kafka_send_offsets_to_transaction(sender->client, list,
                                                 sf_kafka_token_metadata(token), OFFSETS_MS);
    rd_kafka_topic_partition_list_destroy(list);
    return error ? fail(sender, error, "positions cannot be put into the transaction", err) : SF_OK;
}

sf_status sf_kafka_transaction_commit(sf_kafka_sender *sender, int32_t timeout_ms, sf_error *err)
{
    rd_kafka_error_t *error = rd_kafka_commit_transaction(sender->client, timeout_ms);
    sf_status status;

    if (!error)
        return SF_OK;
    status = fail(sender, error, "the transaction cannot be committed", err);
    if (status == SF_ABORT_COMMIT && sender->has_failed)
        return sf_error_prefix(err, status, "%s", sender->failure.text);
    return status;
}

sf_status sf_kafka_transaction_abort(sf_kafka_sender *sender, int32_t timeout_ms, sf_error *err)
{
    rd_kafka_error_t *error = rd_kafka_abort_transaction(sender->client, timeout_ms);

    if (error)
        return fail(sender, error, "the transaction cannot be aborted", err);
    sf_kafka_sender_forget_failure(sender);
    return SF_OK;
}
