#include "simulation/simulated_broker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/broker_group.h>

#include "base/memory.h"
#include "simulation/simulated_consumer.h"
#include "simulation/simulated_host.h"
#include "simulation/simulated_producer.h"

static sf_simulated_host *host_of(sf_broker *broker)
{
    return (sf_simulated_host *)broker;
}

static void broker_close(sf_broker *broker)
{
    (void)broker; /* the host is the simulation's */
}

/* ---- topics ---- */

static void configure(sf_simulated_topic *topic, const sf_topic_spec *spec)
{
    for (size_t i = 0; i < spec->config_count; i++) {
        const sf_topic_config *config = &spec->configs[i];

        if (!strcmp(config->name, "cleanup.policy"))
            topic->is_compacted = strstr(config->value, "compact") != NULL;
        else if (!strcmp(config->name, "delete.retention.ms"))
            topic->deletions_stay_ms = strtoll(config->value, NULL, 10);
        else if (!strcmp(config->name, "min.compaction.lag.ms"))
            topic->cleaning_lag_ms = strtoll(config->value, NULL, 10);
    }
}

static sf_topic_outcome create_one(sf_simulated_host *host, const sf_topic_spec *spec)
{
    sf_simulated_topic *topic = sf_simulated_cluster_topic(host->cluster, spec->name);
    bool is_new = !topic;

    if (is_new) {
        topic = sf_simulated_cluster_create(host->cluster, spec->name, spec->partitions);
        configure(topic, spec);
    }
    return (sf_topic_outcome){.created = is_new, .partitions = topic->partitions};
}

/* A request whose answer does not come may have been carried out in part. */
static void broker_create_topics(sf_broker *broker, const sf_topic_spec *specs, size_t count,
                                 sf_topic_outcome *outcomes)
{
    sf_simulated_host *host = host_of(broker);
    sf_call_fate fate = sf_simulated_host_call(host, false);

    for (size_t i = 0; i < count; i++) {
        sf_topic_outcome made = {.partitions = 0};

        if (!fate || (fate == SF_CALL_UNANSWERED && i <= count / 2))
            made = create_one(host, &specs[i]);
        if (fate)
            (void)sf_simulated_host_no_answer(host, &outcomes[i].error);
        else
            outcomes[i] = made;
    }
}

static sf_status broker_partition_counts(sf_broker *broker, const char *const *names, size_t count,
                                         int32_t *partitions, sf_error *err)
{
    sf_simulated_host *host = host_of(broker);

    if (sf_simulated_host_call(host, false))
        return sf_simulated_host_no_answer(host, err);
    for (size_t i = 0; i < count; i++) {
        const sf_simulated_topic *topic = sf_simulated_cluster_topic(host->cluster, names[i]);

        partitions[i] = topic ? topic->partitions : 0;
    }
    return SF_OK;
}

static sf_status broker_list_topics(sf_broker *broker, sf_topic_fn fn, void *user, sf_error *err)
{
    sf_simulated_host *host = host_of(broker);

    if (sf_simulated_host_call(host, false))
        return sf_simulated_host_no_answer(host, err);
    for (size_t i = 0; i < host->cluster->topic_count; i++) {
        const sf_simulated_topic *topic = host->cluster->topics[i];

        if (!topic->is_deleted)
            fn(user, topic->name, topic->partitions);
    }
    return SF_OK;
}

static sf_status find_topic(sf_simulated_host *host, const char *name, sf_simulated_topic **topic,
                            sf_error *err)
{
    *topic = sf_simulated_cluster_topic(host->cluster, name);
    return *topic ? SF_OK : sf_fail(err, SF_NOT_FOUND, "there is no topic %s", name);
}

static sf_status broker_topic_configs(sf_broker *broker, const char *name, sf_topic_config_fn fn,
                                      void *user, sf_error *err)
{
    sf_simulated_host *host = host_of(broker);
    sf_topic_config config = {.name = "cleanup.policy"};
    sf_simulated_topic *topic;
    char number[24];
    sf_status status;

    if (sf_simulated_host_call(host, false))
        return sf_simulated_host_no_answer(host, err);
    status = find_topic(host, name, &topic, err);
    if (status)
        return status;
    config.value = topic->is_compacted ? "compact" : "delete";
    fn(user, &config, !topic->is_compacted);
    (void)snprintf(number, sizeof(number), "%" PRId64, topic->deletions_stay_ms); /* has room */
    fn(user, &(sf_topic_config){.name = "delete.retention.ms", .value = number}, false);
    return SF_OK;
}

static sf_status broker_delete_topic(sf_broker *broker, const char *name, sf_error *err)
{
    sf_simulated_host *host = host_of(broker);
    sf_call_fate fate = sf_simulated_host_call(host, false);

    if (fate != SF_CALL_LOST)
        sf_simulated_cluster_delete(host->cluster, name);
    return fate ? sf_simulated_host_no_answer(host, err) : SF_OK;
}

