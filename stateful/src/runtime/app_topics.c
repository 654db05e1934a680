#include "runtime/app_topics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "topology/topology_implementation.h"

enum {
    CHANGELOG_SLACK_MS = 24 * 3600 * 1000, /* windowstore.changelog.additional.retention.ms */
};

/* Every internal topic takes the times that its records have. */
#define ANY_TIME                                                \
    {"message.timestamp.type", "CreateTime"},                   \
    {                                                           \
        "message.timestamp.after.max.ms", "9223372036854775807" \
    }

#define SEVEN_DAYS_MS "604800000" /* an absent instance may come back with its state until then */

static const sf_topic_config REPARTITION[] = {
    {"cleanup.policy", "delete"},
    {"retention.ms", "-1"},
    {"segment.bytes", "52428800"},
    ANY_TIME,
};

static const sf_topic_config CHANGELOG[] = {
    {"cleanup.policy", "compact"},
    {"delete.retention.ms", SEVEN_DAYS_MS},
    ANY_TIME,
};

static const sf_topic_config COMPACTED[] = {
    {"cleanup.policy", "compact"},
    {"delete.retention.ms", SEVEN_DAYS_MS},
};

static const sf_topic_config DEAD_LETTERS[] = {ANY_TIME};

static sf_status partition_count(const sf_app_topics_options *options, const char *name,
                                 int32_t *count, sf_error *err)
{
    sf_retry retry = sf_retry_begin(options->retry);
    sf_status status;

    do
        status = sf_broker_partition_count(options->broker, name, count, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

static sf_status create(const sf_app_topics_options *options, const sf_topic_spec *spec,
                        sf_error *err)
{
    sf_retry retry = sf_retry_begin(options->retry);
    bool created = false;
    sf_status status;

    do
        status = sf_broker_create_topic(options->broker, spec, &created, err);
    while (sf_retry_again(&retry, &status, err));
    if (!status && created)
        sf_log(SF_LOG_INFO, "topic made topic=%s partitions=%" PRId32, spec->name,
               spec->partitions);
    return status;
}

/* An internal topic: there must be one with exactly as many partitions. */
static sf_status ensure(const sf_app_topics_options *options, const sf_topic_spec *spec,
                        sf_error *err)
{
    int32_t count = 0;
    sf_status status = partition_count(options, spec->name, &count, err);

    if (!status && count == 0) {
        status = create(options, spec, err);
        if (!status)
            status = partition_count(options, spec->name, &count, err);
    }
    if (status)
        return sf_error_prefix(err, status, "topic %s", spec->name);
    if (count != spec->partitions)
        return sf_fail(err, SF_INVALID,
                       "topic %s has %" PRId32 " partitions, the application needs %" PRId32
                       ": partition counts cannot change once it has run",
                       spec->name, count, spec->partitions);
    return SF_OK;
}

/* A topic that others use too: as it is, or made if the configuration says with how many. */
static sf_status look_up(const sf_app_topics_options *options, const sf_topic *topic,
                         int32_t *count, sf_error *err)
{
    int32_t wanted = options->config->input_partitions;
    sf_status status = partition_count(options, topic->name, count, err);

    if (status || *count > 0)
        return status;
    if (wanted == 0)
        return sf_fail(err, SF_NOT_FOUND,
                       "topic %s does not exist: create it, or set input_partitions", topic->name);
    status = create(options, &(sf_topic_spec){.name = topic->name, .partitions = wanted}, err);
    if (!status)
        status = partition_count(options, topic->name, count, err);
    return status;
}

static sf_status look_up_all(const sf_app_topics_options *options, int32_t *counts, sf_error *err)
{
    const sf_topology *topology = options->topology;
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < topology->topic_count; i++) {
        if (!topology->topics[i].is_internal)
            status = look_up(options, &topology->topics[i], &counts[i], err);
    }
    return status;
}

static sf_status ensure_repartition(const sf_app_topics_options *options, const sf_topic *topic,
                                    int32_t partitions, sf_error *err)
{
    char *name = sf_topology_topic_name(topic, options->config->application_id);
    sf_status status = ensure(options,
                              &(sf_topic_spec){
                                  .name = name,
                                  .partitions = partitions,
                                  .configs = REPARTITION,
                                  .config_count = SF_ARRAY_LENGTH(REPARTITION),
                              },
                              err);

    free(name);
    return status;
}

/* A window's records may go once nobody can ask for them any more. */
static sf_status ensure_window_changelog(const sf_app_topics_options *options, sf_topic_spec spec,
                                         const sf_store_options *store, sf_error *err)
{
    char retention[32];
    const sf_topic_config configs[] = {
        {"cleanup.policy", "compact,delete"},
        {"delete.retention.ms", SEVEN_DAYS_MS},
        {"retention.ms", retention},
        ANY_TIME,
    };

    snprintf(retention, sizeof(retention), "%" PRId64,
             store->window_size_ms + store->retention_ms + CHANGELOG_SLACK_MS);
    spec.configs = configs;
    spec.config_count = SF_ARRAY_LENGTH(configs);
    return ensure(options, &spec, err);
}

/* Versions are told apart by their time alone: none may be compacted while it is part of the history. */
static sf_status ensure_versioned_changelog(const sf_app_topics_options *options,
                                            sf_topic_spec spec, const sf_store_options *store,
                                            sf_error *err)
{
    char lag[32];
    const sf_topic_config configs[] = {
        {"cleanup.policy", "compact"},
        {"delete.retention.ms", SEVEN_DAYS_MS},
        {"min.compaction.lag.ms", lag},
        ANY_TIME,
    };

    snprintf(lag, sizeof(lag), "%" PRId64, store->history_ms + CHANGELOG_SLACK_MS);
    spec.configs = configs;
    spec.config_count = SF_ARRAY_LENGTH(configs);
    return ensure(options, &spec, err);
}

static bool windows_go(const sf_store_options *store)
{
    return (store->kind == SF_WINDOW_STORE || store->kind == SF_SESSION_STORE) &&
           store->retention_ms > 0;
}

static sf_status ensure_changelog(const sf_app_topics_options *options,
                                  const sf_store_options *store, int32_t partitions, sf_error *err)
{
    char *name = sf_topology_changelog_name(store->name, options->config->application_id);
    sf_topic_spec spec = {
        .name = name,
        .partitions = partitions,
        .configs = CHANGELOG,
        .config_count = SF_ARRAY_LENGTH(CHANGELOG),
    };
    sf_status status;

    if (windows_go(store))
        status = ensure_window_changelog(options, spec, store, err);
    else if (store->kind == SF_VERSIONED_STORE)
        status = ensure_versioned_changelog(options, spec, store, err);
    else
        status = ensure(options, &spec, err);
    free(name);
    return status;
}

static int32_t largest(const int32_t *counts, size_t count)
{
    int32_t most = 1;

    for (size_t i = 0; i < count; i++)
        most = counts[i] > most ? counts[i] : most;
    return most;
}

static sf_status ensure_dead_letters(const sf_app_topics_options *options, int32_t partitions,
                                     sf_error *err)
{
    char *name = sf_topology_dead_letter_name(options->config->application_id);
    int32_t count = 0;
    sf_status status = partition_count(options, name, &count, err);

    if (!status && count == 0)
        status = create(options,
                        &(sf_topic_spec){
                            .name = name,
                            .partitions = partitions,
                            .configs = DEAD_LETTERS,
                            .config_count = SF_ARRAY_LENGTH(DEAD_LETTERS),
                        },
                        err);
    free(name);
    return status;
}

static sf_status ensure_layout(const sf_app_topics_options *options, sf_error *err)
{
    char *name = sf_app_topics_layout_name(options->config->application_id);
    sf_status status = ensure(options,
                              &(sf_topic_spec){
                                  .name = name,
                                  .partitions = 1,
                                  .configs = COMPACTED,
                                  .config_count = SF_ARRAY_LENGTH(COMPACTED),
                              },
                              err);

    free(name);
    return status;
}

static sf_status ensure_internal(const sf_app_topics_options *options, const int32_t *counts,
                                 sf_error *err)
{
    const sf_topology *topology = options->topology;
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < topology->topic_count; i++) {
        if (topology->topics[i].is_internal)
            status = ensure_repartition(options, &topology->topics[i], counts[i], err);
    }
    for (size_t i = 0; !status && i < topology->store_count; i++) {
        const sf_topology_store *store = &topology->stores[i];

        if (!store->options.logging_off)
            status =
                ensure_changelog(options, &store->options,
                                 sf_topology_task_count(topology, store->subtopology, counts), err);
    }
    if (!status && topology->has_dead_letters)
        status = ensure_dead_letters(options, largest(counts, topology->topic_count), err);
    if (!status)
        status = ensure_layout(options, err);
    return status;
}

