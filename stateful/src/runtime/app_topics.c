/* app_topics.c - one question for all topics of a kind, one request for all that are missing. */
#include "runtime/app_topics.h"

#include <inttypes.h>
#include <stdlib.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "runtime/app_topic_plan.h"
#include "topology/topology_implementation.h"

static sf_status partition_counts(const sf_app_topics_options *options, const char *const *names,
                                  size_t count, int32_t *counts, sf_error *err)
{
    sf_retry retry = sf_retry_begin(options->retry);
    sf_status status;

    do
        status = sf_broker_partition_counts(options->broker, names, count, counts, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

static void tell_made(const sf_topic_spec *specs, const sf_topic_outcome *outcomes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (outcomes[i].created)
            sf_log(SF_LOG_INFO, "topic made topic=%s partitions=%" PRId32, specs[i].name,
                   specs[i].partitions);
}

/* counts[i] = how many partitions specs[i] has then, which may have been made by somebody else. */
static sf_status create(const sf_app_topics_options *options, const sf_topic_spec *specs,
                        size_t count, int32_t *counts, sf_error *err)
{
    sf_topic_outcome *outcomes = sf_zalloc((count + 1) * sizeof(*outcomes));
    sf_retry retry = sf_retry_begin(options->retry);
    sf_status status;

    do {
        status = sf_broker_create_topics(options->broker, specs, count, outcomes, err);
        tell_made(specs, outcomes, count);
    } while (sf_retry_again(&retry, &status, err));
    for (size_t i = 0; !status && i < count; i++)
        counts[i] = outcomes[i].partitions;
    free(outcomes);
    return status;
}

/* Makes those whose count is 0. */
static sf_status create_missing(const sf_app_topics_options *options, const sf_topic_spec *specs,
                                size_t count, int32_t *counts, sf_error *err)
{
    sf_topic_spec *missing = sf_zalloc((count + 1) * sizeof(*missing));
    int32_t *made = sf_zalloc((count + 1) * sizeof(*made));
    size_t missing_count = 0;
    sf_status status;

    for (size_t i = 0; i < count; i++)
        if (!counts[i])
            missing[missing_count++] = specs[i];
    status = create(options, missing, missing_count, made, err);
    for (size_t i = 0, k = 0; !status && i < count; i++)
        if (!counts[i])
            counts[i] = made[k++];
    free(made);
    free(missing);
    return status;
}

/* What of these is not there is made; counts[i] = how many partitions each has. */
static sf_status prepare(const sf_app_topics_options *options, const sf_topic_spec *specs,
                         size_t count, int32_t *counts, sf_error *err)
{
    const char **names = sf_zalloc((count + 1) * sizeof(*names));
    sf_status status;

    for (size_t i = 0; i < count; i++)
        names[i] = specs[i].name;
    status = partition_counts(options, names, count, counts, err);
    if (!status)
        status = create_missing(options, specs, count, counts, err);
    free(names);
    return status;
}

/* ---- topics that others use too ---- */

static sf_status refuse_missing(const char *const *names, const int32_t *counts, size_t count,
                                sf_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!counts[i])
            return sf_fail(err, SF_NOT_FOUND,
                           "topic %s does not exist: create it, or set input_partitions", names[i]);
    return SF_OK;
}

/* As they are, or made if the configuration says with how many partitions. */
static sf_status look_up(const sf_app_topics_options *options, const char *const *names,
                         size_t count, int32_t *counts, sf_error *err)
{
    int32_t wanted = options->config->input_partitions;
    sf_topic_spec *specs;
    sf_status status;

    if (wanted == 0) {
        status = partition_counts(options, names, count, counts, err);
        return status ? status : refuse_missing(names, counts, count, err);
    }
    specs = sf_zalloc((count + 1) * sizeof(*specs));
    for (size_t i = 0; i < count; i++)
        specs[i] = (sf_topic_spec){.name = names[i], .partitions = wanted};
    status = prepare(options, specs, count, counts, err);
    free(specs);
    return status;
}

static sf_status look_up_all(const sf_app_topics_options *options, int32_t *counts, sf_error *err)
{
    const sf_topology *topology = options->topology;
    const char **names = sf_zalloc((topology->topic_count + 1) * sizeof(*names));
    int32_t *found = sf_zalloc((topology->topic_count + 1) * sizeof(*found));
    size_t count = 0;
    sf_status status;

    for (size_t i = 0; i < topology->topic_count; i++)
        if (!topology->topics[i].is_internal)
            names[count++] = topology->topics[i].name;
    status = look_up(options, names, count, found, err);
    for (size_t i = 0, k = 0; !status && i < topology->topic_count; i++)
        if (!topology->topics[i].is_internal)
            counts[i] = found[k++];
    free(found);
    free(names);
    return status;
}

/* ---- internal topics ---- */

static sf_status check_counts(const sf_planned_topic *topics, const int32_t *counts, size_t count,
                              sf_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (counts[i] != topics[i].spec.partitions && !topics[i].takes_any_count)
            return sf_fail(err, SF_INVALID,
                           "topic %s has %" PRId32 " partitions, the application needs %" PRId32
                           ": partition counts cannot change once it has run",
                           topics[i].spec.name, counts[i], topics[i].spec.partitions);
    return SF_OK;
}

static sf_status ensure(const sf_app_topics_options *options, const sf_planned_topic *topics,
                        size_t count, sf_error *err)
{
    sf_topic_spec *specs = sf_zalloc((count + 1) * sizeof(*specs));
    int32_t *counts = sf_zalloc((count + 1) * sizeof(*counts));
    sf_status status;

    for (size_t i = 0; i < count; i++)
        specs[i] = topics[i].spec;
    status = prepare(options, specs, count, counts, err);
    if (!status)
        status = check_counts(topics, counts, count, err);
    free(counts);
    free(specs);
    return status;
}

static sf_status ensure_internal(const sf_app_topics_options *options, const int32_t *counts,
                                 sf_error *err)
{
    sf_arena *arena = sf_arena_new();
    char *layout = sf_app_topics_layout_name(options->config->application_id);
    char *tasks = sf_broker_has_groups(options->broker)
                      ? sf_app_topics_tasks_name(options->config->application_id)
                      : NULL;
    size_t count;
    const sf_planned_topic *topics = sf_app_topic_plan(
        &(sf_app_topic_plan_options){
            .topology = options->topology,
            .application_id = options->config->application_id,
            .layout_topic = layout,
            .tasks_topic = tasks,
            .counts = counts,
        },
        arena, &count);
    sf_status status = ensure(options, topics, count, err);

    free(tasks);
    free(layout);
    sf_arena_free(arena);
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

/* ---- the topic of the tasks ---- */

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
    const sf_topic_spec spec = {.name = name, .partitions = tasks};
    int32_t count = 0;
    sf_status status = prepare(options, &spec, 1, &count, err);

    if (!status && count < tasks) /* one that another instance has just made may be smaller */
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
