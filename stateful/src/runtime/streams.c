#include "runtime/streams_implementation.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "runtime/config_implementation.h"
#include "runtime/config_settings.h"
#include "runtime/instance_lock.h"
#include "topology/topology_implementation.h"

/* ---- new ---- */

sf_status sf_streams_open_state(sf_streams *streams, sf_error *err)
{
    sf_memory_shares shares =
        sf_memory_shares_of(streams->config.memory_max_bytes, (sf_memory_owned){0});

    return sf_state_open(
        &(sf_state_options){
            .directory = streams->state_directory,
            .application_id = streams->config.application_id,
            .instance_id =
                streams->instance_id ? streams->instance_id : streams->config.instance_id,
            .block_cache_bytes = shares.block_cache_bytes,
            .memtable_bytes = shares.memtable_bytes,
            .clock = streams->config.clock,
            .disk = streams->machine.disk,
        },
        &streams->state, err);
}

static sf_status connect(sf_streams *streams, sf_error *err)
{
    char *client;
    sf_status status;

    if (streams->config.broker) {
        streams->broker = streams->config.broker;
        return SF_OK;
    }
    client = sf_text_printf("%s-%s", streams->config.application_id, streams->instance_id);
    status = sf_broker_connect(streams->config.bootstrap_servers,
                               &(sf_broker_options){
                                   .client_id = client,
                                   .clock = streams->config.clock,
                                   .settings = streams->config.settings,
                                   .setting_count = streams->config.setting_count,
                               },
                               &streams->broker, err);
    streams->owns_broker = !status;
    free(client);
    return status;
}

static sf_status lock_journal(sf_streams *streams, sf_error *err)
{
    if (streams->config.broker)
        return SF_OK;
    return sf_instance_lock_take(streams->config.bootstrap_servers, streams->config.application_id,
                                 &streams->instance_lock, err);
}

static sf_streams *new_streams(const sf_topology *topology, const sf_config *config,
                               const sf_streams_machine *machine)
{
    sf_streams *streams = sf_zalloc(sizeof(*streams));

    streams->topology = topology;
    streams->config = *config;
    streams->machine = *machine;
    streams->instance_lock = -1;
    sf_run_status_init(&streams->status);
    sf_start_gate_init(&streams->gate);
    if (strcmp(config->state_dir, SF_STATE_IN_MEMORY) != 0 && !machine->disk)
        streams->state_directory =
            sf_text_printf("%s/%s", config->state_dir, config->application_id);
    return streams;
}

sf_status sf_streams_new(const sf_topology *topology, const sf_config *config, sf_streams **streams,
                         sf_error *err)
{
    static const sf_streams_machine real;

    return sf_streams_new_on(topology, config, &real, streams, err);
}

sf_status sf_streams_new_on(const sf_topology *topology, const sf_config *config,
                            const sf_streams_machine *machine, sf_streams **streams, sf_error *err)
{
    sf_config complete;
    sf_streams *made;
    sf_status status = sf_config_settings_complete(&complete, config, err);

    if (status)
        return status;
    made = new_streams(topology, &complete, machine);
    status = sf_streams_open_state(made, err);
    if (!status) {
        made->instance_id = sf_text_copy(sf_state_instance_id(made->state));
        status = connect(made, err);
    }
    if (!status)
        status = lock_journal(made, err);
    if (status)
        sf_streams_free(made);
    else
        *streams = made;
    return status;
}

/* ---- end ---- */

void sf_streams_wake(sf_streams *streams)
{
    for (size_t i = 0; i < streams->thread_count; i++)
        sf_stream_thread_wake(streams->threads[i]);
    if (streams->globals)
        sf_global_tables_wake(streams->globals);
    sf_group_watch_stop(streams->watch);
    sf_housekeeper_stop(streams->housekeeper);
}

static int64_t monotonic_ms(void)
{
    return sf_clock_monotonic_us(sf_clock_system()) / 1000; /* people wait by this one */
}

static int64_t time_left(int64_t end, int64_t timeout_ms)
{
    int64_t left = end - monotonic_ms();

    if (timeout_ms < 0)
        return -1;
    return left < 0 ? 0 : left;
}

/* Joins threads until the time is over; those joined are not asked again. */
static bool join_all(sf_streams *streams, int64_t timeout_ms)
{
    int64_t end = monotonic_ms() + timeout_ms;

    while (streams->joined_count < streams->thread_count) {
        if (!sf_stream_thread_join(streams->threads[streams->joined_count],
                                   time_left(end, timeout_ms)))
            return false;
        streams->joined_count++;
    }
    return !streams->globals || sf_global_tables_join(streams->globals, time_left(end, timeout_ms));
}

sf_status sf_streams_close(sf_streams *streams, int64_t timeout_ms, sf_error *err)
{
    int64_t end = monotonic_ms() + timeout_ms;

    (void)sf_run_status_become(&streams->status, SF_STREAMS_PENDING_SHUTDOWN); /* unless it ended */
    atomic_store(&streams->stopping, true);
    if (!sf_start_gate_shut(&streams->gate, timeout_ms))
        return sf_fail_with(err, SF_RETRY, SF_TIMED_OUT, "the application is still starting");
    sf_streams_wake(streams);
    if (!join_all(streams, time_left(end, timeout_ms)))
        return sf_fail_with(err, SF_RETRY, SF_TIMED_OUT,
                            "stream threads are still at their last commit");
    sf_global_tables_close(streams->globals);
    streams->globals = NULL;
    (void)sf_run_status_become(&streams->status, SF_STREAMS_NOT_RUNNING); /* unless it failed */
    return SF_OK;
}

