#include "journal/cleaning.h"

#include <stdlib.h>

#include "base/memory.h"
#include "journal/fact.h"

size_t sf_cleaning_closed_count(const sf_cleaning *cleaning)
{
    return cleaning->outlines.count ? cleaning->outlines.count - 1 : 0;
}

const sf_cleaned_topic *sf_cleaning_topic(const sf_cleaning *cleaning, uint32_t id)
{
    return id < cleaning->topic_count && cleaning->topics[id].is_there ? &cleaning->topics[id]
                                                                       : NULL;
}

int64_t sf_cleaning_low(const sf_cleaning *cleaning, sf_log_target target)
{
    const sf_cleaned_topic *topic = sf_cleaning_topic(cleaning, target.topic);

    if (!topic || target.partition < 0 || target.partition >= topic->partition_count)
        return INT64_MAX;
    return topic->lows[target.partition];
}

bool sf_cleaning_is_compacted(const sf_cleaning *cleaning, size_t segment, sf_log_target target)
{
    const sf_segment_outline *outline = &cleaning->outlines.items[segment];

    for (size_t i = 0; i < outline->part_count; i++)
        if (outline->parts[i].target.topic == target.topic &&
            outline->parts[i].target.partition == target.partition)
            return outline->parts[i].is_compacted;
    return false;
}

bool sf_cleaning_is_compacted_before(const sf_cleaning *cleaning, size_t segment,
                                     sf_log_target target)
{
    const sf_cleaned_topic *topic = sf_cleaning_topic(cleaning, target.topic);

    return topic && target.partition >= 0 && target.partition < topic->partition_count &&
           topic->first_dirty[target.partition] >= segment;
}

bool sf_cleaning_may_compact(const sf_cleaning *cleaning, size_t segment,
                             const sf_cleaned_topic *topic)
{
    int64_t ended_ms = cleaning->outlines.items[segment + 1].began_ms;

    return topic->policy.is_compacted &&
           ended_ms <= cleaning->now_ms - topic->policy.compaction_lag_ms;
}

/* ---- retention ---- */

/* Whether all that a partition has below the mark is to go; Kafka deletes by whole segments too. */
static bool is_expired(const sf_topic_policy *policy, const sf_journal_partition *partition,
                       const sf_outline_mark *mark, int64_t now_ms)
{
    if (policy->retention_ms >= 0 && mark->max_timestamp < now_ms - policy->retention_ms)
        return true;
    return policy->retention_bytes >= 0 &&
           partition->written_bytes - mark->written_bytes >= policy->retention_bytes;
}

static int64_t expired_below(const sf_cleaning *cleaning, const sf_topic_policy *policy,
                             const sf_journal_topic *topic, int32_t number)
{
    const sf_journal_partition *partition = &topic->partitions[number];
    int64_t low = atomic_load(&partition->low);

    for (size_t i = 1; i < cleaning->outlines.count; i++) {
        const sf_outline_mark *mark = sf_segment_outline_mark(&cleaning->outlines.items[i],
                                                              (sf_log_target){topic->id, number});

        if (mark && mark->next > low && is_expired(policy, partition, mark, cleaning->now_ms))
            low = mark->next;
    }
    return low;
}

static void expire_topic(const sf_cleaning *cleaning, const sf_journal_topic *topic,
                         sf_buffer *facts)
{
    sf_topic_policy policy = sf_topic_policy_of(topic);

    if (policy.retention_ms < 0 && policy.retention_bytes < 0)
        return;
    for (int32_t i = 0; i < topic->partition_count; i++) {
        int64_t low = expired_below(cleaning, &policy, topic, i);

        if (low > atomic_load(&topic->partitions[i].low))
            sf_fact_add(
                facts,
                &(sf_fact){.kind = SF_FACT_LOW, .topic = topic->id, .partition = i, .number = low});
    }
}

/* ---- topics ---- */

