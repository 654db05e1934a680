#include "simulation/recreation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "topology/topology_implementation.h"

enum { ROUNDS_MAX = 30000 };

/* ---- the topic ---- */

static bool is_candidate_store(const sf_topology_store *store)
{
    return !store->options.logging_off && !store->options.in_memory;
}

/* The name of the candidate of that number, NULL behind the last one; the caller frees it. */
static char *candidate(const sf_topology *topology, size_t number)
{
    for (size_t i = 0; i < topology->topic_count; i++) {
        if (topology->topics[i].is_source && !topology->topics[i].is_global && number-- == 0)
            return sf_topology_topic_name(&topology->topics[i], SF_WORLD_APPLICATION);
    }
    for (size_t i = 0; i < topology->store_count; i++) {
        if (is_candidate_store(&topology->stores[i]) && number-- == 0)
            return sf_topology_changelog_name(topology->stores[i].options.name,
                                              SF_WORLD_APPLICATION);
    }
    return NULL;
}

static char *choose(const sf_topology *topology, size_t number)
{
    size_t count = 0;
    char *name;

    while ((name = candidate(topology, count)) != NULL) {
        count++;
        free(name);
    }
    return count > 0 ? candidate(topology, number % count) : NULL;
}

bool sf_recreation_strike(sf_world *world, size_t number)
{
    char *name = choose(world->subject->topology, number);
    const sf_simulated_topic *before =
        name && !world->recreated ? sf_simulated_cluster_topic(&world->cluster, name) : NULL;

    if (before) {
        sf_feeder_stop(world->feeder);
        world->recreated = sf_simulated_cluster_recreate(&world->cluster, name);
    }
    free(name);
    return before != NULL;
}

/* ---- what comes of it ---- */

/* The topic of the topology that was made anew; NULL: it is a changelog. */
static const sf_topic *source_of(const sf_world *world)
{
    const sf_topology *topology = world->subject->topology;
    const sf_topic *found = NULL;

    for (size_t i = 0; !found && i < topology->topic_count; i++) {
        char *name = sf_topology_topic_name(&topology->topics[i], SF_WORLD_APPLICATION);

        if (topology->topics[i].is_source && !strcmp(name, world->recreated->name))
            found = &topology->topics[i];
        free(name);
    }
    return found;
}

static void start_again(sf_world *world)
{
    for (size_t i = 0; i < world->machine_count; i++) {
        sf_machine *machine = &world->machines[i];

        if (sf_machine_is_free(machine))
            sf_machine_stop(machine);
        machine->last_error = (sf_error){0};
    }
}

/* What has ended has said why. */
static bool has_told(sf_world *world)
{
    bool has = false;

    for (size_t i = 0; i < world->machine_count; i++) {
        const sf_machine *machine = &world->machines[i];

        if (machine->host)
            continue;
        if (strstr(machine->last_error.text, world->recreated->name))
            has = true;
        else
            sf_simulated_cluster_complain(
                &world->cluster, "%s was made anew, and %s ends without naming it: %s",
                world->recreated->name, machine->options.name, machine->last_error.text);
    }
    return has;
}

/* Readers have a position that the new topic has not reached: nobody may go on there. */
static void judge_readers(sf_world *world)
{
    sf_simulated_group *group =
        sf_simulated_cluster_find_group(&world->cluster, SF_WORLD_APPLICATION);

    for (int32_t p = 0; source_of(world) && p < world->recreated->partitions; p++) {
        sf_offset offset = {.topic = world->recreated->name, .partition = p};
        int64_t end = world->recreated->logs[p]->next;

        if (sf_simulated_positions_get(sf_simulated_group_positions(group), &offset) &&
            offset.offset > end)
            sf_simulated_cluster_complain(&world->cluster,
                                          "%s/%" PRId32 " was made anew and ends at %" PRId64
                                          ", and nobody says that it was read up to %" PRId64,
                                          offset.topic, p, end, offset.offset);
    }
}

void sf_recreation_end(sf_world *world, bool *is_told)
{
    bool is_done = false;
    sf_buffer why = SF_BUFFER_EMPTY;
    bool worked;

    *is_told = false;
    start_again(world);
    for (int round = 0; round < ROUNDS_MAX && !is_done && !*is_told; round++) {
        sf_world_round(world, &worked);
        *is_told = has_told(world);
        is_done = world->cluster.complaint || (!*is_told && sf_world_has_caught_up(world, NULL));
    }
    if (!is_done && !*is_told) {
        (void)sf_world_has_caught_up(world, &why); /* it has not: what is wanted is why */
        sf_simulated_cluster_complain(&world->cluster,
                                      "%s was made anew, and it neither ends nor catches up: %s",
                                      world->recreated->name, sf_buffer_text(&why));
    }
    if (is_done)
        judge_readers(world);
    sf_buffer_done(&why);
}

/* What a new repartition topic lacks was in no store yet. A changelog is all that an instance without the
 * state has: that it is too short can only be seen by one that has it. */
bool sf_recreation_is_judged(const sf_world *world)
{
    const sf_topic *source = source_of(world);

    if (source)
        return !source->is_internal;
    return world->machine_count == 1 && sf_simulated_disk_losses(world->machines[0].disk) == 0;
}