void sf_streams_free(sf_streams *streams)
{
    if (!streams)
        return;
    (void)sf_streams_close(streams, -1, NULL); /* without a limit it cannot fail */
    sf_call_watch_free(streams->call_watch);
    for (size_t i = 0; i < streams->thread_count; i++)
        sf_stream_thread_free(streams->threads[i]);
    free(streams->threads);
    sf_group_watch_free(streams->watch);
    sf_housekeeper_free(streams->housekeeper);
    sf_layout_free(streams->layout);
    free(streams->counts);
    sf_state_close(streams->state);
    if (streams->owns_broker)
        sf_broker_close(streams->broker);
    if (streams->instance_lock >= 0)
        close(streams->instance_lock);
    free(streams->instance_id);
    free(streams->state_directory);
    sf_start_gate_done(&streams->gate);
    sf_run_status_done(&streams->status);
    sf_config_done(&streams->config);
    free(streams);
}

/* ---- what others ask ---- */

sf_run_state sf_streams_state(const sf_streams *streams)
{
    return atomic_load(&streams->status.state);
}

bool sf_streams_wait(sf_streams *streams, sf_run_state state, int64_t timeout_ms)
{
    return sf_run_status_wait(&streams->status, state, timeout_ms);
}

void sf_streams_set_listener(sf_streams *streams, sf_state_fn fn, void *user)
{
    streams->status.listener = fn;
    streams->status.listener_user = user;
}

void sf_streams_set_commit_listener(sf_streams *streams, sf_committed_fn fn, void *user)
{
    streams->on_commit = fn;
    streams->on_commit_user = user;
}

bool sf_streams_error(const sf_streams *streams, sf_error *err)
{
    return sf_run_status_error((sf_run_status *)&streams->status, err); /* a lock inside */
}

static void add_view(sf_streams_counters *sum, const sf_thread_view *view)
{
    sum->processed += view->records.processed;
    sum->dropped += view->records.dropped;
    sum->skipped += view->records.skipped;
    sum->dead_letters += view->records.dead_letters;
    sum->commits += view->counters.commits;
    sum->aborts += view->counters.aborts;
    sum->rebuilds += view->counters.rebuilds;
    sum->replacements += view->counters.replacements;
    sum->restored += view->counters.restored;
    sum->restore_remaining += view->restore_remaining;
    sum->tasks += (uint32_t)view->tasks;
    sum->tasks_running += (uint32_t)view->tasks_running;
}

static bool has_threads(const sf_streams *streams)
{
    return sf_streams_state(streams) != SF_STREAMS_CREATED;
}

void sf_streams_counters_get(const sf_streams *streams, sf_streams_counters *counters)
{
    *counters = (sf_streams_counters){0};
    for (size_t i = 0; has_threads(streams) && i < streams->thread_count; i++) {
        sf_thread_view view;

        sf_stream_thread_view(streams->threads[i], &view);
        add_view(counters, &view);
    }
}

const char *sf_streams_instance_id(const sf_streams *streams)
{
    return streams->instance_id;
}

const sf_store_options *sf_streams_find_store(const sf_streams *streams, const char *name,
                                              size_t *subtopology)
{
    const sf_topology *topology = streams->topology;

    for (size_t i = 0; i < topology->store_count; i++) {
        if (strcmp(topology->stores[i].options.name, name) != 0)
            continue;
        *subtopology = topology->stores[i].subtopology;
        return &topology->stores[i].options;
    }
    for (size_t i = 0; i < topology->global_count; i++) {
        if (strcmp(topology->globals[i].options.name, name) != 0)
            continue;
        *subtopology = SF_NO_SUBTOPOLOGY;
        return &topology->globals[i].options;
    }
    return NULL;
}

sf_state *sf_streams_published_state(const sf_streams *streams)
{
    return has_threads(streams) ? streams->state : NULL;
}

int32_t sf_streams_task_count(const sf_streams *streams, size_t subtopology)
{
    if (!has_threads(streams) || !streams->counts)
        return 0;
    if (subtopology == SF_NO_SUBTOPOLOGY)
        return 1;
    return sf_topology_task_count(streams->topology, subtopology, streams->counts);
}

size_t sf_streams_find_task(const sf_streams *streams, size_t subtopology, int32_t partition)
{
    for (size_t i = 0; i < sf_layout_task_count(streams->layout); i++) {
        const sf_layout_task *task = sf_layout_task_at(streams->layout, i);

        if (task->subtopology == subtopology && task->partition == partition)
            return i;
    }
    return SIZE_MAX;
}

void sf_streams_set_commit_hook(sf_streams *streams, sf_commit_step_fn after_step, void *user)
{
    streams->after_commit_step = after_step;
    streams->commit_user = user;
}
