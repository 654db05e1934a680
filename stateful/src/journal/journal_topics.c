#include "journal/journal_topics.h"

#include <string.h>

#include "journal/fact.h"
#include "journal/topic_policy.h"

enum {
    NAME_MAX_SIZE = 249,
    PARTITIONS_MAX = 100000,
};

/* Kafka's rules. */
static bool is_topic_name(const char *name)
{
    size_t size = strlen(name);

    return size && size <= NAME_MAX_SIZE && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
               size;
}

static sf_status check_spec(const sf_topic_spec *spec, sf_error *err)
{
    if (!is_topic_name(spec->name))
        return sf_fail(err, SF_INVALID, "'%s' is no name for a topic", spec->name);
    if (spec->partitions < 1 || spec->partitions > PARTITIONS_MAX)
        return sf_fail(err, SF_INVALID, "topic %s cannot have %d partitions", spec->name,
                       (int)spec->partitions);
    return sf_topic_policy_check(spec, err);
}

static void add_topic_fact(const sf_topic_spec *spec, uint32_t id, sf_buffer *facts)
{
    sf_buffer configs = SF_BUFFER_EMPTY;

    for (size_t i = 0; i < spec->config_count; i++) {
        sf_buffer_add(&configs, spec->configs[i].name, strlen(spec->configs[i].name) + 1);
        sf_buffer_add(&configs, spec->configs[i].value, strlen(spec->configs[i].value) + 1);
    }
    sf_fact_add(facts, &(sf_fact){.kind = SF_FACT_TOPIC,
                                  .topic = id,
                                  .number = spec->partitions,
                                  .name = sf_bytes_text(spec->name),
                                  .text = sf_buffer_bytes(&configs)});
    sf_buffer_done(&configs);
}

/* What to append is decided under the lock, by what the catalog says then: no facts, no frame. */
typedef sf_status (*decide_fn)(const sf_catalog *catalog, const void *user, sf_buffer *facts,
                               sf_error *err);

static sf_status append_decided(sf_shared_log *log, decide_fn decide, const void *user,
                                bool *appended, sf_error *err)
{
    sf_buffer facts = SF_BUFFER_EMPTY;
    sf_catalog *catalog;
    sf_status status = sf_shared_log_begin_append(log, &catalog, err);
    int64_t end;

    if (status)
        return status;
    status = decide(catalog, user, &facts, err);
    if (!status && facts.size)
        status = sf_shared_log_append_facts(log, &facts, err);
    end = sf_shared_log_end_append(log);
    *appended = facts.size > 0;
    sf_buffer_done(&facts);
    return status ? status : sf_shared_log_acknowledge(log, end, err);
}

/* Some topics that are to be made, and what became of each. */
typedef struct creation {
    const sf_topic_spec *specs;
    size_t count;
    sf_topic_outcome *outcomes;
} creation;

static sf_status decide_create(const sf_catalog *catalog, const void *user, sf_buffer *facts,
                               sf_error *err)
{
    const creation *wanted = user;
    uint32_t id = sf_catalog_free_topic_id(catalog);

    (void)err;
    for (size_t i = 0; i < wanted->count; i++) {
        const sf_journal_topic *there = sf_catalog_topic(catalog, wanted->specs[i].name);
        sf_topic_outcome *outcome = &wanted->outcomes[i];

        if (outcome->error.status)
            continue;
        outcome->created = !there;
        outcome->partitions = there ? there->partition_count : wanted->specs[i].partitions;
        if (!there)
            add_topic_fact(&wanted->specs[i], id++, facts);
    }
    return SF_OK;
}

static void fail_all(sf_topic_outcome *outcomes, size_t count, const sf_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!outcomes[i].error.status)
            outcomes[i] = (sf_topic_outcome){.error = *error};
}

void sf_journal_create_topics(sf_shared_log *log, const sf_topic_spec *specs, size_t count,
                              sf_topic_outcome *outcomes)
{
    const creation wanted = {specs, count, outcomes};
    sf_error error = {0};
    bool appended;

    for (size_t i = 0; i < count; i++)
        (void)check_spec(&specs[i], &outcomes[i].error); /* the outcome tells */
    if (append_decided(log, decide_create, &wanted, &appended, &error))
        fail_all(outcomes, count, &error);
}

static sf_status decide_delete(const sf_catalog *catalog, const void *user, sf_buffer *facts,
                               sf_error *err)
{
    const sf_journal_topic *topic = sf_catalog_topic(catalog, user);

    (void)err;
    if (topic)
        sf_fact_add(facts, &(sf_fact){.kind = SF_FACT_TOPIC_DELETED, .topic = topic->id});
    return SF_OK;
}

sf_status sf_journal_delete_topic(sf_shared_log *log, const char *topic, sf_error *err)
{
    bool appended;

    return append_decided(log, decide_delete, topic, &appended, err);
}

typedef struct cut {
    const char *topic;
    int32_t partition;
    int64_t below_offset;
} cut;

static sf_status decide_cut(const sf_catalog *catalog, const void *user, sf_buffer *facts,
                            sf_error *err)
{
    const cut *wanted = user;
    const sf_journal_partition *partition;
    sf_journal_topic *topic;
    sf_status status = sf_catalog_partition(catalog, wanted->topic, wanted->partition, &topic, err);

    if (status)
        return status;
    partition = &topic->partitions[wanted->partition];
    if (wanted->below_offset > atomic_load(&partition->next))
        return sf_fail(err, SF_INVALID, "cannot delete below %lld in %s-%d, which ends at %lld",
                       (long long)wanted->below_offset, wanted->topic, (int)wanted->partition,
                       (long long)atomic_load(&partition->next));
    if (wanted->below_offset > atomic_load(&partition->low))
        sf_fact_add(facts, &(sf_fact){.kind = SF_FACT_LOW,
                                      .topic = topic->id,
                                      .partition = wanted->partition,
                                      .number = wanted->below_offset});
    return SF_OK;
}

sf_status sf_journal_delete_records(sf_shared_log *log, const char *topic, int32_t partition,
                                    int64_t below_offset, sf_error *err)
{
    cut wanted = {topic, partition, below_offset};
    bool appended;

    return append_decided(log, decide_cut, &wanted, &appended, err);
}
