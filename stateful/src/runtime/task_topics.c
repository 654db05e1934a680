#include "runtime/task_topics.h"

#include <stdlib.h>

#include "topology/topology_implementation.h"

/* Takes the name. */
static const char *keep(sf_arena *arena, char *name)
{
    const char *kept = sf_arena_text(arena, name);

    free(name);
    return kept;
}

sf_task_topics sf_task_topics_read(const sf_topology *topology, const char *application_id,
                                   sf_arena *arena)
{
    const char **names = sf_arena_alloc(arena, (topology->topic_count + 1) * sizeof(*names));
    size_t count = 0;

    for (size_t i = 0; i < topology->topic_count; i++) {
        const sf_topic *topic = &topology->topics[i];

        if (topic->is_source && !topic->is_global)
            names[count++] = keep(arena, sf_topology_topic_name(topic, application_id));
    }
    return (sf_task_topics){names, count};
}

sf_task_topics sf_task_topics_written(const sf_topology *topology, const char *application_id,
                                      sf_arena *arena)
{
    size_t most = topology->topic_count + topology->store_count + 1;
    const char **names = sf_arena_alloc(arena, most * sizeof(*names));
    size_t count = 0;

    for (size_t i = 0; i < topology->topic_count; i++)
        if (topology->topics[i].is_sink)
            names[count++] =
                keep(arena, sf_topology_topic_name(&topology->topics[i], application_id));
    for (size_t i = 0; i < topology->store_count; i++)
        if (!topology->stores[i].options.logging_off)
            names[count++] =
                keep(arena,
                     sf_topology_changelog_name(topology->stores[i].options.name, application_id));
    if (topology->has_dead_letters)
        names[count++] = keep(arena, sf_topology_dead_letter_name(application_id));
    return (sf_task_topics){names, count};
}
