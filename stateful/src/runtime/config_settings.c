#include "runtime/config_settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest_word.h"
#include "journal/journal_settings.h"
#include "kafka/kafka_settings.h"
#include "runtime/config_implementation.h"

typedef enum kind {
    TEXT,
    INT32,
    INT64,
    SIZE,
    GUARANTEE,
    MEMBERSHIP,
} kind;

/* Zero in a field stands for the usual value, so a zero that is meant has to be one that counts. */
static const struct known {
    const char *name;
    kind kind;
    size_t at; /* in sf_config */
    bool zero_counts;
} settings_known[] = {
    {"application.id", TEXT, offsetof(sf_config, application_id), false},
    {"application.server", TEXT, offsetof(sf_config, application_server), false},
    {"bootstrap.servers", TEXT, offsetof(sf_config, bootstrap_servers), false},
    {"commit.interval.ms", INT64, offsetof(sf_config, commit_interval_ms), false},
    {"commit.min.interval.ms", INT64, offsetof(sf_config, commit_min_interval_ms), false},
    {"consumer.session.timeout.ms", INT32, offsetof(sf_config, session_timeout_ms), false},
    {"group.membership", MEMBERSHIP, offsetof(sf_config, membership), false},
    {"input.partitions", INT32, offsetof(sf_config, input_partitions), true},
    {"instance.id", TEXT, offsetof(sf_config, instance_id), false},
    {"max.task.idle.ms", INT64, offsetof(sf_config, max_task_idle_ms), true},
    {"memory.max.bytes", SIZE, offsetof(sf_config, memory_max_bytes), false},
    {"num.stream.threads", INT32, offsetof(sf_config, num_stream_threads), false},
    {"processing.guarantee", GUARANTEE, offsetof(sf_config, guarantee), false},
    {"producer.transaction.timeout.ms", INT32, offsetof(sf_config, transaction_timeout_ms), false},
    {"repartition.purge.interval.ms", INT64, offsetof(sf_config, repartition_purge_interval_ms),
     false},
    {"session.timeout.ms", INT32, offsetof(sf_config, session_timeout_ms), false},
    {"state.cleanup.delay.ms", INT64, offsetof(sf_config, state_cleanup_delay_ms), false},
    {"state.dir", TEXT, offsetof(sf_config, state_dir), false},
    {"task.timeout.ms", INT32, offsetof(sf_config, task_timeout_ms), false},
    {"transaction.timeout.ms", INT32, offsetof(sf_config, transaction_timeout_ms), false},
};

/* What Kafka Streams has and this engine says otherwise: who comes from there is told where. */
static const struct {
    const char *name;
    const char *instead;
} elsewhere[] = {
    {"acceptable.recovery.lag", "there are no standbys"},
    {"buffered.records.per.partition", "memory.max.bytes bounds all memory"},
    {"cache.max.bytes.buffering", "memory.max.bytes bounds all memory"},
    {"default.deserialization.exception.handler", "sf_consumed.on_error says it for each source"},
    {"default.key.serde", "sources, sinks and stores are given serdes"},
    {"default.production.exception.handler", "sf_consumed.on_error says it for each source"},
    {"default.timestamp.extractor", "sf_consumed.timestamp says it for each source"},
    {"default.value.serde", "sources, sinks and stores are given serdes"},
    {"deserialization.exception.handler", "sf_consumed.on_error says it for each source"},
    {"dsl.store.suppliers.class", "sf_materialized says it for each store"},
    {"errors.dead.letter.queue.topic.name", "dead letters go to <application>-dlq"},
    {"input.buffer.max.bytes", "memory.max.bytes bounds all memory"},
    {"max.warmup.replicas", "there are no standbys"},
    {"num.standby.replicas", "there are no standbys"},
    {"processing.exception.handler", "sf_consumed.on_error says it for each source"},
    {"production.exception.handler", "sf_consumed.on_error says it for each source"},
    {"rack.aware.assignment.strategy", "tasks are assigned without racks"},
    {"replication.factor", "topics are made with the broker's default.replication.factor"},
    {"rocksdb.config.setter", "memory.max.bytes bounds all memory, the rest is fixed"},
    {"statestore.cache.max.bytes", "memory.max.bytes bounds all memory"},
    {"topology.optimization", "sf_builder_optimize says it"},
};

/* ---- values ---- */

static sf_status fail_value(const sf_broker_setting *setting, const char *wanted, sf_error *err)
{
    return sf_fail(err, SF_INVALID, "setting %s is '%s', not %s", setting->name, setting->value,
                   wanted);
}

static sf_status read_whole(const sf_broker_setting *setting, const struct known *known,
                            int64_t most, int64_t *number, sf_error *err)
{
    char *end;

    errno = 0;
    *number = strtoll(setting->value, &end, 10);
    if (end == setting->value || *end || errno || *number > most || *number < -most)
        return fail_value(setting, "a whole number", err);
    if (*number == 0 && !known->zero_counts)
        return fail_value(setting, "above 0 (leave it out for the usual)", err);
    return SF_OK;
}