static void copy_topic(sf_cleaning *cleaning, const sf_journal_topic *topic)
{
    size_t count = (size_t)topic->partition_count;
    sf_cleaned_topic *copy;

    if (topic->id >= cleaning->topic_count) {
        cleaning->topics = sf_realloc_array(cleaning->topics, topic->id + 1, sizeof(*copy));
        for (; cleaning->topic_count <= topic->id; cleaning->topic_count++)
            cleaning->topics[cleaning->topic_count] = (sf_cleaned_topic){0};
    }
    copy = &cleaning->topics[topic->id];
    *copy = (sf_cleaned_topic){true, sf_topic_policy_of(topic), topic->partition_count,
                               sf_alloc(count * sizeof(*copy->lows)),
                               sf_alloc(count * sizeof(*copy->first_dirty))};
    for (size_t i = 0; i < count; i++) {
        copy->lows[i] = atomic_load(&topic->partitions[i].low);
        copy->first_dirty[i] = SIZE_MAX;
    }
}

/* What is purged must be known to be so even after a power cut before it goes: else offsets would be
 * missing where the catalog says that they are there. */
static sf_status settle_topics(sf_cleaning *cleaning, sf_shared_log *log, sf_error *err)
{
    sf_buffer facts = SF_BUFFER_EMPTY;
    sf_journal_topic *topic;
    sf_catalog *catalog;
    uint32_t index = 0;
    int64_t end;
    sf_status status = sf_shared_log_begin_append(log, &catalog, err);

    if (status)
        return status;
    while ((topic = sf_catalog_next_topic(catalog, &index)))
        expire_topic(cleaning, topic, &facts);
    if (facts.size)
        status = sf_shared_log_append_facts(log, &facts, err);
    for (index = 0; !status && (topic = sf_catalog_next_topic(catalog, &index));)
        copy_topic(cleaning, topic);
    end = sf_shared_log_end_append(log);
    sf_buffer_done(&facts);
    return status ? status : sf_shared_log_sync(log, end, err);
}

/* ---- sums ---- */

static void add_part(const sf_cleaning *cleaning, size_t segment, const sf_outline_part *part)
{
    const sf_cleaned_topic *topic = sf_cleaning_topic(cleaning, part->target.topic);
    sf_segment_sums *sums = &cleaning->sums[segment];

    if (part->next <= sf_cleaning_low(cleaning, part->target)) {
        sums->gone += part->size_bytes;
        return;
    }
    sums->live += part->size_bytes;
    if (part->is_compacted) {
        sums->clean += part->size_bytes;
        return;
    }
    if (topic->first_dirty[part->target.partition] == SIZE_MAX)
        topic->first_dirty[part->target.partition] = segment;
    if (sf_cleaning_may_compact(cleaning, segment, topic))
        sums->dirty += part->size_bytes;
}

static void sum_up(sf_cleaning *cleaning)
{
    size_t count = sf_cleaning_closed_count(cleaning);

    cleaning->sums = sf_zalloc((count + 1) * sizeof(*cleaning->sums));
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < cleaning->outlines.items[i].part_count; k++)
            add_part(cleaning, i, &cleaning->outlines.items[i].parts[k]);
}

sf_status sf_cleaning_begin(sf_cleaning *cleaning, sf_shared_log *log, sf_error *err)
{
    sf_status status;

    *cleaning = (sf_cleaning){.now_ms = sf_clock_now_ms(sf_shared_log_clock(log))};
    status = sf_outlines_read(&cleaning->outlines, sf_shared_log_storage(log), err);
    if (!status && cleaning->outlines.count > 1)
        status = settle_topics(cleaning, log, err);
    if (!status)
        sum_up(cleaning);
    return status;
}

void sf_cleaning_done(sf_cleaning *cleaning)
{
    for (uint32_t id = 0; id < cleaning->topic_count; id++) {
        free(cleaning->topics[id].lows);
        free(cleaning->topics[id].first_dirty);
    }
    free(cleaning->topics);
    free(cleaning->sums);
    sf_outlines_done(&cleaning->outlines);
}
