#include "journal/journal_producer.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"
#include "journal/delivery_reports.h"
#include "journal/fact.h"
#include "journal/group_offsets.h"
#include "journal/journal_consumer.h"

enum {
    RECORD_MAX = 64 * 1024 * 1024,
    RECORD_OVERHEAD = 64,                /* of which is used what a block has beside bytes: 50 */
    TRANSACTION_MAX = 768 * 1024 * 1024, /* a frame may have 1 GB */
    FRAME_USUAL = 8 * 1024 * 1024,       /* a larger _send becomes several frames */
    UNDELIVERED_MAX = 64 * 1024 * 1024,  /* written but not durable: then _send waits */
    STICKY_SIZE = 16 * 1024,             /* as many bytes of keyless records go to one partition */
};

typedef struct journal_producer journal_producer;

typedef struct journal_topic {
    sf_producer_topic topic; /* first: it is one */
    journal_producer *producer;
    const sf_journal_topic *catalog_topic;
    sf_outbox_partition *partitions;
    int32_t sticky; /* where records without a key go now */
    struct journal_topic *next;
} journal_topic;

struct journal_producer {
    sf_producer producer;   /* first: it is one */
    sf_shared_log *log;     /* borrowed */
    char *transactional_id; /* NULL: no transactions */
    size_t record_max;      /* as a block would hold it */
    int64_t epoch;
    journal_topic *topics;
    sf_map *topics_by_name;
    bool is_open;    /* a transaction */
    bool is_written; /* and its frame, which may not be durable yet */
    sf_outbox outbox;
    sf_delivery_reports reports;
    int64_t written_end;       /* of the log, behind what was written last */
    size_t written_size_bytes; /* and not reported */
};

static const sf_producer_ops producer_ops;

static journal_producer *producer_of(sf_producer *producer)
{
    return (journal_producer *)producer;
}

static journal_topic *topic_of(sf_producer_topic *topic)
{
    return (journal_topic *)topic;
}

/* ---- opening ---- */

/* A new epoch for the transactional id: commits of an older one fail from now on. */
static sf_status fence_older(journal_producer *producer, sf_error *err)
{
    sf_buffer facts = SF_BUFFER_EMPTY;
    sf_catalog *catalog;
    sf_status status = sf_shared_log_begin_append(producer->log, &catalog, err);

    if (status)
        return status;
    producer->epoch = sf_catalog_epoch(catalog, producer->transactional_id) + 1;
    sf_fact_add(&facts, &(sf_fact){.kind = SF_FACT_EPOCH,
                                   .name = sf_bytes_text(producer->transactional_id),
                                   .number = producer->epoch});
    status = sf_shared_log_append_facts(producer->log, &facts, err);
    (void)sf_shared_log_end_append(producer->log); /* made durable with the first commit */
    sf_buffer_done(&facts);
    return status;
}

static void journal_close(sf_producer *producer);

sf_status sf_journal_producer_new(sf_shared_log *log, const sf_producer_options *options,
                                  const sf_journal_producer_traits *traits, sf_producer **producer,
                                  sf_error *err)
{
    static const sf_producer_options usual = {0};
    const sf_producer_options *given = options ? options : &usual;
    journal_producer *made = sf_zalloc(sizeof(*made));
    sf_status status = SF_OK;

    made->producer.ops = &producer_ops;
    made->record_max = traits->record_max_bytes ? traits->record_max_bytes : RECORD_MAX;
    made->producer.record_max_bytes = made->record_max - RECORD_OVERHEAD;
    made->log = log;
    made->transactional_id = sf_text_copy(given->transactional_id);
    made->reports.on_delivery = given->on_delivery;
    made->reports.user = given->user;
    made->topics_by_name = sf_map_new();
    made->outbox.keeps_tags = given->on_delivery != NULL;
    made->outbox.leaves_gaps = traits->random_gaps != 0;
    sf_random_init(&made->outbox.random, traits->random_gaps);
    if (made->transactional_id)
        status = fence_older(made, err);
    if (status)
        journal_close(&made->producer);
    else
        *producer = &made->producer;
    return status;
}

