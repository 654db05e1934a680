#include "kafka/kafka_sender.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "kafka/kafka_error.h"

enum {
    USUAL_TRANSACTION_MS = 10 * 1000,
    FULL_QUEUE_US = 1000 * 1000, /* how long a send waits for room without any */
    FULL_QUEUE_POLL_MS = 20,
    RECORD_OVERHEAD = 64, /* lengths, times and counts beside key, value and headers: 36 */
    USUAL_QUEUE_BYTES = 64 * 1024 * 1024,
    MESSAGE_BYTES = 250, /* what librdkafka needs beside a message's key and value */
    LEAST_MESSAGES = 1000,
    LEAST_KILOBYTES = 16 * 1024, /* a message larger than the queue would never be taken */
    WAITS_ON_FROM = 0x020a0000,  /* releases of librdkafka, see waits_on */
};

/* ---- deliveries ---- */

/* "Try again" makes no sense for a record that is gone; going back to the last commit does. What the
 * broker will never take it would refuse again, and which input it came from is not known any more. */
static void note_failure(sf_kafka_sender *sender, const rd_kafka_message_t *message,
                         rd_kafka_resp_err_t code)
{
    if (sender->has_failed)
        return;
    sender->has_failed = true;
    (void)sf_kafka_fail(&sender->failure, code, "a record for %s was not delivered",
                        rd_kafka_topic_name(message->rkt));
    if (sender->failure.status == SF_RETRY)
        sender->failure.status = SF_ABORT_COMMIT;
    if (sender->failure.status == SF_REJECT)
        sender->failure.status = SF_STOP;
}

static void tell(const sf_kafka_sender *sender, const rd_kafka_message_t *message,
                 rd_kafka_resp_err_t code)
{
    sf_delivery delivery = {
        .tag = message->_private,
        .topic = rd_kafka_topic_name(message->rkt),
        .partition = message->partition,
        .offset = code ? SF_OFFSET_NONE : message->offset,
    };

    if (code) {
        delivery.status = sf_kafka_reaction_to(code).status;
        delivery.error = rd_kafka_err2str(code);
        delivery.permanent = sf_kafka_is_permanent(code);
    }
    sender->on_delivery(sender->user, &delivery);
}

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
    sf_kafka_sender *sender = opaque;
    rd_kafka_resp_err_t code = message->err;

    if (sender->is_closing)
        return;
    if (!code) {
        sf_kafka_sent_topic_note(rd_kafka_topic_opaque(message->rkt), message->partition,
                                 message->offset + 1);
    } else {
        code = sf_kafka_cause(client, code);
        note_failure(sender, message, code);
    }
    if (sender->on_delivery)
        tell(sender, message, code);
}

void sf_kafka_sender_forget_failure(sf_kafka_sender *sender)
{
    sender->has_failed = false;
}

/* ---- life ---- */

/* The numbers among the settings as texts. */
typedef struct number_texts {
    char transaction_ms[16];
    char queue_kilobytes[24];
    char queue_messages[24];
} number_texts;

static size_t within(size_t value, size_t least, size_t most)
{
    if (value < least)
        return least;
    return value > most ? most : value;
}

/* A small message costs more beside its bytes than for them, so both are bounded: half of the queue is for
 * either. */
static void write_texts(number_texts *texts, const sf_producer_options *options)
{
    size_t queue = options->queue_size_bytes ? options->queue_size_bytes : USUAL_QUEUE_BYTES;

    (void)snprintf(texts->queue_kilobytes, sizeof(texts->queue_kilobytes), "%zu",
                   within(queue / 2 / 1024, LEAST_KILOBYTES, INT32_MAX / 1024));
    (void)snprintf(texts->queue_messages, sizeof(texts->queue_messages), "%zu",
                   within(queue / 2 / MESSAGE_BYTES, LEAST_MESSAGES, INT32_MAX));
    (void)snprintf(texts->transaction_ms, sizeof(texts->transaction_ms), "%" PRId32,
                   options->transaction_timeout_ms ? options->transaction_timeout_ms
                                                   : USUAL_TRANSACTION_MS);
}

/* Newer releases forget a broker that went, and then positions that were to go to it wait, for as long as no
 * connection changes, to be told of the coordinator that came in its place (librdkafka issues 5456, 5511).
 * A connection without use that is closed, and opened again, is such a change. */
static bool waits_on(const sf_producer_options *options)
{
    return rd_kafka_version() >= WAITS_ON_FROM && options && options->transactional_id;
}

sf_status sf_kafka_sender_init(sf_kafka_sender *sender, const sf_kafka_config *config,
                               const sf_producer_options *options, const sf_producer_ops *ops,
                               sf_error *err)
{
    static const sf_producer_options none;
    number_texts texts;
    sf_status status;
    const sf_broker_setting defaults[] = {
        {"acks", "all"},
        {"compression.codec", "lz4"},
        {"linger.ms", "2"},
        {"batch.num.messages", "10000"},
        {"queue.buffering.max.messages", texts.queue_messages},
        {"queue.buffering.max.kbytes", texts.queue_kilobytes},
        {"retry.backoff.ms", "10"}, /* 100 makes back-to-back transactions take 0.1 s */
        {waits_on(options) ? "connections.max.idle.ms" : NULL, "5000"},
        {NULL, NULL},
    };
    const sf_broker_setting fixed[] = {
        {"enable.idempotence", "true"},
        {"partitioner", "murmur2_random"},
        {"transactional.id", options ? options->transactional_id : NULL},
        {"transaction.timeout.ms",
         options && options->transactional_id ? texts.transaction_ms : NULL},
        {NULL, NULL},
    };
    const sf_kafka_client_options client = {
        .role = SF_KAFKA_PRODUCER,
        .defaults = defaults,
        .fixed = fixed,
        .on_delivery = on_delivery,
        .opaque = sender,
    };

    if (!options)
        options = &none;
    write_texts(&texts, options);
    *sender = (sf_kafka_sender){
        .clock = config->clock,
        .on_delivery = options->on_delivery,
        .user = options->user,
    };
    status = sf_kafka_client_new(config, &client, &sender->client, err);
    sf_kafka_sent_topics_init(&sender->topics, sender->client, ops);
    return status;
}

