/* kafka_member.c - one librdkafka consumer: a group for the tasks, partition queues for the records.
 *
 *  1 The group subscribes to a topic whose partitions are tasks. They are assigned at the end, where nothing
 *    ever comes, so no committed offset is asked for. They are fetched all the same: librdkafka sleeps up
 *    to a second when all that it fetches from a broker is full, whatever is taken in between. A fetch that
 *    waits at an end comes back after fetch.wait.max.ms, and then full queues are looked at again.
 *  2 Partitions with records are added to the same assignment, inside or outside of the rebalance
 *    callback, with explicit offsets; a kept one is not touched by a rebalance.
 *  3 The main queue is served by poll alone; the rebalance callback runs in there. A consumer whose main
 *    queue is not served gets no partitions and hears of no error.
 *  4 librdkafka takes the first incremental_unassign after "revoke" for the callback's answer and rejoins:
 *    another member may then own the tasks. So what the listener removes in the callback goes with the
 *    tasks in one call after it, and a revocation that comes right after we took a partition out by
 *    ourselves is told as lost.
 *  5 Every list that librdkafka hands out is destroyed, and so are all messages, before the handle is:
 *    it would wait for them for ever.
 *  6 Before 2.3 librdkafka ends the process (an assertion of its sticky assignor) when a handle is destroyed
 *    between its join and its first assignment. Such a handle leaves the group but is not destroyed.
 *  7 Without a group the handle has the name of one that nobody joins, since librdkafka assigns nothing
 *    without. It can be given a topic without records to read at its end for the same reason as in 1.
 *  8 A new member that is given nothing is to get what others are giving back meanwhile; they join again as
 *    soon as they have, and then it has to, too. By itself librdkafka lets a second pass between two joins
 *    of a member, and learns of the new round from a heartbeat. A subscription that is made again within the
 *    callback lets it join again at once: the new round waits for the others, and not they for it. */
#include "kafka/kafka_member.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "kafka/kafka_error.h"
#include "kafka/kafka_metadata.h"

enum {
    USUAL_QUEUE_BYTES = 4 * 1024 * 1024,
    USUAL_FETCH_BYTES = 1024 * 1024,
    MESSAGE_BYTES = 400, /* what librdkafka needs beside a message's key and value */
    USUAL_SESSION_MS = 6000,
    FIXED_VERSION = 0x020300ff, /* of librdkafka: see 6 */
};

static void note_trouble(sf_kafka_member *member, const sf_error *trouble)
{
    if (member->trouble_status == SF_STOP)
        return; /* the first lasting one is the cause */
    member->trouble_status = trouble->status;
    member->trouble = *trouble;
}

static void note_error(sf_kafka_member *member, rd_kafka_error_t *error, const char *what)
{
    sf_error trouble;

    if (!error)
        return;
    (void)sf_kafka_fail_take(&trouble, error, "tasks of the group cannot be %s", what);
    note_trouble(member, &trouble);
}

static int32_t *partitions_of(const rd_kafka_topic_partition_list_t *list)
{
    int32_t *partitions = sf_realloc_array(NULL, (size_t)list->cnt, sizeof(*partitions));

    for (int i = 0; i < list->cnt; i++)
        partitions[i] = list->elems[i].partition;
    return partitions;
}

/* What goes wrong here costs a second (8). */
static void join_again(const sf_kafka_member *member)
{
    rd_kafka_topic_partition_list_t *topics;

    if (rd_kafka_subscription(member->reading.client, &topics))
        return;
    (void)rd_kafka_subscribe(member->reading.client, topics);
    rd_kafka_topic_partition_list_destroy(topics);
}

static void assign(sf_kafka_member *member, rd_kafka_topic_partition_list_t *list, bool is_first)
{
    rd_kafka_t *client = member->reading.client;
    int32_t *partitions = partitions_of(list);

    if (is_first && !list->cnt)
        join_again(member);
    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = RD_KAFKA_OFFSET_END;
    note_error(member, rd_kafka_incremental_assign(client, list), "assigned");
    if (member->listener.assigned)
        member->listener.assigned(member->listener.user, partitions, (size_t)list->cnt);
    free(partitions);
}

void sf_kafka_member_remove_all(sf_kafka_member *member)
{
    while (member->readers) {
        sf_kafka_reader *reader = member->readers;

        member->readers = reader->next;
        sf_kafka_reader_free(reader, member->leaving);
    }
}

static void revoke(sf_kafka_member *member, rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_t *client = member->reading.client;
    bool lost =
        rd_kafka_assignment_lost(client) || (member->reading.took_out && !member->is_closing);
    int32_t *partitions = partitions_of(list);

    member->leaving = rd_kafka_topic_partition_list_copy(list);
    if (member->listener.revoked)
        member->listener.revoked(member->listener.user, partitions, (size_t)list->cnt, lost);
    if (member->is_closing)
        sf_kafka_member_remove_all(member);
    note_error(member, rd_kafka_incremental_unassign(client, member->leaving), "given back");
    rd_kafka_topic_partition_list_destroy(member->leaving);
    member->leaving = NULL;
    free(partitions);
}