static void free_topic(journal_topic *topic)
{
    for (int32_t i = 0; i < topic->catalog_topic->partition_count; i++)
        sf_block_draft_done(&topic->partitions[i].draft);
    free(topic->partitions);
    free(topic);
}

static void journal_close(sf_producer *closing)
{
    journal_producer *producer = producer_of(closing);

    while (producer->topics) {
        journal_topic *next = producer->topics->next;

        free_topic(producer->topics);
        producer->topics = next;
    }
    sf_map_free(producer->topics_by_name);
    sf_outbox_done(&producer->outbox);
    sf_delivery_reports_done(&producer->reports);
    free(producer->transactional_id);
    free(producer);
}

static journal_topic *topic_new(journal_producer *producer, const sf_journal_topic *catalog_topic)
{
    journal_topic *topic = sf_zalloc(sizeof(*topic));
    size_t count = (size_t)catalog_topic->partition_count;

    topic->topic.ops = &producer_ops;
    topic->producer = producer;
    topic->catalog_topic = catalog_topic;
    topic->partitions = sf_zalloc(count * sizeof(*topic->partitions));
    for (size_t i = 0; i < count; i++)
        topic->partitions[i] = (sf_outbox_partition){
            .topic = catalog_topic, .partition = (int32_t)i, .end_offset = SF_OFFSET_NONE};
    topic->next = producer->topics;
    producer->topics = topic;
    return topic;
}

static sf_status journal_topic_open(sf_producer *opening, const char *name,
                                    sf_producer_topic **topic, sf_error *err)
{
    journal_producer *producer = producer_of(opening);
    journal_topic *known = sf_map_get(producer->topics_by_name, sf_bytes_text(name));
    sf_journal_topic *found;
    sf_catalog *catalog;
    sf_status status = sf_shared_log_lock_fresh(producer->log, &catalog, err);

    if (status)
        return status;
    status = sf_catalog_partition(catalog, name, 0, &found, err);
    sf_shared_log_unlock(producer->log);
    if (status)
        return status;
    if (!known || known->catalog_topic != found) { /* else it was made anew under this name */
        known = topic_new(producer, found);
        (void)sf_map_put(producer->topics_by_name, sf_bytes_text(name), known); /* listed too */
    }
    *topic = &known->topic;
    return SF_OK;
}

/* ---- deliveries ---- */

static sf_status deliver(journal_producer *producer, sf_error *err)
{
    sf_error why = {0};

    if (!producer->reports.ends.count)
        return SF_OK;
    (void)sf_shared_log_acknowledge(producer->log, producer->written_end,
                                    &why); /* why says it too */
    producer->written_size_bytes = 0;
    sf_delivery_reports_tell_written(&producer->reports, &why);
    return why.status ? sf_fail_with(err, why.status, why.code, "%s", why.text) : SF_OK;
}

/* ---- sending ---- */

static int32_t choose_sticky(journal_topic *topic)
{
    const sf_outbox_partition *now = &topic->partitions[topic->sticky];

    if (!now->draft.count || now->draft.records.size >= STICKY_SIZE)
        topic->sticky = (topic->sticky + 1) % topic->catalog_topic->partition_count;
    return topic->sticky;
}

static int32_t choose_partition(journal_topic *topic, const sf_outgoing *outgoing)
{
    if (outgoing->partition != SF_PARTITION_BY_KEY)
        return outgoing->partition;
    if (outgoing->record.key.data)
        return sf_partition_of_key(outgoing->record.key, topic->catalog_topic->partition_count);
    return choose_sticky(topic);
}

static sf_status check_outgoing(const journal_topic *topic, const sf_outgoing *outgoing,
                                int32_t partition, sf_error *err)
{
    const char *name = topic->catalog_topic->name;
    size_t size = sf_record_size_bytes(&outgoing->record);

    if (atomic_load(&topic->catalog_topic->is_deleted))
        return sf_fail(err, SF_NOT_FOUND, "topic %s was deleted", name);
    if (partition < 0 || partition >= topic->catalog_topic->partition_count)
        return sf_fail(err, SF_NOT_FOUND, "topic %s has no partition %d, only %d of them", name,
                       (int)partition, (int)topic->catalog_topic->partition_count);
    if (size > topic->producer->record_max)
        return sf_fail(
            err, SF_INVALID,
            "a record of %zu bytes for topic %s is larger than journal.message.max.bytes "
            "(%zu)",
            size, name, topic->producer->record_max);
    return SF_OK;
}