sf_status sf_app_topics_prepare(const sf_app_topics_options *options, int32_t **counts,
                                sf_error *err)
{
    int32_t *found = sf_zalloc((options->topology->topic_count + 1) * sizeof(found[0]));
    sf_status status = look_up_all(options, found, err);

    if (!status)
        status = sf_topology_partitions(options->topology, found, err);
    if (!status)
        status = ensure_internal(options, found, err);
    if (status) {
        free(found);
        return status;
    }
    *counts = found;
    return SF_OK;
}

static sf_status grow(const sf_app_topics_options *options, const char *name, int32_t partitions,
                      sf_error *err)
{
    sf_retry retry = sf_retry_begin(options->retry);
    sf_status status;

    do
        status = sf_broker_grow_topic(options->broker, name, partitions, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

/* It may have more: those of a program whose layout was taken back. */
sf_status sf_app_topics_prepare_tasks(const sf_app_topics_options *options, int32_t tasks,
                                      sf_error *err)
{
    char *name = sf_app_topics_tasks_name(options->config->application_id);
    int32_t count = 0;
    sf_status status = partition_count(options, name, &count, err);

    if (!status && count == 0)
        status = create(options, &(sf_topic_spec){.name = name, .partitions = tasks}, err);
    if (!status) /* one that another instance has just made may be smaller */
        status = grow(options, name, tasks, err);
    free(name);
    return sf_error_prefix(err, status, "the topic of the tasks");
}

char *sf_app_topics_tasks_name(const char *application_id)
{
    return sf_text_printf("%s-tasks", application_id);
}

char *sf_app_topics_layout_name(const char *application_id)
{
    return sf_text_printf("%s-layout", application_id);
}