static void on_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *list, void *opaque)
{
    sf_kafka_member *member = opaque;
    bool is_first = !member->was_assigned;

    (void)client; /* not known to us yet when the first call comes from rd_kafka_new */
    member->was_assigned = true;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        assign(member, list, is_first);
    else
        revoke(member, list);
}

/* A message on the main queue is an error of the group; librdkafka deals with most of them itself. */
static void note_message(sf_kafka_member *member, const rd_kafka_message_t *message)
{
    rd_kafka_resp_err_t code = sf_kafka_cause(member->reading.client, message->err);
    sf_error trouble;

    if (!code) {
        member->reading.dropped++;
        return;
    }
    if (code == RD_KAFKA_RESP_ERR__PARTITION_EOF)
        return;
    if (sf_kafka_fail(&trouble, code, "the group has trouble: %s",
                      rd_kafka_message_errstr(message)) == SF_STOP)
        note_trouble(member, &trouble);
    else
        sf_log(SF_LOG_WARN, "%s", trouble.text);
}

static void on_call(rd_kafka_t *client, void *opaque)
{
    sf_kafka_member *member = opaque;

    (void)client; /* the signature is librdkafka's */
    atomic_store(&member->is_called, true);
    sf_kafka_waker_ring(&member->reading.waker);
}

static void serve(sf_kafka_member *member)
{
    rd_kafka_message_t *message;

    atomic_store(&member->is_called, false);
    while ((message = rd_kafka_consumer_poll(member->reading.client, 0))) {
        note_message(member, message);
        rd_kafka_message_destroy(message);
    }
}

sf_status sf_kafka_member_poll(sf_kafka_member *member, sf_error *err)
{
    sf_status status;

    serve(member);
    member->reading.took_out = false;
    status = member->trouble_status;
    if (status != SF_STOP)
        member->trouble_status = SF_OK;
    if (status)
        return sf_fail_with(err, status, member->trouble.code, "%s", member->trouble.text);
    return SF_OK;
}

sf_status sf_kafka_member_subscribe(sf_kafka_member *member, const char *topic,
                                    const sf_rebalance_listener *listener, sf_error *err)
{
    rd_kafka_t *client = member->reading.client;
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_resp_err_t code;
    int32_t partitions;
    sf_status status;

    if (!member->has_group)
        return sf_fail(err, SF_INVALID, "a consumer without a group cannot subscribe to %s", topic);
    status = sf_kafka_topic_partitions(client, topic, &partitions, err);
    if (status)
        return status;
    if (!partitions)
        return sf_fail(err, SF_NOT_FOUND, "there is no topic %s to subscribe to", topic);
    member->listener = *listener;
    list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA);
    code = rd_kafka_subscribe(client, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code)
        return sf_kafka_fail(err, sf_kafka_cause(client, code), "topic %s cannot be subscribed to",
                             topic);
    member->is_subscribed = true;
    return SF_OK;
}

/* The numbers among the settings as texts. */
typedef struct texts {
    char queue_kilobytes[24];
    char queue_messages[24];
    char fetch_bytes[24];
    char session_ms[16];
    char nobody[SF_KAFKA_NOBODY_SIZE];
} number_texts;

typedef struct queue_limits {
    size_t bytes; /* of keys and values */
    size_t messages;
    size_t fetch_bytes;
} queue_limits;

static size_t within(size_t value, size_t least, size_t most)
{
    if (value < least)
        return least;
    return value > most ? most : value;
}

/* A queue's memory, where small messages cost more beside their bytes than for them; a fetch begins while
 * there is room and unpacks to a few times its size. If there is no end to wait at, nothing wakes librdkafka
 * when a queue is full (see 1), so there the bytes alone decide. */
static queue_limits limits_of(const sf_consumer_options *options)
{
    size_t queue = options->queue_size_bytes ? options->queue_size_bytes : USUAL_QUEUE_BYTES;

    if (!options->group && !options->quiet_topic)
        return (queue_limits){queue, 2000000, within(queue, 1024, USUAL_FETCH_BYTES)};
    return (queue_limits){
        .bytes = queue / 2,
        .messages = within(queue / 2 / MESSAGE_BYTES, 100, 2000000),
        .fetch_bytes = within(queue / 8, 64 * 1024, USUAL_FETCH_BYTES),
    };
}

static void write_texts(number_texts *texts, const sf_consumer_options *options)
{
    queue_limits limits = limits_of(options);
    int32_t session = options->session_timeout_ms ? options->session_timeout_ms : USUAL_SESSION_MS;

    (void)snprintf(texts->queue_kilobytes, sizeof(texts->queue_kilobytes), "%zu",
                   within(limits.bytes / 1024, 1, INT32_MAX / 1024));
    (void)snprintf(texts->queue_messages, sizeof(texts->queue_messages), "%zu", limits.messages);
    (void)snprintf(texts->fetch_bytes, sizeof(texts->fetch_bytes), "%zu", limits.fetch_bytes);
    (void)snprintf(texts->session_ms, sizeof(texts->session_ms), "%" PRId32, session);
    sf_kafka_nobody(texts->nobody);
}

