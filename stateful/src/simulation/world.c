#include "simulation/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "simulation/memory_oracle.h"
#include "topology/topology_implementation.h"

enum {
    DEPTH_MAX = 2,
    TURNS_MEANWHILE = 60, /* at most, within one wait */
    ROUND_US = 5000,
    IDLE_MAX_US = 200 * 1000,
};

/* ---- while a process waits ---- */

static void take_turn(sf_world *world, size_t index)
{
    bool worked = false;
    sf_machine *machine = &world->machines[index];

    if (sf_machine_is_free(machine) && machine->streams) {
        sf_machine_step(machine, &worked);
        sf_memory_oracle_look(machine);
    }
}

static void switch_on(sf_world *world)
{
    int64_t now_ms = sf_simulated_cluster_now_ms(&world->cluster);

    for (size_t i = 0; i < world->machine_count; i++) {
        sf_machine *machine = &world->machines[i];

        if (!machine->host && now_ms >= machine->on_again_ms)
            sf_machine_start(machine);
    }
}

/* Turns of others, spread over the time. */
static void meanwhile(void *user, sf_simulated_host *host, int64_t ms)
{
    sf_world *world = user;
    int64_t end_us = world->cluster.now_us + ms * 1000;
    int64_t stride_us = ms * 1000 / TURNS_MEANWHILE;

    (void)host; /* its machine is busy and gets no turn */
    if (stride_us < 2000)
        stride_us = 2000;
    world->depth++;
    while (world->cluster.now_us < end_us) {
        int64_t left_us = end_us - world->cluster.now_us;

        sf_simulated_cluster_advance(&world->cluster, left_us < stride_us ? left_us : stride_us);
        if (world->depth > DEPTH_MAX || world->cluster.is_ticking)
            continue;
        if (!world->is_quiet && sf_random_below(&world->schedule, 4) == 0 &&
            sf_feeder_has_more(world->feeder))
            sf_feeder_write(world->feeder);
        switch_on(world);
        take_turn(world, (size_t)sf_random_below(&world->schedule, world->machine_count));
    }
    world->depth--;
}

/* ---- life ---- */

static void note_restore(void *user, const void *host, const char *topic, int32_t partition,
                         int64_t from)
{
    sf_world *world = user;

    for (size_t i = 0; i < world->machine_count; i++) {
        if (world->machines[i].host == host)
            sf_oracle_note_restore(world->oracles[i], &world->machines[i], topic, partition, from);
    }
}

static void add_machine(sf_world *world, size_t i, const sf_world_options *options)
{
    snprintf(world->names[i], sizeof(world->names[i]), "machine-%zu", i);
    world->directories[i] =
        options->directory ? sf_text_printf("%s/%s", options->directory, world->names[i]) : NULL;
    sf_machine_init(&world->machines[i], &(sf_machine_options){
                                             .cluster = &world->cluster,
                                             .topology = world->subject->topology,
                                             .config = options->config,
                                             .name = world->names[i],
                                             .directory = world->directories[i],
                                             .seed = options->seed * 16 + i + 1,
                                             .memory_bytes = options->memory_bytes,
                                             .loads_always = options->loads_always,
                                             .meanwhile = meanwhile,
                                             .user = world,
                                         });
    world->oracles[i] = sf_oracle_new(world->subject->topology, SF_WORLD_APPLICATION);
}

void sf_world_init(sf_world *world, const sf_simulation_subject *subject,
                   const sf_world_options *options)
{
    sf_random seeds;

    *world = (sf_world){.subject = subject, .machine_count = options->machines};
    sf_random_init(&seeds, options->seed);
    sf_simulated_cluster_init(&world->cluster, sf_random_next(&seeds), options->trace);
    world->cluster.weather = options->weather;
    world->cluster.on_restore = note_restore;
    world->cluster.user = world;
    sf_random_init(&world->schedule, sf_random_next(&seeds));
    for (size_t i = 0; i < subject->topic_count; i++)
        (void)sf_simulated_cluster_create(&world->cluster, subject->topics[i].name,
                                          subject->topics[i].partitions); /* found by its name */
    world->feeder =
        sf_feeder_new(subject, &world->cluster, sf_random_next(&seeds), options->records);
    for (size_t i = 0; i < options->machines; i++)
        add_machine(world, i, options);
}

void sf_world_done(sf_world *world)
{
    world->is_quiet = true;
    for (size_t i = 0; i < world->machine_count; i++) {
        sf_machine_done(&world->machines[i]);
        sf_oracle_free(world->oracles[i]);
        free(world->directories[i]);
    }
    free(world->recreation.positions);
    sf_feeder_free(world->feeder);
    sf_simulated_cluster_done(&world->cluster);
}

/* ---- what happens ---- */

