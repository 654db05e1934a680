#include "journal/journal_reader.h"

#include <stdlib.h>

#include "base/memory.h"

enum { STEPS_A_READ = 16 }; /* some 4 MB of log: then others get their turn */

struct sf_journal_reader {
    sf_reader reader; /* first: it is one */
    sf_journal_readers *readers;
    const sf_journal_topic *topic; /* the catalog's */
    int64_t position;
    sf_follower follower;
    sf_journal_reader *next;
};

static sf_journal_reader *reader_of(sf_reader *reader)
{
    return (sf_journal_reader *)reader;
}

static const sf_journal_reader *const_reader_of(const sf_reader *reader)
{
    return (const sf_journal_reader *)reader;
}

static const sf_journal_partition *partition_of(const sf_journal_reader *reader)
{
    return &reader->topic->partitions[reader->follower.target.partition];
}

void sf_journal_readers_init(sf_journal_readers *readers, sf_shared_log *log,
                             const sf_consumer_ops *ops, size_t queue_size_bytes)
{
    *readers = (sf_journal_readers){.ops = ops, .log = log, .queue_size_bytes = queue_size_bytes};
    readers->batches = sf_batch_pool_new();
    sf_cursors_init(&readers->cursors, sf_shared_log_storage(log));
}

void sf_journal_readers_done(sf_journal_readers *readers)
{
    while (readers->first)
        sf_journal_readers_remove(readers, &readers->first->reader);
    sf_cursors_done(&readers->cursors);
    sf_batch_pool_close(readers->batches);
}

/* The offset meant, and a place in the log before its record. */
static sf_status find_place(sf_journal_reader *reader, int64_t offset, int64_t *start,
                            sf_log_place *place, sf_error *err)
{
    sf_shared_log *log = reader->readers->log;
    const sf_journal_partition *partition = partition_of(reader);
    sf_catalog *catalog;
    sf_status status;
    bool is_at_end;

    if (offset < 0 && offset != SF_OFFSET_BEGINNING && offset != SF_OFFSET_END)
        return sf_fail(err, SF_INVALID, "%lld is no offset to read %s-%d from", (long long)offset,
                       reader->topic->name, (int)reader->follower.target.partition);
    status = sf_shared_log_lock_fresh(log, &catalog, err);
    if (status)
        return status;
    if (offset == SF_OFFSET_BEGINNING)
        offset = atomic_load(&partition->low);
    else if (offset == SF_OFFSET_END)
        offset = atomic_load(&partition->next);
    is_at_end = offset >= atomic_load(&partition->next);
    *place = sf_shared_log_end_place(log);
    sf_shared_log_unlock(log);
    *start = offset;
    if (is_at_end)
        return SF_OK;
    return sf_log_search_offset(sf_shared_log_storage(log), reader->follower.target, offset, place,
                                err);
}

static void start_at(sf_journal_reader *reader, int64_t start, sf_log_place place)
{
    reader->position = start;
    reader->follower.wanted = start;
    sf_cursors_add(&reader->readers->cursors, &reader->follower, place);
}

static sf_status find_topic(sf_shared_log *log, const char *name, int32_t partition,
                            sf_journal_topic **topic, sf_error *err)
{
    sf_catalog *catalog;
    sf_status status = sf_shared_log_lock_fresh(log, &catalog, err);

    if (status)
        return status;
    status = sf_catalog_partition(catalog, name, partition, topic, err);
    sf_shared_log_unlock(log);
    return status;
}

sf_status sf_journal_readers_add(sf_journal_readers *readers, const char *name, int32_t partition,
                                 int64_t offset, sf_reader **reader, sf_error *err)
{
    sf_journal_topic *topic;
    sf_journal_reader *made;
    sf_log_place place;
    sf_status status = find_topic(readers->log, name, partition, &topic, err);
    int64_t start;

    if (status)
        return status;
    made = sf_zalloc(sizeof(*made));
    made->reader.ops = readers->ops;
    made->readers = readers;
    made->topic = topic;
    made->follower.target = (sf_log_target){topic->id, partition};
    made->follower.queue_size_bytes = readers->queue_size_bytes;
    status = find_place(made, offset, &start, &place, err);
    if (status) {
        free(made);
        return status;
    }
    start_at(made, start, place);
    made->next = readers->first;
    readers->first = made;
    *reader = &made->reader;
    return SF_OK;
}

void sf_journal_readers_remove(sf_journal_readers *readers, sf_reader *removed)
{
    sf_journal_reader *reader = reader_of(removed);
    sf_journal_reader **link = &readers->first;

    while (*link != reader)
        link = &(*link)->next;
    *link = reader->next;
    sf_cursors_remove(&readers->cursors, &reader->follower);
    sf_block_queue_done(&reader->follower.queue);
    free(reader);
}