static void take_in(journal_producer *producer, const sf_outgoing *outgoing)
{
    journal_topic *topic = topic_of(outgoing->topic);
    int32_t partition = choose_partition(topic, outgoing);
    sf_error why = {0};

    if (check_outgoing(topic, outgoing, partition, &why))
        sf_delivery_reports_refuse(&producer->reports, topic->catalog_topic, outgoing, &why);
    else
        sf_outbox_add(&producer->outbox, &topic->partitions[partition], &outgoing->record,
                      outgoing->tag);
}

static sf_status write_outbox(journal_producer *producer, sf_outbox_check_fn check, sf_error *err)
{
    size_t size = producer->outbox.size_bytes;
    int64_t end;
    sf_status status =
        sf_outbox_write(&producer->outbox, producer->log, check, producer,
                        &producer->reports.written, &producer->reports.ends, &end, err);

    if (status)
        return status;
    producer->written_end = end;
    producer->written_size_bytes += size;
    return SF_OK;
}

/* Writes what is in the outbox, which has no more than one _send's records in it; takes all of it
 * back if that fails. */
static sf_status write_sent(journal_producer *producer, sf_error *err)
{
    sf_status status = write_outbox(producer, NULL, err);

    if (status) {
        sf_outbox_clear(&producer->outbox);
        sf_delivery_reports_forget_refused(&producer->reports);
        return status;
    }
    sf_delivery_reports_tell_refused(&producer->reports);
    return producer->written_size_bytes >= UNDELIVERED_MAX ? deliver(producer, err) : SF_OK;
}

static sf_status send_at_once(journal_producer *producer, const sf_outgoing *records, size_t count,
                              size_t *sent, sf_error *err)
{
    sf_status status = SF_OK;

    *sent = 0;
    for (size_t i = 0; !status && i < count; i++) {
        take_in(producer, &records[i]);
        if (i + 1 < count && producer->outbox.size_bytes < FRAME_USUAL)
            continue;
        status = write_sent(producer, err);
        if (!status)
            *sent = i + 1;
    }
    return status;
}

static sf_status send_in_transaction(journal_producer *producer, const sf_outgoing *records,
                                     size_t count, size_t *sent, sf_error *err)
{
    *sent = 0;
    if (!producer->is_open)
        return sf_fail(err, SF_INVALID, "producer %s sends, but no transaction is open",
                       producer->transactional_id);
    for (; *sent < count; ++*sent) {
        if (producer->outbox.size_bytes >= TRANSACTION_MAX)
            return sf_fail_with(err, SF_ABORT_COMMIT, SF_INVALID,
                                "the transaction of producer %s is larger than %d MB",
                                producer->transactional_id, TRANSACTION_MAX / (1024 * 1024));
        take_in(producer, &records[*sent]);
    }
    sf_delivery_reports_tell_refused(&producer->reports);
    return SF_OK;
}

static sf_status journal_send(sf_producer *sending, const sf_outgoing *records, size_t count,
                              size_t *sent, sf_error *err)
{
    journal_producer *producer = producer_of(sending);
    size_t taken;
    sf_status status = producer->transactional_id
                           ? send_in_transaction(producer, records, count, &taken, err)
                           : send_at_once(producer, records, count, &taken, err);

    if (sent)
        *sent = taken;
    return status;
}

static void journal_poll(sf_producer *producer)
{
    (void)deliver(producer_of(producer), NULL); /* a failure is kept for _flush */
}

static sf_status journal_flush(sf_producer *flushing, int32_t timeout_ms, sf_error *err)
{
    journal_producer *producer = producer_of(flushing);
    sf_status status;

    (void)timeout_ms;              /* the disk has no bounds */
    (void)deliver(producer, NULL); /* a failure is remembered */
    status = sf_delivery_reports_status(&producer->reports, err);
    if (!producer->transactional_id)
        sf_delivery_reports_forget_failure(&producer->reports);
    return status;
}

