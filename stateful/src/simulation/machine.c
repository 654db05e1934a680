#include "simulation/machine.h"

#include <stdlib.h>

#include "base/memory.h"
#include "simulation/simulated_broker.h"

enum { PURGE_ONE_IN = 24 }; /* turns */

void sf_machine_init(sf_machine *machine, const sf_machine_options *options)
{
    *machine = (sf_machine){.options = *options};
    machine->disk = sf_simulated_disk_new(options->directory);
}

static void add_counters(sf_streams_counters *sum, const sf_streams_counters *more)
{
    sum->processed += more->processed;
    sum->dropped += more->dropped;
    sum->skipped += more->skipped;
    sum->dead_letters += more->dead_letters;
    sum->commits += more->commits;
    sum->aborts += more->aborts;
    sum->rebuilds += more->rebuilds;
    sum->restored += more->restored;
}

sf_streams_counters sf_machine_counters(const sf_machine *machine)
{
    sf_streams_counters sum = machine->past;
    sf_streams_counters now = {0};

    if (machine->streams)
        sf_streams_counters_get(machine->streams, &now);
    add_counters(&sum, &now);
    return sum;
}

/* After its threads are finished. */
static void clear_away(sf_machine *machine)
{
    sf_streams_counters last;

    if (machine->streams) {
        sf_streams_counters_get(machine->streams, &last);
        add_counters(&machine->past, &last);
        sf_streams_free(machine->streams);
        machine->streams = NULL;
    }
    sf_simulated_disk_detach(machine->disk);
    sf_simulated_host_done(machine->host);
    free(machine->host);
    machine->host = NULL;
}

static void finish_threads(sf_machine *machine, bool failed)
{
    for (size_t i = 0; i < machine->streams->thread_count; i++) {
        sf_error error = {0};

        /* What a last commit did not get through is processed again. */
        (void)sf_stream_thread_finish(machine->streams->threads[i], failed, &error);
    }
}

static void end_process(sf_machine *machine, bool failed)
{
    machine->is_busy = true;
    if (machine->streams)
        finish_threads(machine, failed);
    machine->is_busy = false;
    clear_away(machine);
}

bool sf_machine_is_free(const sf_machine *machine)
{
    return machine->host && !machine->is_busy;
}

static sf_status start(sf_machine *machine, sf_error *err)
{
    sf_config config = machine->options.config;
    sf_streams_machine place = {
        .seed = machine->options.seed + machine->processes,
        .memory_bytes = machine->options.memory_bytes,
        .loads_always = machine->options.loads_always,
    };
    sf_status status = sf_simulated_disk_attach(machine->disk, machine->host, &place.disk, err);

    config.instance_id = machine->options.name;
    config.broker = &machine->host->broker;
    config.clock = &machine->host->clock;
    if (!status)
        status =
            sf_streams_new_on(machine->options.topology, &config, &place, &machine->streams, err);
    return status ? status : sf_streams_prepare(machine->streams, err);
}

void sf_machine_start(sf_machine *machine)
{
    sf_trace *trace = &machine->options.cluster->trace;
    sf_error error = {0};
    sf_status status;

    machine->host = sf_zalloc(sizeof(*machine->host));
    sf_simulated_host_init(machine->host, sf_simulated_broker_ops(), machine->options.cluster,
                           machine->options.name);
    machine->host->meanwhile = machine->options.meanwhile;
    machine->host->user = machine->options.user;
    machine->host->wall_skew_ms = machine->wall_skew_ms;
    machine->processes++;
    machine->started_ms = sf_simulated_cluster_now_ms(machine->options.cluster);
    sf_trace_add(trace, "%s is started", machine->options.name);
    machine->is_busy = true;
    status = start(machine, &error);
    machine->is_busy = false;
    if (!status)
        return;
    sf_trace_add(trace, "%s did not start: %s", machine->options.name, error.text);
    machine->last_error = error;
    clear_away(machine);
}

static sf_status step_threads(sf_machine *machine, bool *worked, sf_error *err)
{
    sf_status status = SF_OK;
    bool worked_here;

    for (size_t i = 0; !status && i < machine->streams->thread_count; i++) {
        status = sf_stream_thread_step(machine->streams->threads[i], &worked_here, err);
        *worked = *worked || worked_here;
    }
    if (!status && machine->streams->globals) {
        status = sf_global_tables_step(machine->streams->globals, &worked_here, err);
        *worked = *worked || worked_here;
    }
    return status;
}

/* The first time comes a whole delay after the start. */
static bool may_clean(const sf_machine *machine)
{
    int64_t delay_ms = machine->streams->config.state_cleanup_delay_ms;
    int64_t up_ms = sf_simulated_cluster_now_ms(machine->options.cluster) - machine->started_ms;

    return delay_ms >= 0 && up_ms >= delay_ms;
}

/* What its housekeeper does now and then. */
static void keep_house(sf_machine *machine)
{
    sf_simulated_cluster *cluster = machine->options.cluster;
    size_t purged = 0, removed = 0;

    if (!machine->streams->housekeeper || sf_random_below(&cluster->random, PURGE_ONE_IN))
        return;
    (void)sf_housekeeper_purge(machine->streams->housekeeper, &purged,
                               NULL); /* it is tried again */
    if (purged)
        sf_trace_add(&cluster->trace, "%s purges %zu partitions", machine->options.name, purged);
    if (may_clean(machine)) {
        machine->removals++; /* before: it may be killed within, when some are gone already */
        (void)sf_housekeeper_clean(machine->streams->housekeeper, &removed,
                                   NULL); /* it is tried again */
    }
    if (removed)
        sf_trace_add(&cluster->trace, "%s removes the state of %zu tasks that left",
                     machine->options.name, removed);
}

void sf_machine_step(sf_machine *machine, bool *worked)
{
    sf_error error = {0};
    sf_status status;

    machine->is_busy = true;
    status = step_threads(machine, worked, &error);
    if (!status)
        keep_house(machine);
    machine->is_busy = false;
    if (!status && !machine->host->is_dead)
        return;
    if (!machine->host->is_dead) {
        sf_trace_add(&machine->options.cluster->trace, "%s ends: %s", machine->options.name,
                     error.text);
        machine->last_error = error;
    }
    end_process(machine, true);
}

void sf_machine_kill(sf_machine *machine)
{
    sf_trace_add(&machine->options.cluster->trace, "%s is killed", machine->options.name);
    machine->host->is_dead = true;
    end_process(machine, true);
}

void sf_machine_stop(sf_machine *machine)
{
    sf_trace_add(&machine->options.cluster->trace, "%s is stopped", machine->options.name);
    end_process(machine, false);
}

bool sf_machine_is_running(const sf_machine *machine)
{
    for (size_t i = 0; machine->streams && i < machine->streams->thread_count; i++) {
        sf_thread_view view;

        sf_stream_thread_view(machine->streams->threads[i], &view);
        if (!view.is_running)
            return false;
    }
    return machine->streams != NULL;
}

void sf_machine_done(sf_machine *machine)
{
    if (machine->host)
        sf_machine_kill(machine);
    sf_simulated_disk_free(machine->disk);
}