sf_status sf_journal_reader_seek(sf_reader *seeking, int64_t offset, sf_error *err)
{
    sf_journal_reader *reader = reader_of(seeking);
    sf_log_place place;
    int64_t start;
    sf_status status = find_place(reader, offset, &start, &place, err);

    if (status)
        return status;
    sf_cursors_remove(&reader->readers->cursors, &reader->follower);
    sf_block_queue_clear(&reader->follower.queue);
    reader->follower.is_announced = false;
    start_at(reader, start, place);
    return SF_OK;
}

static bool is_off_the_log(const sf_journal_reader *reader)
{
    const sf_journal_partition *partition = partition_of(reader);

    return atomic_load(&reader->topic->is_deleted) ||
           reader->position < atomic_load(&partition->low) ||
           reader->position > atomic_load(&partition->next);
}

static sf_status fail_off_the_log(const sf_journal_reader *reader, sf_error *err)
{
    const sf_journal_partition *partition = partition_of(reader);
    int number = reader->follower.target.partition;
    const char *topic = reader->topic->name;

    if (atomic_load(&reader->topic->is_deleted))
        return sf_fail(err, SF_NOT_FOUND, "topic %s was deleted", topic);
    if (reader->position < atomic_load(&partition->low))
        return sf_fail(
            err, SF_NOT_FOUND, "offset %lld of %s-%d is not there any more: it begins at %lld",
            (long long)reader->position, topic, number, (long long)atomic_load(&partition->low));
    return sf_fail(err, SF_NOT_FOUND,
                   "offset %lld of %s-%d is not there yet: it ends at %lld, so the log was "
                   "replaced or has lost its end",
                   (long long)reader->position, topic, number,
                   (long long)atomic_load(&partition->next));
}

static bool has_log_to_read(const sf_journal_reader *reader)
{
    return sf_follower_log_position(&reader->follower) < sf_shared_log_end(reader->readers->log);
}

/* Reads on for a reader that has nothing queued, for a while. */
static sf_status fill_queue(sf_journal_reader *reader, sf_error *err)
{
    sf_journal_readers *readers = reader->readers;
    sf_status status = SF_OK;

    for (int step = 0;
         !status && step < STEPS_A_READ && !reader->follower.queue.count && has_log_to_read(reader);
         step++)
        status = sf_cursors_advance(&readers->cursors, &reader->follower,
                                    sf_shared_log_end(readers->log), err);
    return status;
}

sf_status sf_journal_reader_read(sf_reader *reading, size_t max, sf_record_batch **batch,
                                 sf_error *err)
{
    sf_journal_reader *reader = reader_of(reading);
    sf_block_queue *queue = &reader->follower.queue;
    sf_status status = SF_OK;

    if (!queue->count && !has_log_to_read(reader))
        status = sf_shared_log_refresh(reader->readers->log, err);
    if (status)
        return status;
    if (is_off_the_log(reader))
        return fail_off_the_log(reader, err);
    if (!queue->count)
        status = fill_queue(reader, err);
    if (status)
        return status;
    reader->follower.is_announced = false;
    return sf_block_queue_take(queue, reader->readers->batches, max, &reader->position, batch, err);
}

bool sf_journal_reader_is_ready(const sf_reader *asked)
{
    const sf_journal_reader *reader = const_reader_of(asked);

    return reader->follower.queue.count || has_log_to_read(reader) || is_off_the_log(reader);
}

int64_t sf_journal_reader_position(const sf_reader *reader)
{
    return const_reader_of(reader)->position;
}

int64_t sf_journal_reader_end(const sf_reader *reader)
{
    return atomic_load(&partition_of(const_reader_of(reader))->next);
}

sf_status sf_journal_readers_fill(sf_journal_readers *readers, sf_error *err)
{
    sf_status status = SF_OK;

    for (sf_journal_reader *reader = readers->first; !status && reader; reader = reader->next)
        if (!reader->follower.queue.count)
            status = fill_queue(reader, err);
    return status;
}

bool sf_journal_readers_are_at_end(const sf_journal_readers *readers)
{
    for (const sf_journal_reader *reader = readers->first; reader; reader = reader->next)
        if (!reader->follower.queue.count && has_log_to_read(reader))
            return false;
    return true;
}

bool sf_journal_readers_announce(sf_journal_readers *readers)
{
    bool has_news = false;

    for (sf_journal_reader *reader = readers->first; reader; reader = reader->next) {
        if (!reader->follower.queue.count && !is_off_the_log(reader))
            continue;
        has_news |= !reader->follower.is_announced;
        reader->follower.is_announced = true;
    }
    return has_news;
}