static int64_t journal_end_offset(sf_producer_topic *topic, int32_t partition)
{
    const journal_topic *known = topic_of(topic);

    if (partition < 0 || partition >= known->catalog_topic->partition_count)
        return SF_OFFSET_NONE;
    return known->partitions[partition].end_offset;
}

/* ---- transactions ---- */

static sf_status check_open(const journal_producer *producer, bool is_open, sf_error *err)
{
    if (!producer->transactional_id)
        return sf_fail(err, SF_INVALID,
                       "a producer without a transactional id has no transactions");
    if (producer->is_open != is_open)
        return sf_fail(err, SF_INVALID, "producer %s has %s transaction open",
                       producer->transactional_id, is_open ? "no" : "already a");
    return SF_OK;
}

static sf_status journal_begin(sf_producer *beginning, sf_error *err)
{
    journal_producer *producer = producer_of(beginning);
    sf_status status = check_open(producer, false, err);

    if (status)
        return status;
    sf_delivery_reports_forget_failure(&producer->reports);
    producer->is_open = true;
    return SF_OK;
}

static sf_status journal_send_offsets(sf_producer *sending, const sf_offset *offsets, size_t count,
                                      const sf_group_token *token, sf_error *err)
{
    journal_producer *producer = producer_of(sending);
    sf_status status = check_open(producer, true, err);
    sf_catalog *catalog;
    size_t before;

    if (status)
        return status;
    if (!token || !sf_journal_token_group(token))
        return sf_fail(err, SF_INVALID, "offsets can be sent for a consumer with a group only");
    status = sf_shared_log_lock_fresh(producer->log, &catalog, err);
    if (status)
        return status;
    before = producer->outbox.facts.size;
    status = sf_group_offsets_add(catalog, sf_journal_token_group(token), offsets, count,
                                  &producer->outbox.facts, err);
    if (status)
        producer->outbox.facts.size = before;
    sf_shared_log_unlock(producer->log);
    return status;
}

static sf_status check_epoch(void *user, const sf_catalog *catalog, sf_error *err)
{
    const journal_producer *producer = user;

    if (sf_catalog_epoch(catalog, producer->transactional_id) == producer->epoch)
        return SF_OK;
    return sf_fail_with(err, SF_REBUILD_TASK, SF_FENCED,
                        "producer %s was fenced: a newer one with its transactional id is at work",
                        producer->transactional_id);
}

static sf_status journal_commit(sf_producer *committing, int32_t timeout_ms, sf_error *err)
{
    journal_producer *producer = producer_of(committing);
    sf_status status = check_open(producer, true, err);

    (void)timeout_ms;
    if (status)
        return status;
    status = sf_delivery_reports_status(&producer->reports, err);
    if (!status && !producer->is_written)
        status = write_outbox(producer, check_epoch, err);
    if (status)
        return status;
    producer->is_written = true;
    status = sf_shared_log_acknowledge(producer->log, producer->written_end, err);
    if (status)
        return status;
    producer->is_open = producer->is_written = false;
    producer->written_size_bytes = 0;
    sf_delivery_reports_tell_written(&producer->reports, &(sf_error){0});
    return SF_OK;
}

static sf_status journal_abort(sf_producer *aborting, int32_t timeout_ms, sf_error *err)
{
    journal_producer *producer = producer_of(aborting);
    sf_status status = check_open(producer, true, err);

    (void)timeout_ms;
    if (status)
        return status;
    if (producer->is_written)
        return sf_fail(err, SF_IO,
                       "the transaction of producer %s was written, but could not be made durable",
                       producer->transactional_id);
    sf_outbox_clear(&producer->outbox);
    sf_delivery_reports_forget_failure(&producer->reports);
    producer->is_open = false;
    return SF_OK;
}

static const sf_producer_ops producer_ops = {
    .close = journal_close,
    .topic_open = journal_topic_open,
    .send = journal_send,
    .poll = journal_poll,
    .flush = journal_flush,
    .end_offset = journal_end_offset,
    .begin = journal_begin,
    .send_offsets = journal_send_offsets,
    .commit = journal_commit,
    .abort = journal_abort,
};
