#include "simulation/simulated_reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct sf_simulated_reader {
    sf_reader base; /* first: it is one */
    sf_simulated_host *host;
    char *topic;
    int32_t partition;
    bool read_uncommitted;
    int64_t position;
    int64_t slow_until_ms; /* nothing arrives before */
};

typedef struct held_batch {
    sf_record_batch base;
    sf_simulated_host *host;
    sf_arena *arena;
} held_batch;

static sf_simulated_reader *of(sf_reader *reader)
{
    return (sf_simulated_reader *)reader;
}

static sf_simulated_log *log_of(const sf_simulated_reader *reader)
{
    return sf_simulated_cluster_log(reader->host->cluster, reader->topic, reader->partition);
}

static sf_status resolve(const sf_simulated_reader *reader, int64_t *offset, sf_error *err)
{
    const sf_simulated_log *log = log_of(reader);

    if (!log)
        return sf_fail(err, SF_NOT_FOUND, "there is no partition %" PRId32 " of topic %s",
                       reader->partition, reader->topic);
    if (*offset == SF_OFFSET_BEGINNING)
        *offset = log->low;
    else if (*offset == SF_OFFSET_END)
        *offset = sf_simulated_log_last_stable(log);
    return SF_OK;
}

sf_status sf_simulated_reader_new(const sf_simulated_reader_options *options,
                                  sf_simulated_reader **reader, sf_error *err)
{
    sf_simulated_reader *made;
    sf_status status;

    if (options->host->is_dead)
        return sf_simulated_host_no_answer(options->host, err);
    made = sf_zalloc(sizeof(*made));
    made->base.ops = options->ops;
    made->host = options->host;
    made->topic = sf_text_copy(options->topic);
    made->partition = options->partition;
    made->read_uncommitted = options->read_uncommitted;
    made->position = options->offset;
    status = resolve(made, &made->position, err);
    if (status)
        sf_simulated_reader_free(made);
    else
        *reader = made;
    return status;
}

void sf_simulated_reader_free(sf_simulated_reader *reader)
{
    free(reader->topic);
    free(reader);
}

bool sf_simulated_reader_is_of(const sf_simulated_reader *reader, const char *topic,
                               int32_t partition)
{
    return reader->partition == partition && !strcmp(reader->topic, topic);
}

/* ---- what has arrived ---- */

static int64_t limit_of(const sf_simulated_reader *reader, const sf_simulated_log *log)
{
    return reader->read_uncommitted ? log->next : sf_simulated_log_last_stable(log);
}

static bool nothing_arrives(const sf_simulated_reader *reader)
{
    const sf_simulated_cluster *cluster = reader->host->cluster;
    int64_t now_ms = sf_simulated_cluster_now_ms(cluster);

    return now_ms < cluster->away_until_ms || now_ms < cluster->slow_until_ms ||
           now_ms < reader->slow_until_ms;
}

bool sf_simulated_reader_is_ready(const sf_reader *base)
{
    const sf_simulated_reader *reader = (const sf_simulated_reader *)base;
    const sf_simulated_log *log = log_of(reader);

    if (reader->host->is_dead || !log)
        return false;
    return !nothing_arrives(reader) &&
           (reader->position < log->low || reader->position > log->next ||
            reader->position < limit_of(reader, log));
}

int64_t sf_simulated_reader_position(const sf_reader *base)
{
    return ((const sf_simulated_reader *)base)->position;
}

sf_status sf_simulated_reader_seek(sf_reader *base, int64_t offset, sf_error *err)
{
    sf_simulated_reader *reader = of(base);
    sf_status status;

    if (reader->host->is_dead)
        return sf_simulated_host_no_answer(reader->host, err);
    status = resolve(reader, &offset, err);
    if (!status)
        reader->position = offset;
    return status;
}

/* ---- batches ---- */

static void release(sf_record_batch *base)
{
    held_batch *batch = (held_batch *)base;

    batch->host->records -= base->count;
    sf_arena_free(batch->arena);
    free((void *)base->records);
    free(batch);
}

static sf_record_batch *batch_new(sf_simulated_host *host, size_t room)
{
    held_batch *batch = sf_zalloc(sizeof(*batch));

    batch->base.release = release;
    batch->base.records = sf_zalloc((room + 1) * sizeof(batch->base.records[0]));
    batch->host = host;
    batch->arena = sf_arena_new();
    return &batch->base;
}

static void add(sf_record_batch *base, const sf_simulated_entry *entry)
{
    held_batch *batch = (held_batch *)base;
    sf_consumed_record *place = (sf_consumed_record *)base->records + base->count++;

    place->record = sf_record_copy(&entry->record, batch->arena);
    place->offset = entry->offset;
    batch->host->records++;
}

static bool is_given(const sf_simulated_reader *reader, const sf_simulated_entry *entry)
{
    if (entry->is_marker || entry->is_compacted)
        return false;
    return reader->read_uncommitted || sf_simulated_entry_is_committed(entry);
}

static sf_record_batch *fetch(sf_simulated_reader *reader, const sf_simulated_log *log, size_t max)
{
    int64_t limit = limit_of(reader, log);
    sf_record_batch *batch = NULL;
    size_t i = sf_simulated_log_seek(log, reader->position);
    size_t left = (size_t)(limit - reader->position);

    if (max > left)
        max = left;
    for (; i < log->count && log->entries[i].offset < limit; i++) {
        if (batch && batch->count == max)
            break;
        reader->position = log->entries[i].offset + 1;
        if (!is_given(reader, &log->entries[i]))
            continue;
        if (!batch)
            batch = batch_new(reader->host, max);
        add(batch, &log->entries[i]);
    }
    if (batch)
        batch->position_after = reader->position;
    return batch;
}

static sf_status fail_off_the_log(const sf_simulated_reader *reader, sf_error *err)
{
    return sf_fail(err, SF_NOT_FOUND, "offset %" PRId64 " of %s-%" PRId32 " is not there",
                   reader->position, reader->topic, reader->partition);
}

static bool happens(sf_simulated_cluster *cluster, int per_mille)
{
    return per_mille > 0 && sf_random_below(&cluster->random, 1000) < (uint64_t)per_mille;
}

sf_status sf_simulated_reader_read(sf_reader *base, size_t max, sf_record_batch **batch,
                                   sf_error *err)
{
    sf_simulated_reader *reader = of(base);
    sf_simulated_cluster *cluster = reader->host->cluster;
    const sf_simulated_log *log = log_of(reader);

    if (reader->host->is_dead)
        return sf_simulated_host_no_answer(reader->host, err);
    *batch = NULL;
    if (!log)
        return sf_fail(err, SF_NOT_FOUND, "topic %s was deleted", reader->topic);
    if (nothing_arrives(reader))
        return SF_OK;
    if (happens(cluster, cluster->weather.slow_read_per_mille)) {
        reader->slow_until_ms = sf_simulated_cluster_now_ms(cluster) + 1 +
                                (int64_t)sf_random_below(&cluster->random, 40);
        return SF_OK;
    }
    if (reader->position < log->low || reader->position > log->next)
        return fail_off_the_log(reader, err);
    if (happens(cluster, cluster->weather.small_read_per_mille))
        max = 1 + (size_t)sf_random_below(&cluster->random, 3);
    *batch = reader->position < limit_of(reader, log) ? fetch(reader, log, max) : NULL;
    return SF_OK;
}