/* ---- partitions ---- */

static sf_status find_log(sf_simulated_host *host, const char *topic, int32_t partition,
                          sf_simulated_log **log, sf_error *err)
{
    *log = sf_simulated_cluster_log(host->cluster, topic, partition);
    return *log ? SF_OK
                : sf_fail(err, SF_NOT_FOUND, "there is no partition %" PRId32 " of topic %s",
                          partition, topic);
}

static sf_status broker_delete_records(sf_broker *broker, const char *topic, int32_t partition,
                                       int64_t below_offset, sf_error *err)
{
    sf_simulated_host *host = host_of(broker);
    sf_call_fate fate = sf_simulated_host_call(host, false);
    sf_simulated_log *log;
    sf_status status;

    if (fate == SF_CALL_LOST)
        return sf_simulated_host_no_answer(host, err);
    status = find_log(host, topic, partition, &log, err);
    if (status)
        return status;
    sf_simulated_log_trim(log, below_offset);
    return fate ? sf_simulated_host_no_answer(host, err) : SF_OK;
}

static sf_status broker_grow_topic(sf_broker *broker, const char *name, int32_t partitions,
                                   sf_error *err)
{
    sf_simulated_host *host = host_of(broker);
    sf_call_fate fate = sf_simulated_host_call(host, false);
    sf_simulated_topic *topic;
    sf_status status;

    if (fate == SF_CALL_LOST)
        return sf_simulated_host_no_answer(host, err);
    status = find_topic(host, name, &topic, err);
    if (status)
        return status;
    if (partitions < topic->partitions)
        return sf_fail(err, SF_INVALID, "topic %s has %" PRId32 " partitions already", name,
                       topic->partitions);
    sf_simulated_topic_grow(topic, partitions);
    return fate ? sf_simulated_host_no_answer(host, err) : SF_OK;
}

static sf_status broker_watermarks(sf_broker *broker, sf_partition_marks *partitions, size_t count,
                                   sf_error *err)
{
    sf_simulated_host *host = host_of(broker);
    sf_simulated_log *log;
    sf_status status = SF_OK;

    if (sf_simulated_host_call(host, false))
        return sf_simulated_host_no_answer(host, err);
    for (size_t i = 0; !status && i < count; i++) {
        status = find_log(host, partitions[i].topic, partitions[i].partition, &log, err);
        if (!status)
            partitions[i].marks = (sf_watermarks){
                .low = log->low,
                .high = log->next,
                .last_stable = sf_simulated_log_last_stable(log),
            };
    }
    return status;
}

static int64_t first_since(const sf_simulated_log *log, int64_t timestamp_ms)
{
    for (size_t i = sf_simulated_log_seek(log, log->low); i < log->count; i++) {
        const sf_simulated_entry *entry = &log->entries[i];

        if (!entry->is_marker && !entry->is_compacted && entry->record.timestamp >= timestamp_ms)
            return entry->offset;
    }
    return SF_OFFSET_END;
}

static sf_status broker_offset_for_time(sf_broker *broker, const char *topic, int32_t partition,
                                        int64_t timestamp_ms, int64_t *offset, sf_error *err)
{
    sf_simulated_host *host = host_of(broker);
    sf_simulated_log *log;
    sf_status status;

    if (sf_simulated_host_call(host, false))
        return sf_simulated_host_no_answer(host, err);
    status = find_log(host, topic, partition, &log, err);
    if (!status)
        *offset = first_since(log, timestamp_ms);
    return status;
}

/* ---- groups ---- */

static const char *state_of(const sf_simulated_group *group)
{
    if (!group)
        return "Dead";
    if (!sf_simulated_group_member_count(group))
        return "Empty";
    return sf_simulated_group_is_settled(group) ? "Stable" : "PreparingRebalance";
}

static sf_status broker_list_groups(sf_broker *broker, sf_group_fn fn, void *user, sf_error *err)
{
    sf_simulated_host *host = host_of(broker);

    if (sf_simulated_host_call(host, true))
        return sf_simulated_host_no_answer(host, err);
    for (size_t i = 0; i < host->cluster->group_count; i++)
        fn(user, sf_simulated_group_name(host->cluster->groups[i]),
           state_of(host->cluster->groups[i]));
    return SF_OK;
}

typedef struct describing {
    sf_arena *arena;
    const char *topic;
    sf_group_member *members;
    size_t count;
} describing;