void sf_world_act(sf_world *world)
{
    uint64_t chance = sf_random_below(&world->schedule, 100);

    switch_on(world);
    if (chance < 20 && sf_feeder_has_more(world->feeder))
        sf_feeder_write(world->feeder);
    else if (chance < 75)
        take_turn(world, (size_t)sf_random_below(&world->schedule, world->machine_count));
    else
        sf_simulated_cluster_advance(&world->cluster,
                                     (int64_t)sf_random_below(&world->schedule, 12000));
}

void sf_world_round(sf_world *world, bool *worked)
{
    *worked = false;
    switch_on(world);
    for (size_t i = 0; i < world->machine_count; i++) {
        if (!sf_machine_is_free(&world->machines[i]))
            continue;
        sf_machine_step(&world->machines[i], worked);
        sf_memory_oracle_look(&world->machines[i]);
    }
    world->idle_us = *worked ? ROUND_US : 2 * world->idle_us;
    if (world->idle_us > IDLE_MAX_US)
        world->idle_us = IDLE_MAX_US;
    sf_simulated_cluster_advance(&world->cluster, world->idle_us);
}

void sf_world_look(sf_world *world)
{
    for (size_t i = 0; i < world->machine_count; i++) {
        if (sf_machine_is_free(&world->machines[i]))
            sf_oracle_look(world->oracles[i], &world->machines[i]);
    }
}

/* ---- faults ---- */

static void arm(sf_machine *machine, const sf_fault *fault, sf_strike strike)
{
    machine->host->strike = strike;
    machine->host->strike_in = fault->calls;
    machine->host->strike_for_ms = fault->ms;
}

static void turn_off(sf_world *world, sf_machine *machine, const sf_fault *fault)
{
    machine->on_again_ms = sf_simulated_cluster_now_ms(&world->cluster) + fault->ms;
}

static void strike_machine(sf_world *world, sf_machine *machine, const sf_fault *fault)
{
    switch (fault->kind) {
    case SF_FAULT_KILL:
        arm(machine, fault, fault->after ? SF_STRIKE_KILL_AFTER : SF_STRIKE_KILL);
        turn_off(world, machine, fault);
        break;
    case SF_FAULT_STALL:
        arm(machine, fault, SF_STRIKE_STALL);
        break;
    case SF_FAULT_LOSE:
        arm(machine, fault, SF_STRIKE_LOSE);
        break;
    case SF_FAULT_DISK_FULL:
        sf_simulated_disk_fail(machine->disk, 1 + fault->calls % 3);
        break;
    case SF_FAULT_DISK_BAD:
        sf_simulated_disk_fail_read(machine->disk, fault->calls);
        break;
    case SF_FAULT_STOP:
        turn_off(world, machine, fault);
        sf_machine_stop(machine);
        break;
    default:
        turn_off(world, machine, fault);
        sf_machine_kill(machine);
        if (fault->kind == SF_FAULT_POWER)
            sf_simulated_disk_cut_power(machine->disk, &world->schedule);
        else
            sf_simulated_disk_lose(machine->disk);
    }
}

static void clean(sf_world *world, const sf_simulated_topic *topic, sf_simulated_log *log,
                  bool is_trimmed)
{
    if (is_trimmed && !topic->cleaning_lag_ms)
        sf_simulated_log_trim(log, sf_simulated_log_first_needed(log));
    else if (!is_trimmed)
        sf_simulated_log_compact(
            log, &(sf_simulated_cleaning){
                     .below = (int64_t)sf_random_below(&world->schedule, (uint64_t)log->next + 1),
                     .deletions_stay_ms = topic->deletions_stay_ms,
                     .lag_ms = topic->cleaning_lag_ms,
                 });
}

static void clean_changelogs(sf_world *world, bool are_trimmed)
{
    for (size_t i = 0; i < world->cluster.topic_count; i++) {
        const sf_simulated_topic *topic = world->cluster.topics[i];

        for (int32_t p = 0; topic->is_compacted && p < topic->partitions; p++)
            clean(world, topic, topic->logs[p], are_trimmed);
    }
}

static void jump(sf_machine *machine, const sf_fault *fault)
{
    machine->wall_skew_ms = fault->ms;
    if (machine->host)
        machine->host->wall_skew_ms = fault->ms;
}

static int64_t later(const sf_world *world, int64_t ms)
{
    return sf_simulated_cluster_now_ms(&world->cluster) + ms;
}