static sf_status make_client(sf_kafka_member *member, const sf_kafka_config *config,
                             const sf_consumer_options *options, sf_error *err)
{
    number_texts texts;
    const bool knows_backoff = rd_kafka_version() >= 0x02020000;
    const sf_broker_setting defaults[] = {
        {"fetch.wait.max.ms", options->group ? "20" : "10"},
        {"heartbeat.interval.ms", "500"},
        {"session.timeout.ms", texts.session_ms},
        {"queued.min.messages", texts.queue_messages},
        {"queued.max.messages.kbytes", texts.queue_kilobytes},
        {"fetch.message.max.bytes", texts.fetch_bytes},
        {knows_backoff ? "fetch.queue.backoff.ms" : NULL, "10"},
        {NULL, NULL},
    };
    const sf_broker_setting fixed[] = {
        {"group.id", options->group ? options->group : texts.nobody},
        {"group.instance.id", options->group ? options->instance : NULL},
        {"partition.assignment.strategy", "cooperative-sticky"},
        {"isolation.level", options->read_uncommitted ? "read_uncommitted" : "read_committed"},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"enable.partition.eof", "true"},
        {"auto.offset.reset", "error"},
        {NULL, NULL},
    };
    const sf_kafka_client_options client = {
        .role = SF_KAFKA_CONSUMER,
        .client_id = options->client_id,
        .defaults = defaults,
        .fixed = fixed,
        .on_rebalance = on_rebalance,
        .opaque = member,
    };

    write_texts(&texts, options);
    return sf_kafka_client_new(config, &client, &member->reading.client, err);
}

/* What goes wrong here costs time alone. */
static void read_along(sf_kafka_member *member, const char *topic)
{
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_error_t *error;
    int32_t partitions = 0;

    if (sf_kafka_topic_partitions(member->reading.client, topic, &partitions, NULL))
        return;
    list = rd_kafka_topic_partition_list_new(partitions);
    for (int32_t i = 0; i < partitions; i++)
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_END;
    error = rd_kafka_incremental_assign(member->reading.client, list);
    if (error)
        rd_kafka_error_destroy(error);
    rd_kafka_topic_partition_list_destroy(list);
}

sf_status sf_kafka_member_init(sf_kafka_member *member, const sf_kafka_config *config,
                               const sf_consumer_options *options, const sf_consumer_ops *ops,
                               sf_error *err)
{
    rd_kafka_queue_t *main_queue;
    sf_status status = sf_kafka_waker_init(&member->reading.waker, err);

    if (status)
        return status;
    member->reading.ops = ops;
    member->has_group = options->group != NULL;
    atomic_init(&member->is_called, true);
    sf_kafka_batch_pool_init(&member->reading.batches);
    sf_kafka_expected_init(&member->expected);
    status = make_client(member, config, options, err);
    if (status) {
        sf_kafka_expected_done(&member->expected);
        sf_kafka_waker_done(&member->reading.waker);
        return status;
    }
    (void)rd_kafka_poll_set_consumer(member->reading.client); /* fails for producers only */
    main_queue = rd_kafka_queue_get_consumer(member->reading.client);
    rd_kafka_queue_cb_event_enable(main_queue, on_call, member);
    rd_kafka_queue_destroy(main_queue);
    if (options->quiet_topic && !options->group)
        read_along(member, options->quiet_topic);
    return SF_OK;
}

static void leave(sf_kafka_member *member)
{
    member->is_closing = true;
    if (!member->is_subscribed)
        sf_kafka_member_remove_all(member);
    (void)rd_kafka_consumer_close(member->reading.client);  /* it is over in any case */
    member->leaving = rd_kafka_topic_partition_list_new(0); /* there is no assignment any more */
    sf_kafka_member_remove_all(member);
    rd_kafka_topic_partition_list_destroy(member->leaving);
}

static bool may_be_destroyed(const sf_kafka_member *member)
{
    return !member->is_subscribed || member->was_assigned || rd_kafka_version() >= FIXED_VERSION;
}

void sf_kafka_member_done(sf_kafka_member *member)
{
    rd_kafka_queue_t *main_queue = rd_kafka_queue_get_consumer(member->reading.client);

    leave(member); /* its listener may still add readers */
    sf_kafka_expected_done(&member->expected);
    rd_kafka_queue_cb_event_enable(main_queue, NULL, NULL);
    rd_kafka_queue_destroy(main_queue);
    if (member->reading.dropped)
        sf_log(SF_LOG_INFO, "records came that nobody waited for records=%" PRIu64,
               member->reading.dropped);
    sf_kafka_batch_pool_done(&member->reading.batches);
    if (may_be_destroyed(member))
        rd_kafka_destroy(member->reading.client);
    sf_kafka_waker_done(&member->reading.waker);
}
