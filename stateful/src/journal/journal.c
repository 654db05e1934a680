#include "journal/journal.h"

#include <stdlib.h>
#include <string.h>

#include <stateful/broker_group.h>

#include "base/memory.h"
#include "broker/broker_implementation.h"
#include "journal/journal_consumer.h"
#include "journal/journal_groups.h"
#include "journal/journal_keeper.h"
#include "journal/journal_producer.h"
#include "journal/journal_topics.h"
#include "journal/log_search.h"
#include "journal/shared_log.h"

enum { MEMORY_SEGMENT_SIZE = 4 * 1024 * 1024 };

typedef struct journal_broker {
    sf_broker broker; /* first: it is one */
    sf_shared_log *log;
    sf_journal_keeper *keeper;
    uint64_t random_gaps;
    size_t record_max_bytes;
    _Atomic uint64_t producers; /* opened so far: each leaves other gaps */
} journal_broker;

static const sf_broker_ops journal_ops;

static journal_broker *journal_of(sf_broker *broker)
{
    return (journal_broker *)broker;
}

/* ---- opening ---- */

static sf_status start_keeper(journal_broker *journal, const sf_journal_options *options,
                              sf_error *err)
{
    const sf_journal_keeper_options keeper = {
        .syncs_by_interval = options->fsync == SF_FSYNC_INTERVAL,
        .fsync_interval_ms = options->fsync_interval_ms,
        .cleaner_interval_ms = options->cleaner_interval_ms,
        .cleaner = {options->cleaner_dirty_ratio, options->cleaner_memory_bytes,
                    sf_shared_log_segment_size_bytes(journal->log)},
    };

    return sf_journal_keeper_start(journal->log, &keeper, &journal->keeper, err);
}

sf_status sf_journal_open_storage(struct sf_log_storage *storage, const sf_journal_options *options,
                                  sf_broker **broker, sf_error *err)
{
    static const sf_journal_options usual = {0};
    const sf_journal_options *given = options ? options : &usual;
    sf_shared_log_options log_options = {given->clock, given->segment_size_bytes,
                                         given->fsync != SF_FSYNC_ALWAYS};
    sf_shared_log *log;
    sf_status status = sf_shared_log_open(storage, &log_options, &log, err);
    journal_broker *opened;

    if (status)
        return status;
    opened = sf_zalloc(sizeof(*opened));
    opened->broker.ops = &journal_ops;
    opened->log = log;
    opened->random_gaps = given->random_gaps;
    opened->record_max_bytes = given->record_max_bytes;
    status = start_keeper(opened, given, err);
    if (status) {
        sf_shared_log_close(log);
        free(opened);
        return status;
    }
    *broker = &opened->broker;
    return SF_OK;
}

sf_status sf_journal_open_directory(const char *path, const sf_journal_options *options,
                                    sf_broker **broker, sf_error *err)
{
    sf_log_storage *storage;
    sf_status status = sf_directory_storage_new(path, &storage, err);

    return status ? status : sf_journal_open_storage(storage, options, broker, err);
}

sf_status sf_journal_open_memory(const sf_journal_options *options, sf_broker **broker,
                                 sf_error *err)
{
    sf_journal_options small = options ? *options : (sf_journal_options){0};

    if (!small.segment_size_bytes) /* a segment moves when it grows */
        small.segment_size_bytes = MEMORY_SEGMENT_SIZE;
    return sf_journal_open_storage(sf_memory_storage_new(), &small, broker, err);
}

uint64_t sf_journal_id(const sf_broker *broker)
{
    return sf_shared_log_id(((const journal_broker *)broker)->log);
}

sf_status sf_journal_clean(sf_broker *broker, sf_error *err)
{
    return sf_journal_keeper_clean(journal_of(broker)->keeper, err);
}

static void journal_close(sf_broker *broker)
{
    sf_journal_keeper_stop(journal_of(broker)->keeper);
    sf_shared_log_close(journal_of(broker)->log);
    free(broker);
}

/* ---- topics ---- */

static void create_topics(sf_broker *broker, const sf_topic_spec *specs, size_t count,
                          sf_topic_outcome *outcomes)
{
    sf_journal_create_topics(journal_of(broker)->log, specs, count, outcomes);
}

