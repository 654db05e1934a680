#include "runtime/app_topic_plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

typedef struct plan {
    const sf_app_topic_plan_options *options;
    sf_arena *arena;
    sf_planned_topic *topics;
    size_t count;
} plan;

/* Takes the name. */
static sf_planned_topic *add(plan *made, char *name, int32_t partitions,
                             const sf_topic_config *configs, size_t config_count)
{
    sf_planned_topic *topic = &made->topics[made->count++];

    topic->spec = (sf_topic_spec){
        .name = sf_arena_text(made->arena, name),
        .partitions = partitions,
        .configs = configs,
        .config_count = config_count,
    };
    free(name);
    return topic;
}

static void add_repartitions(plan *made)
{
    const sf_topology *topology = made->options->topology;

    for (size_t i = 0; i < topology->topic_count; i++) {
        const sf_topic *topic = &topology->topics[i];

        if (topic->is_internal)
            (void)add(made, sf_topology_topic_name(topic, made->options->application_id),
                      made->options->counts[i], REPARTITION, SF_ARRAY_LENGTH(REPARTITION));
    }
}

/* ---- changelogs ---- */

static void set_configs(plan *made, sf_topic_spec *spec, const sf_topic_config *configs,
                        size_t count)
{
    sf_topic_config *copy = sf_arena_alloc(made->arena, count * sizeof(*copy));

    memcpy(copy, configs, count * sizeof(*copy));
    spec->configs = copy;
    spec->config_count = count;
}

/* A window's records may go once nobody can ask for them any more. */
static void set_windows(plan *made, sf_topic_spec *spec, const sf_store_options *store)
{
    const sf_topic_config configs[] = {
        {"cleanup.policy", "compact,delete"},
        {"delete.retention.ms", SEVEN_DAYS_MS},
        {"retention.ms",
         sf_arena_printf(made->arena, "%" PRId64,
                         store->window_size_ms + store->retention_ms + CHANGELOG_SLACK_MS)},
        ANY_TIME,
    };

    set_configs(made, spec, configs, SF_ARRAY_LENGTH(configs));
}

/* Versions are told apart by their time alone: none may be compacted while it is part of the history. */
static void set_versions(plan *made, sf_topic_spec *spec, const sf_store_options *store)
{
    const sf_topic_config configs[] = {
        {"cleanup.policy", "compact"},
        {"delete.retention.ms", SEVEN_DAYS_MS},
        {"min.compaction.lag.ms",
         sf_arena_printf(made->arena, "%" PRId64, store->history_ms + CHANGELOG_SLACK_MS)},
        ANY_TIME,
    };

    set_configs(made, spec, configs, SF_ARRAY_LENGTH(configs));
}

static bool windows_go(const sf_store_options *store)
{
    return (store->kind == SF_WINDOW_STORE || store->kind == SF_SESSION_STORE) &&
           store->retention_ms > 0;
}

static void add_changelog(plan *made, const sf_topology_store *store)
{
    const sf_app_topic_plan_options *options = made->options;
    sf_planned_topic *topic =
        add(made, sf_topology_changelog_name(store->options.name, options->application_id),
            sf_topology_task_count(options->topology, store->subtopology, options->counts),
            CHANGELOG, SF_ARRAY_LENGTH(CHANGELOG));

    if (windows_go(&store->options))
        set_windows(made, &topic->spec, &store->options);
    else if (store->options.kind == SF_VERSIONED_STORE)
        set_versions(made, &topic->spec, &store->options);
}

static void add_changelogs(plan *made)
{
    const sf_topology *topology = made->options->topology;

    for (size_t i = 0; i < topology->store_count; i++)
        if (!topology->stores[i].options.logging_off)
            add_changelog(made, &topology->stores[i]);
}

/* ---- the rest ---- */

static int32_t largest(const int32_t *counts, size_t count)
{
    int32_t most = 1;

    for (size_t i = 0; i < count; i++)
        most = counts[i] > most ? counts[i] : most;
    return most;
}

static void add_dead_letters(plan *made)
{
    const sf_app_topic_plan_options *options = made->options;
    int32_t partitions = largest(options->counts, options->topology->topic_count);

    if (options->topology->has_dead_letters)
        add(made, sf_topology_dead_letter_name(options->application_id), partitions, DEAD_LETTERS,
            SF_ARRAY_LENGTH(DEAD_LETTERS))
            ->takes_any_count = true;
}

/* As many as a layout has that is written for this program first. */
static void add_tasks(plan *made)
{
    const sf_app_topic_plan_options *options = made->options;
    int32_t tasks = 0;

    for (size_t i = 0; i < options->topology->subtopology_count; i++)
        tasks += sf_topology_task_count(options->topology, i, options->counts);
    if (options->tasks_topic && tasks > 0)
        add(made, sf_text_copy(options->tasks_topic), tasks, NULL, 0)->takes_any_count = true;
}

const sf_planned_topic *sf_app_topic_plan(const sf_app_topic_plan_options *options, sf_arena *arena,
                                          size_t *count)
{
    size_t most = options->topology->topic_count + options->topology->store_count + 3;
    plan made = {
        .options = options,
        .arena = arena,
        .topics = sf_arena_zalloc(arena, most * sizeof(*made.topics)),
    };

    add_repartitions(&made);
    add_changelogs(&made);
    add_dead_letters(&made);
    (void)add(&made, sf_text_copy(options->layout_topic), 1, COMPACTED, SF_ARRAY_LENGTH(COMPACTED));
    add_tasks(&made);
    *count = made.count;
    return made.topics;
}