size_t sf_kafka_sender_record_max_bytes(const sf_kafka_sender *sender)
{
    char text[32];
    size_t size = sizeof(text);
    size_t max;

    if (rd_kafka_conf_get(rd_kafka_conf(sender->client), "message.max.bytes", text, &size))
        return 0; /* it is known to all releases */
    max = strtoul(text, NULL, 10);
    return max > RECORD_OVERHEAD ? max - RECORD_OVERHEAD : max;
}

void sf_kafka_sender_done(sf_kafka_sender *sender)
{
    sender->is_closing = true;
    if (sender->client)
        (void)rd_kafka_purge(sender->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    sf_kafka_sent_topics_done(&sender->topics);
    if (sender->client)
        rd_kafka_destroy(sender->client);
    if (sender->times_moved)
        sf_log(SF_LOG_INFO, "records of time 0 were sent with time 1 records=%" PRIu64,
               sender->times_moved);
}

/* ---- topics ---- */

sf_status sf_kafka_sender_expect(sf_kafka_sender *sender, const char *const *topics, size_t count,
                                 sf_error *err)
{
    return sf_kafka_sent_topics_expect(&sender->topics, topics, count, err);
}

sf_status sf_kafka_sender_topic(sf_kafka_sender *sender, const char *name,
                                sf_producer_topic **topic, sf_error *err)
{
    return sf_kafka_sent_topics_open(&sender->topics, name, topic, err);
}

int64_t sf_kafka_sender_end_offset(const sf_producer_topic *topic, int32_t partition)
{
    return sf_kafka_sent_topic_end(topic, partition);
}

/* ---- sending ---- */

static rd_kafka_headers_t *headers_of(const sf_headers *headers)
{
    rd_kafka_headers_t *made = rd_kafka_headers_new(headers->count);

    for (size_t i = 0; i < headers->count; i++)
        /* Fails for read-only lists only. */
        (void)rd_kafka_header_add(made, headers->items[i].name, -1, headers->items[i].value.data,
                                  (ssize_t)headers->items[i].value.size);
    return made;
}

/* librdkafka takes time 0 for "now". */
static int64_t time_to_send(sf_kafka_sender *sender, int64_t timestamp)
{
    if (timestamp)
        return timestamp;
    sender->times_moved++;
    return 1;
}

static rd_kafka_error_t *produce(sf_kafka_sender *sender, const sf_outgoing *out)
{
    const sf_record *record = &out->record;
    rd_kafka_vu_t parts[8] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = sf_kafka_sent_topic_handle(out->topic)},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = out->partition},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)record->key.data, record->key.size}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)record->value.data, record->value.size}},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = time_to_send(sender, record->timestamp)},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = out->tag},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_HEADERS},
    };
    rd_kafka_error_t *error;

    if (!record->headers.count)
        return rd_kafka_produceva(sender->client, parts, 7);
    parts[7].u.headers = headers_of(&record->headers);
    error = rd_kafka_produceva(sender->client, parts, 8);
    if (error)
        rd_kafka_headers_destroy(parts[7].u.headers);
    return error;
}

/* Serves deliveries until there may be room; false if there was none for long. */
static bool wait_for_room(sf_kafka_sender *sender, int64_t *since_us)
{
    int64_t now = sf_clock_monotonic_us(sender->clock);

    if (!*since_us)
        *since_us = now;
    if (rd_kafka_poll(sender->client, FULL_QUEUE_POLL_MS) > 0)
        return true;
    return now - *since_us < FULL_QUEUE_US;
}

static sf_status send_one(sf_kafka_sender *sender, const sf_outgoing *out, sf_error *err)
{
    int64_t since_us = 0;
    rd_kafka_error_t *error;
    rd_kafka_resp_err_t code;

    while ((error = produce(sender, out))) {
        code = sf_kafka_cause(sender->client, rd_kafka_error_code(error));
        rd_kafka_error_destroy(error);
        if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && wait_for_room(sender, &since_us))
            continue;
        return sf_kafka_fail(err, code, "a record cannot be sent to %s",
                             rd_kafka_topic_name(sf_kafka_sent_topic_handle(out->topic)));
    }
    return SF_OK;
}

sf_status sf_kafka_sender_send(sf_kafka_sender *sender, const sf_outgoing *records, size_t count,
                               size_t *sent, sf_error *err)
{
    sf_status status = SF_OK;
    size_t done = 0;

    while (done < count && !(status = send_one(sender, &records[done], err)))
        done++;
    if (sent)
        *sent = done;
    rd_kafka_poll(sender->client, 0);
    return status;
}

sf_status sf_kafka_sender_flush(sf_kafka_sender *sender, int32_t timeout_ms, sf_error *err)
{
    rd_kafka_resp_err_t code = rd_kafka_flush(sender->client, timeout_ms);

    if (code)
        return sf_kafka_fail(err, code, "%d records are not delivered yet",
                             rd_kafka_outq_len(sender->client));
    if (sender->has_failed) {
        sender->has_failed = false;
        return sf_fail_with(err, sender->failure.status, sender->failure.code, "%s",
                            sender->failure.text);
    }
    return SF_OK;
}
