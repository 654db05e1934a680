#include "topology/topology_implementation.h"

#include <stdlib.h>

#include "base/memory.h"

void sf_topology_free(sf_topology *topology)
{
    if (!topology)
        return;
    sf_arena_free(topology->arena);
    free(topology);
}

char *sf_topology_topic_name(const sf_topic *topic, const char *application_id)
{
    if (topic->is_internal)
        return sf_text_printf("%s-%s", application_id, topic->name);
    return sf_text_copy(topic->name);
}

char *sf_topology_changelog_name(const char *store, const char *application_id)
{
    return sf_text_printf("%s-%s-changelog", application_id, store);
}

char *sf_topology_dead_letter_name(const char *application_id)
{
    return sf_text_printf("%s-dlq", application_id);
}