static void describe_member(void *user, uint64_t number, const char *instance,
                            const char *client_id, const int32_t *tasks, size_t count)
{
    describing *into = user;
    sf_assigned_partition *assigned =
        sf_arena_zalloc(into->arena, (count + 1) * sizeof(assigned[0]));

    for (size_t i = 0; i < count; i++)
        assigned[i] = (sf_assigned_partition){into->topic, tasks[i]};
    into->members[into->count++] = (sf_group_member){
        .id = sf_arena_printf(into->arena, "member-%" PRIu64, number),
        .instance = instance ? sf_arena_text(into->arena, instance) : NULL,
        .client_id = sf_arena_text(into->arena, client_id),
        .host = "/simulated",
        .assigned = assigned,
        .assigned_count = count,
    };
}

static sf_status broker_describe_group(sf_broker *broker, const char *name, sf_arena *arena,
                                       sf_group_description *description, sf_error *err)
{
    sf_simulated_host *host = host_of(broker);
    describing into = {.arena = arena};
    const sf_simulated_group *group;

    if (sf_simulated_host_call(host, true))
        return sf_simulated_host_no_answer(host, err);
    group = sf_simulated_cluster_find_group(host->cluster, name);
    if (group) {
        into.topic = sf_arena_printf(arena, "%s-tasks", name);
        into.members = sf_arena_zalloc(arena, (sf_simulated_group_member_count(group) + 1) *
                                                  sizeof(into.members[0]));
        sf_simulated_group_each(group, describe_member, &into);
    }
    *description = (sf_group_description){
        .state = state_of(group),
        .assignor = into.count ? "cooperative-sticky" : "",
        .members = into.members,
        .member_count = into.count,
    };
    return SF_OK;
}

static sf_status broker_group_offsets(sf_broker *broker, const char *name, sf_arena *arena,
                                      const sf_offset **offsets, size_t *count, sf_error *err)
{
    sf_simulated_host *host = host_of(broker);
    const sf_simulated_positions *positions;
    sf_offset *copies;

    if (sf_simulated_host_call(host, true))
        return sf_simulated_host_no_answer(host, err);
    positions = sf_simulated_group_positions(sf_simulated_cluster_group(host->cluster, name));
    copies = sf_arena_zalloc(arena, (positions->count + 1) * sizeof(copies[0]));
    for (size_t i = 0; i < positions->count; i++) {
        const sf_offset *offset = &positions->items[i].offset;

        copies[i] = *offset;
        copies[i].topic = sf_arena_text(arena, offset->topic);
        copies[i].metadata = offset->metadata ? sf_arena_text(arena, offset->metadata) : NULL;
    }
    *offsets = copies;
    *count = positions->count;
    return SF_OK;
}

static sf_status broker_set_group_offsets(sf_broker *broker, const char *name,
                                          const sf_offset *offsets, size_t count, sf_error *err)
{
    sf_simulated_host *host = host_of(broker);
    sf_call_fate fate = sf_simulated_host_call(host, true);
    sf_simulated_group *group;

    if (fate == SF_CALL_LOST)
        return sf_simulated_host_no_answer(host, err);
    group = sf_simulated_cluster_group(host->cluster, name);
    if (sf_simulated_group_member_count(group) > 0)
        return sf_fail(err, SF_BUSY, "group %s has members", name);
    for (size_t i = 0; i < count; i++)
        sf_simulated_positions_put(sf_simulated_group_positions(group), NULL, &offsets[i]);
    return fate ? sf_simulated_host_no_answer(host, err) : SF_OK;
}

/* ---- clients ---- */

static sf_status broker_consumer_new(sf_broker *broker, const sf_consumer_options *options,
                                     sf_consumer **consumer, sf_error *err)
{
    static const sf_consumer_options none;
    sf_simulated_host *host = host_of(broker);

    if (host->is_dead)
        return sf_simulated_host_no_answer(host, err);
    *consumer = sf_simulated_consumer_new(host, options ? options : &none);
    return SF_OK;
}

static sf_status broker_producer_new(sf_broker *broker, const sf_producer_options *options,
                                     sf_producer **producer, sf_error *err)
{
    static const sf_producer_options none;

    return sf_simulated_producer_new(host_of(broker), options ? options : &none, producer, err);
}

static const sf_broker_ops ops = {
    .has_groups = true,
    .close = broker_close,
    .create_topics = broker_create_topics,
    .partition_counts = broker_partition_counts,
    .list_topics = broker_list_topics,
    .topic_configs = broker_topic_configs,
    .delete_topic = broker_delete_topic,
    .delete_records = broker_delete_records,
    .grow_topic = broker_grow_topic,
    .watermarks = broker_watermarks,
    .offset_for_time = broker_offset_for_time,
    .list_groups = broker_list_groups,
    .describe_group = broker_describe_group,
    .group_offsets = broker_group_offsets,
    .set_group_offsets = broker_set_group_offsets,
    .consumer_new = broker_consumer_new,
    .producer_new = broker_producer_new,
};

const sf_broker_ops *sf_simulated_broker_ops(void)
{
    return &ops;
}
