#include "simulation/simulation_subject_implementation.h"

#include <string.h>

#include "topology/topology_implementation.h"

uint64_t sf_simulation_random_below(sf_simulation_random *random, uint64_t bound)
{
    return sf_random_below(&random->random, bound);
}

/* ---- what makes no sense ---- */

static const sf_simulation_topic *listed(const sf_simulation_subject *subject, const char *name)
{
    for (size_t i = 0; i < subject->topic_count; i++)
        if (!strcmp(subject->topics[i].name, name))
            return &subject->topics[i];
    return NULL;
}

bool sf_simulation_subject_has_input(const sf_simulation_subject *subject, const char *topic)
{
    const sf_simulation_topic *found = topic ? listed(subject, topic) : NULL;

    return found && found->role == SF_SIMULATION_INPUT;
}

static sf_status check_topics(const sf_simulation_subject *subject, sf_error *err)
{
    bool has_input = false;

    for (size_t i = 0; i < subject->topic_count; i++) {
        has_input = has_input || subject->topics[i].role == SF_SIMULATION_INPUT;
        if (!subject->topics[i].name || subject->topics[i].partitions < 1)
            return sf_fail(err, SF_INVALID,
                           "subject %s: a topic needs a name and at least one partition",
                           subject->name);
    }
    if (!has_input)
        return sf_fail(err, SF_INVALID, "subject %s lists no input topic", subject->name);
    return SF_OK;
}

static sf_status check_all_are_listed(const sf_simulation_subject *subject, sf_error *err)
{
    const sf_topology *topology = subject->topology;

    for (size_t i = 0; i < topology->topic_count; i++)
        if (!topology->topics[i].is_internal && !listed(subject, topology->topics[i].name))
            return sf_fail(err, SF_INVALID,
                           "subject %s: the topology uses topic %s, which is not listed",
                           subject->name, topology->topics[i].name);
    return SF_OK;
}

static const sf_topology_store *find_store(const sf_topology *topology, const char *name)
{
    for (size_t i = 0; i < topology->store_count; i++)
        if (!strcmp(topology->stores[i].options.name, name))
            return &topology->stores[i];
    return NULL;
}

static sf_status check_stores(const sf_simulation_subject *subject, sf_error *err)
{
    for (size_t i = 0; i < subject->store_count; i++) {
        const char *name = subject->stores[i];
        const sf_topology_store *found = find_store(subject->topology, name);

        if (!found)
            return sf_fail(err, SF_INVALID, "subject %s: the topology has no store %s",
                           subject->name, name);
        if (found->options.kind != SF_KEY_VALUE_STORE && found->options.kind != SF_WINDOW_STORE)
            return sf_fail(err, SF_INVALID,
                           "subject %s: rows of store %s cannot be held against a model, it is "
                           "neither a key-value nor a window store",
                           subject->name, name);
    }
    return SF_OK;
}

sf_status sf_simulation_subject_check(const sf_simulation_subject *subject, sf_error *err)
{
    sf_status status;

    if (!subject->name || !subject->topology || !subject->generate)
        return sf_fail(err, SF_INVALID, "a subject needs a name, a topology and a generator");
    status = check_topics(subject, err);
    if (!status)
        status = check_all_are_listed(subject, err);
    return status ? status : check_stores(subject, err);
}