bool sf_world_strike(sf_world *world, const sf_fault *fault)
{
    sf_machine *machine = &world->machines[fault->machine];
    char text[96];

    sf_fault_print(fault, text, sizeof(text));
    sf_trace_add(&world->cluster.trace, "fault: %s", text);
    switch (fault->kind) {
    case SF_FAULT_BROKER_AWAY:
        world->cluster.away_until_ms = later(world, fault->ms);
        break;
    case SF_FAULT_COORDINATORS:
        sf_simulated_cluster_move_coordinators(&world->cluster, fault->ms);
        break;
    case SF_FAULT_SLOW:
        world->cluster.slow_until_ms = later(world, fault->ms);
        break;
    case SF_FAULT_COMPACT:
    case SF_FAULT_TRIM:
        clean_changelogs(world, fault->kind == SF_FAULT_TRIM);
        break;
    case SF_FAULT_DAYS:
        sf_simulated_cluster_jump(&world->cluster, fault->ms);
        clean_changelogs(world, false);
        break;
    case SF_FAULT_CLOCK:
        jump(machine, fault);
        break;
    case SF_FAULT_TIME:
        sf_simulated_cluster_advance(&world->cluster, fault->ms * 1000);
        break;
    default:
        if (!sf_machine_is_free(machine))
            return false;
        strike_machine(world, machine, fault);
    }
    return true;
}

void sf_world_calm(sf_world *world)
{
    sf_trace_add(&world->cluster.trace, "quiet");
    world->is_quiet = true;
    world->idle_us = ROUND_US;
    world->cluster.weather = (sf_simulated_weather){0};
    world->cluster.away_until_ms = 0;
    world->cluster.coordinator_back_ms = 0;
    world->cluster.slow_until_ms = 0;
    for (size_t i = 0; i < world->machine_count; i++) {
        world->machines[i].on_again_ms = 0;
        sf_simulated_disk_fail(world->machines[i].disk, 0);
        sf_simulated_disk_fail_read(world->machines[i].disk, -1);
        if (world->machines[i].host) {
            world->machines[i].host->strike = SF_STRIKE_NONE;
            world->machines[i].host->losing = 0;
        }
    }
    sf_feeder_finish(world->feeder);
}

/* ---- caught up ---- */

/* Behind the last record that counts. */
static int64_t end_of(const sf_simulated_log *log)
{
    for (size_t i = log->count; i-- > 0;) {
        if (sf_simulated_entry_is_committed(&log->entries[i]))
            return log->entries[i].offset + 1;
    }
    return 0;
}

static bool topic_is_done(const sf_world *world, sf_simulated_positions *positions,
                          const char *name, sf_buffer *what_is_left)
{
    const sf_simulated_topic *topic = sf_simulated_cluster_topic(&world->cluster, name);

    for (int32_t p = 0; topic && p < topic->partitions; p++) {
        sf_offset offset = {.topic = name, .partition = p};

        if (sf_simulated_positions_get(positions, &offset) &&
            offset.offset >= end_of(topic->logs[p]))
            continue;
        if (what_is_left)
            sf_buffer_printf(what_is_left,
                             "%s/%" PRId32 " is committed up to %" PRId64 " of %" PRId64, name, p,
                             offset.offset, end_of(topic->logs[p]));
        return false;
    }
    return topic != NULL;
}

static bool inputs_are_done(const sf_world *world, sf_simulated_group *group,
                            sf_buffer *what_is_left)
{
    const sf_topology *topology = world->subject->topology;

    for (size_t i = 0; i < topology->topic_count; i++) {
        const sf_topic *topic = &topology->topics[i];
        char *name;
        bool is_done;

        if (!topic->is_source || topic->is_global)
            continue;
        name = sf_topology_topic_name(topic, SF_WORLD_APPLICATION);
        is_done = topic_is_done(world, sf_simulated_group_positions(group), name, what_is_left);
        free(name);
        if (!is_done)
            return false;
    }
    return true;
}

/* Whether each task of the group is taken up somewhere, and nobody is put out without knowing it. */
static bool all_tasks_run(const sf_world *world, const sf_simulated_group *group)
{
    uint32_t running = 0;
    size_t threads = 0;

    for (size_t i = 0; i < world->machine_count; i++) {
        sf_streams_counters counters;

        sf_streams_counters_get(world->machines[i].streams, &counters);
        running += counters.tasks_running;
        threads += world->machines[i].streams->thread_count;
    }
    return running == (uint32_t)sf_simulated_group_task_count(group) &&
           threads == sf_simulated_group_member_count(group);
}

bool sf_world_has_caught_up(const sf_world *world, sf_buffer *what_is_left)
{
    sf_simulated_group *group =
        sf_simulated_cluster_find_group(&world->cluster, SF_WORLD_APPLICATION);

    for (size_t i = 0; i < world->machine_count; i++) {
        if (sf_machine_is_running(&world->machines[i]))
            continue;
        if (what_is_left)
            sf_buffer_printf(what_is_left, "%s does not run (%s)", world->names[i],
                             world->machines[i].streams ? "its tasks are not taken up"
                                                        : world->machines[i].last_error.text);
        return false;
    }
    if (!group || !sf_simulated_group_is_settled(group) || !all_tasks_run(world, group) ||
        !sf_simulated_transactions_are_over(world->cluster.transactions)) {
        if (what_is_left)
            sf_buffer_add_text(what_is_left, "the group or a transaction is not settled");
        return false;
    }
    return inputs_are_done(world, group, what_is_left);
}