static sf_status take_number(sf_config *config, const struct known *known,
                             const sf_broker_setting *setting, sf_error *err)
{
    void *field = (char *)config + known->at;
    int64_t number;
    sf_status status =
        read_whole(setting, known, known->kind == INT32 ? INT32_MAX : INT64_MAX, &number, err);

    if (status)
        return status;
    if (known->kind == INT32)
        *(int32_t *)field = (int32_t)number;
    else if (known->kind == INT64)
        *(int64_t *)field = number;
    else if (number < 0)
        return fail_value(setting, "above 0", err);
    else
        *(size_t *)field = (size_t)number;
    return SF_OK;
}

static sf_status take_guarantee(sf_config *config, const sf_broker_setting *setting, sf_error *err)
{
    if (!strcmp(setting->value, "exactly_once_v2"))
        config->guarantee = SF_EXACTLY_ONCE_V2;
    else if (!strcmp(setting->value, "at_least_once"))
        config->guarantee = SF_AT_LEAST_ONCE;
    else
        return fail_value(setting, "exactly_once_v2 or at_least_once", err);
    return SF_OK;
}

static sf_status take_membership(sf_config *config, const sf_broker_setting *setting, sf_error *err)
{
    if (!strcmp(setting->value, "static"))
        config->membership = SF_MEMBERSHIP_STATIC;
    else if (!strcmp(setting->value, "dynamic"))
        config->membership = SF_MEMBERSHIP_DYNAMIC;
    else
        return fail_value(setting, "static or dynamic", err);
    return SF_OK;
}

static sf_status take(sf_config *config, const struct known *known,
                      const sf_broker_setting *setting, sf_error *err)
{
    switch (known->kind) {
    case TEXT:
        *(const char **)((char *)config + known->at) = setting->value;
        return SF_OK;
    case GUARANTEE:
        return take_guarantee(config, setting, err);
    case MEMBERSHIP:
        return take_membership(config, setting, err);
    case INT32:
    case INT64:
    case SIZE:
        break;
    }
    return take_number(config, known, setting, err);
}

/* ---- names ---- */

static const struct known *find(const char *name)
{
    for (size_t i = 0; i < SF_ARRAY_LENGTH(settings_known); i++)
        if (!strcmp(name, settings_known[i].name))
            return &settings_known[i];
    return NULL;
}

static const char *said_elsewhere(const char *name)
{
    for (size_t i = 0; i < SF_ARRAY_LENGTH(elsewhere); i++)
        if (!strcmp(name, elsewhere[i].name))
            return elsewhere[i].instead;
    return NULL;
}

/* Of an application, of librdkafka or of a journal. */
static const char *nearest(const char *name, sf_arena *arena)
{
    size_t count, total = 0;
    const char *const *kafka = sf_kafka_setting_names(arena, &count);
    const char **all =
        sf_arena_alloc(arena, (count + SF_ARRAY_LENGTH(settings_known) + 100) * sizeof(*all));

    for (size_t i = 0; i < SF_ARRAY_LENGTH(settings_known); i++)
        all[total++] = settings_known[i].name;
    for (size_t i = 0; sf_journal_setting_name(i) && i < 100; i++)
        all[total++] = sf_journal_setting_name(i);
    for (size_t i = 0; i < count; i++)
        all[total++] = kafka[i];
    return sf_nearest_word(name, all, total);
}

static sf_status fail_unknown(const char *name, sf_error *err)
{
    const char *property = sf_kafka_setting_property(name);
    sf_arena *arena = sf_arena_new();
    const char *meant = nearest(property, arena);
    sf_status status;

    if (meant)
        status = sf_fail(err, SF_INVALID, "there is no setting %s; did you mean %.*s%s?", name,
                         (int)(property - name), name, meant);
    else
        status = sf_fail(err, SF_INVALID, "there is no setting %s", name);
    sf_arena_free(arena);
    return status;
}

static sf_status check_others(const char *name, sf_error *err)
{
    const char *instead = said_elsewhere(name);

    if (instead)
        return sf_fail(err, SF_INVALID, "there is no setting %s: %s", name, instead);
    if (sf_journal_setting_exists(name) || sf_kafka_setting_exists(name))
        return SF_OK;
    return fail_unknown(name, err);
}

/* Those that are left go to others, which has room for all. */
static sf_status take_all(sf_config *config, sf_broker_setting *others, size_t *other_count,
                          sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; i < config->setting_count && !status; i++) {
        const sf_broker_setting *setting = &config->settings[i];
        const struct known *known = find(setting->name);

        status = known ? take(config, known, setting, err) : check_others(setting->name, err);
        if (!known)
            others[(*other_count)++] = *setting;
    }
    return status;
}

sf_status sf_config_settings_complete(sf_config *config, const sf_config *given, sf_error *err)
{
    sf_config named = *given;
    sf_broker_setting *others = sf_realloc_array(NULL, given->setting_count + 1, sizeof(others[0]));
    size_t other_count = 0;
    sf_status status = take_all(&named, others, &other_count, err);

    named.settings = others;
    named.setting_count = other_count;
    if (!status)
        status = sf_config_complete(config, &named, err);
    free(others);
    return status;
}
