#include "simulation/recreation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/meta.h"
#include "topology/topology_implementation.h"

enum {
    ROUNDS_MAX = 30000,
    WRITTEN_LEAST = 10, /* records of a changelog */
};

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

/* ---- what comes of it ---- */

/* The topic of the topology that was made anew; NULL: it is a changelog. */
static const sf_topic *source_of(const sf_world *world)
{
    const sf_topology *topology = world->subject->topology;
    const sf_topic *found = NULL;

    for (size_t i = 0; !found && i < topology->topic_count; i++) {
        char *name = sf_topology_topic_name(&topology->topics[i], SF_WORLD_APPLICATION);

        if (topology->topics[i].is_source && !strcmp(name, world->recreation.topic->name))
            found = &topology->topics[i];
        free(name);
    }
    return found;
}

/* The store of a changelog, NULL: it is none. */
static const char *store_of(const sf_topology *topology, const char *topic)
{
    const char *found = NULL;

    for (size_t i = 0; !found && i < topology->store_count; i++) {
        const char *store = topology->stores[i].options.name;
        char *name = sf_topology_changelog_name(store, SF_WORLD_APPLICATION);

        if (!strcmp(name, topic))
            found = store;
        free(name);
    }
    return found;
}

/* Nothing was written that the disk does not have yet: that would go with the log. */
static bool is_all_kept(const sf_simulated_log *log, int64_t position)
{
    for (size_t i = log->count; !log->undecided && i-- > 0;) {
        if (sf_simulated_entry_is_committed(&log->entries[i]))
            return log->entries[i].offset < position;
    }
    return !log->undecided;
}

/* How far the only machine has each partition; NULL: another one has it too, or it lacks some. */
static int64_t *positions_of(const sf_world *world, const sf_simulated_topic *topic)
{
    const char *store = store_of(world->subject->topology, topic->name);
    sf_state_db *disk = sf_simulated_disk_database(world->machines[0].disk);
    int64_t *positions;
    bool all_kept = true;

    if (world->machine_count > 1 || !store || !disk)
        return NULL;
    positions = sf_realloc_array(NULL, (size_t)topic->partitions, sizeof(positions[0]));
    for (int32_t p = 0; p < topic->partitions; p++) {
        positions[p] = SF_OFFSET_NONE;
        (void)sf_meta_get(disk, SF_META_CHANGELOG, store, p, &positions[p], NULL); /* or none */
        all_kept = all_kept && is_all_kept(topic->logs[p], positions[p]);
    }
    if (all_kept)
        return positions;
    free(positions);
    return NULL;
}

/* Some of the log is in the state, so that a new one is shorter. */
static bool has_some(const int64_t *positions, int32_t partitions)
{
    int64_t most = 0;

    for (int32_t p = 0; p < partitions; p++)
        most = positions[p] > most ? positions[p] : most;
    return most >= WRITTEN_LEAST;
}

bool sf_recreation_can_be_judged(const sf_world *world, size_t number)
{
    const sf_topology *topology = world->subject->topology;
    char *name = choose(topology, number);
    const sf_simulated_topic *topic =
        name ? sf_simulated_cluster_topic(&world->cluster, name) : NULL;
    int64_t *positions;
    bool can = true;

    if (topic && world->machine_count == 1 && store_of(topology, name)) {
        positions = positions_of(world, topic);
        can = positions && has_some(positions, topic->partitions);
        free(positions);
    }
    free(name);
    return can;
}

bool sf_recreation_strike(sf_world *world, size_t number)
{
    char *name = choose(world->subject->topology, number);
    const sf_simulated_topic *before =
        name ? sf_simulated_cluster_topic(&world->cluster, name) : NULL;

    if (before) {
        world->recreation.positions = positions_of(world, before);
        world->recreation.removals = world->machines[0].removals;
        world->recreation.topic = sf_simulated_cluster_recreate(&world->cluster, name);
        if (source_of(world))
            sf_feeder_stop(world->feeder);
    }
    free(name);
    return before != NULL;
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

/* What has ended has said why: it names the topic, or, if a power cut took the end of its disk and the log
 * that had it is gone too, what it misses now. */
static bool has_told(sf_world *world)
{
    bool has = false;

    for (size_t i = 0; i < world->machine_count; i++) {
        const sf_machine *machine = &world->machines[i];

        if (machine->host)
            continue;
        if (strstr(machine->last_error.text, world->recreation.topic->name) ||
            sf_simulated_disk_losses(machine->disk))
            has = true;
        else
            sf_simulated_cluster_complain(
                &world->cluster, "%s was made anew, and %s ends without naming it: %s",
                world->recreation.topic->name, machine->options.name, machine->last_error.text);
    }
    return has;
}

/* Readers have a position that the new topic has not reached: nobody may go on there. */
static void judge_readers(sf_world *world)
{
    sf_simulated_group *group =
        sf_simulated_cluster_find_group(&world->cluster, SF_WORLD_APPLICATION);

    for (int32_t p = 0; p < world->recreation.topic->partitions; p++) {
        sf_offset offset = {.topic = world->recreation.topic->name, .partition = p};
        int64_t end = world->recreation.topic->logs[p]->next;

        if (sf_simulated_positions_get(sf_simulated_group_positions(group), &offset) &&
            offset.offset > end)
            sf_simulated_cluster_complain(&world->cluster,
                                          "%s/%" PRId32 " was made anew and ends at %" PRId64
                                          ", and nobody says that it was read up to %" PRId64,
                                          offset.topic, p, end, offset.offset);
    }
}

/* The offset behind the first transaction that was committed to a log, INT64_MAX: none was. */
static int64_t first_end(const sf_simulated_log *log)
{
    bool is_committed = false;

    for (size_t i = 0; i < log->count; i++) {
        if (log->entries[i].is_marker && is_committed)
            return log->entries[i].offset + 1;
        is_committed = is_committed || sf_simulated_entry_is_committed(&log->entries[i]);
    }
    return INT64_MAX;
}

/* The only machine has never lost its state, and wrote on to another log than that of its state. */
static void judge_writer(sf_world *world)
{
    const sf_recreation *recreation = &world->recreation;

    for (int32_t p = 0; p < recreation->topic->partitions; p++) {
        int64_t end = first_end(recreation->topic->logs[p]);

        if (end < recreation->positions[p])
            sf_simulated_cluster_complain(
                &world->cluster,
                "%s/%" PRId32 " was made anew under its writer, whose state had it up to %" PRId64
                ", and nobody noticed that the first commit to it ended at %" PRId64,
                recreation->topic->name, p, recreation->positions[p], end);
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
                                      world->recreation.topic->name, sf_buffer_text(&why));
    }
    if (is_done && source_of(world))
        judge_readers(world);
    else if (is_done && sf_recreation_is_judged(world))
        judge_writer(world);
    sf_buffer_done(&why);
}

/* What a new repartition topic lacks was in no store yet. That a new changelog is too short can only be
 * seen by one that has the whole state: not on a new disk, nor once the housekeeper took what was of no
 * use to anybody for days, for all that had been said. */
bool sf_recreation_is_judged(const sf_world *world)
{
    const sf_topic *source = source_of(world);

    if (source)
        return !source->is_internal;
    return world->recreation.positions && !sf_simulated_disk_losses(world->machines[0].disk) &&
           world->machines[0].removals == world->recreation.removals;
}