static sf_status delete_topic(sf_broker *broker, const char *topic, sf_error *err)
{
    return sf_journal_delete_topic(journal_of(broker)->log, topic, err);
}

static sf_status delete_records(sf_broker *broker, const char *topic, int32_t partition,
                                int64_t below_offset, sf_error *err)
{
    return sf_journal_delete_records(journal_of(broker)->log, topic, partition, below_offset, err);
}

/* Readers hold pointers to a topic's partitions, so their number never changes. */
static sf_status grow_topic(sf_broker *broker, const char *topic, int32_t partitions, sf_error *err)
{
    int32_t count;
    sf_status status = sf_broker_partition_count(broker, topic, &count, err);

    if (!status && count < partitions)
        return sf_fail(err, SF_INVALID,
                       "topic %s has %d partitions, and in a journal it cannot be given %d", topic,
                       (int)count, (int)partitions);
    return status;
}

/* ---- questions ---- */

static sf_status partition_counts(sf_broker *broker, const char *const *topics, size_t count,
                                  int32_t *partitions, sf_error *err)
{
    sf_catalog *catalog;
    sf_status status = sf_shared_log_lock_fresh(journal_of(broker)->log, &catalog, err);

    if (status)
        return status;
    for (size_t i = 0; i < count; i++) {
        const sf_journal_topic *found = sf_catalog_topic(catalog, topics[i]);

        partitions[i] = found ? found->partition_count : 0;
    }
    sf_shared_log_unlock(journal_of(broker)->log);
    return SF_OK;
}

static sf_status list_topics(sf_broker *broker, sf_topic_fn fn, void *user, sf_error *err)
{
    const sf_journal_topic **topics = NULL;
    const sf_journal_topic *topic;
    sf_catalog *catalog;
    sf_status status = sf_shared_log_lock_fresh(journal_of(broker)->log, &catalog, err);
    uint32_t index = 0;
    size_t count = 0;

    if (status)
        return status;
    while ((topic = sf_catalog_next_topic(catalog, &index))) {
        topics = sf_realloc_array(topics, count + 1, sizeof(*topics));
        topics[count++] = topic;
    }
    sf_shared_log_unlock(journal_of(broker)->log); /* fn may ask the broker more */
    for (size_t i = 0; i < count; i++)
        fn(user, topics[i]->name, topics[i]->partition_count);
    free(topics);
    return SF_OK;
}

/* Copied while the catalog is locked: fn may ask the broker more. */
static sf_status copy_configs(sf_broker *broker, const char *name, sf_buffer *configs,
                              sf_error *err)
{
    sf_journal_topic *topic;
    sf_catalog *catalog;
    sf_status status = sf_shared_log_lock_fresh(journal_of(broker)->log, &catalog, err);

    if (status)
        return status;
    status = sf_catalog_partition(catalog, name, 0, &topic, err);
    if (!status)
        sf_buffer_add(configs, topic->configs, topic->configs_size);
    sf_shared_log_unlock(journal_of(broker)->log);
    return status;
}

static sf_status topic_configs(sf_broker *broker, const char *name, sf_topic_config_fn fn,
                               void *user, sf_error *err)
{
    sf_buffer configs = SF_BUFFER_EMPTY;
    sf_status status = copy_configs(broker, name, &configs, err);
    const char *at = sf_buffer_text(&configs);
    const char *end = at + configs.size;

    while (!status && at < end) {
        sf_topic_config config = {.name = at, .value = at + strlen(at) + 1};

        fn(user, &config, false);
        at = config.value + strlen(config.value) + 1;
    }
    sf_buffer_done(&configs);
    return status;
}

static sf_status look_at_partition(const sf_catalog *catalog, sf_partition_marks *asked,
                                   sf_error *err)
{
    sf_journal_topic *topic;
    sf_status status = sf_catalog_partition(catalog, asked->topic, asked->partition, &topic, err);

    if (status)
        return status;
    asked->marks.low = atomic_load(&topic->partitions[asked->partition].low);
    asked->marks.high = atomic_load(&topic->partitions[asked->partition].next);
    asked->marks.last_stable = asked->marks.high; /* what is in the log is committed */
    return SF_OK;
}

