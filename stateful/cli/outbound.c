#include "outbound.h"

#include <stdlib.h>

#include "base/memory.h"
#include "runtime/retry.h"

enum {
    CALL_MS = 5000,
};

struct outbound {
    const command_call *call;
    sf_producer *producer;
};

sf_status outbound_open(const command_call *call, const char *transactional_id, outbound **out,
                        sf_error *err)
{
    const sf_producer_options options = {.transactional_id = transactional_id};
    sf_retry retry = command_retry(call);
    outbound *opened = sf_zalloc(sizeof(*opened));
    sf_status status;

    opened->call = call;
    do
        status = sf_producer_new(call->broker, &options, &opened->producer, err);
    while (sf_retry_again(&retry, &status, err));
    if (status)
        free(opened);
    else
        *out = opened;
    return status;
}

void outbound_close(outbound *out)
{
    if (!out)
        return;
    sf_producer_close(out->producer);
    free(out);
}

sf_status outbound_send(outbound *out, const char *topic, int32_t partition,
                        const sf_record *record, sf_error *err)
{
    sf_outgoing outgoing = {.partition = partition, .record = *record};
    sf_retry retry = command_retry(out->call);
    size_t sent = 0;
    sf_status status;

    do {
        status = sf_producer_topic_open(out->producer, topic, &outgoing.topic, err);
        if (!status)
            status = sf_producer_send(out->producer, &outgoing, 1, &sent, err);
    } while (!sent && sf_retry_again(&retry, &status, err));
    if (!status)
        sf_producer_poll(out->producer);
    return status;
}

sf_status outbound_flush(outbound *out, sf_error *err)
{
    sf_retry retry = command_retry(out->call);
    sf_status status;

    do
        status = sf_producer_flush(out->producer, CALL_MS, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

sf_status outbound_begin(outbound *out, sf_error *err)
{
    sf_retry retry = command_retry(out->call);
    sf_status status;

    do
        status = sf_producer_begin(out->producer, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

sf_status outbound_commit(outbound *out, const sf_offset *offsets, size_t count,
                          const sf_group_token *token, sf_error *err)
{
    sf_retry retry = command_retry(out->call);
    sf_status status = outbound_flush(out, err);

    if (status)
        return status;
    do
        status = sf_producer_send_offsets(out->producer, offsets, count, token, err);
    while (sf_retry_again(&retry, &status, err));
    if (status)
        return status;
    retry = command_retry(out->call);
    do
        status = sf_producer_commit(out->producer, CALL_MS, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}