static sf_status watermarks(sf_broker *broker, sf_partition_marks *partitions, size_t count,
                            sf_error *err)
{
    sf_catalog *catalog;
    sf_status status = sf_shared_log_lock_fresh(journal_of(broker)->log, &catalog, err);

    if (status)
        return status;
    for (size_t i = 0; !status && i < count; i++)
        status = look_at_partition(catalog, &partitions[i], err);
    sf_shared_log_unlock(journal_of(broker)->log);
    return status;
}

static sf_status offset_for_time(sf_broker *broker, const char *name, int32_t partition,
                                 int64_t timestamp_ms, int64_t *offset, sf_error *err)
{
    sf_shared_log *log = journal_of(broker)->log;
    sf_log_time_search search = {.timestamp_ms = timestamp_ms};
    sf_journal_topic *topic;
    sf_catalog *catalog;
    sf_status status = sf_shared_log_lock_fresh(log, &catalog, err);
    bool is_later = false;

    if (status)
        return status;
    status = sf_catalog_partition(catalog, name, partition, &topic, err);
    if (!status) {
        search.target = (sf_log_target){topic->id, partition};
        search.low = atomic_load(&topic->partitions[partition].low);
        search.log_end = sf_shared_log_end_place(log).position;
        is_later = timestamp_ms > topic->partitions[partition].max_timestamp;
    }
    sf_shared_log_unlock(log);
    if (status)
        return status;
    if (is_later) {
        *offset = SF_OFFSET_END;
        return SF_OK;
    }
    return sf_log_search_time(sf_shared_log_storage(log), &search, offset, err);
}

/* ---- groups ---- */

static sf_status list_groups(sf_broker *broker, sf_group_fn fn, void *user, sf_error *err)
{
    return sf_journal_list_groups(journal_of(broker)->log, fn, user, err);
}

static sf_status describe_group(sf_broker *broker, const char *group, sf_arena *arena,
                                sf_group_description *description, sf_error *err)
{
    (void)arena; /* there are no members to put there */
    return sf_journal_describe_group(journal_of(broker)->log, group, description, err);
}

static sf_status group_offsets(sf_broker *broker, const char *group, sf_arena *arena,
                               const sf_offset **offsets, size_t *count, sf_error *err)
{
    return sf_journal_group_offsets(journal_of(broker)->log, group, arena, offsets, count, err);
}

static sf_status set_group_offsets(sf_broker *broker, const char *group, const sf_offset *offsets,
                                   size_t count, sf_error *err)
{
    return sf_journal_set_group_offsets(journal_of(broker)->log, group, offsets, count, err);
}

/* ---- consumers, producers ---- */

static sf_status consumer_new(sf_broker *broker, const sf_consumer_options *options,
                              sf_consumer **consumer, sf_error *err)
{
    return sf_journal_consumer_new(journal_of(broker)->log, options, consumer, err);
}

static sf_status producer_new(sf_broker *broker, const sf_producer_options *options,
                              sf_producer **producer, sf_error *err)
{
    journal_broker *journal = journal_of(broker);
    uint64_t number = atomic_fetch_add(&journal->producers, 1);
    sf_journal_producer_traits traits = {
        .random_gaps = journal->random_gaps ? journal->random_gaps + (number << 32) : 0,
        .record_max_bytes = journal->record_max_bytes,
    };

    return sf_journal_producer_new(journal->log, options, &traits, producer, err);
}

static const sf_broker_ops journal_ops = {
    .has_groups = false,
    .close = journal_close,
    .create_topics = create_topics,
    .partition_counts = partition_counts,
    .list_topics = list_topics,
    .topic_configs = topic_configs,
    .delete_topic = delete_topic,
    .delete_records = delete_records,
    .grow_topic = grow_topic,
    .watermarks = watermarks,
    .offset_for_time = offset_for_time,
    .list_groups = list_groups,
    .describe_group = describe_group,
    .group_offsets = group_offsets,
    .set_group_offsets = set_group_offsets,
    .consumer_new = consumer_new,
    .producer_new = producer_new,
};
