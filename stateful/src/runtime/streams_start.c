/* streams_start.c - from a configuration to running threads: topics, layout, state, threads. */
#include "runtime/streams_implementation.h"

#include <stdlib.h>

#include <stateful/log.h>

#include "base/file.h"
#include "base/memory.h"
#include "runtime/app_topics.h"
#include "store/meta.h"
#include "topology/topology_implementation.h"

enum {
    EMPTY_SLACK_MS = 2000, /* after a session's end, until the broker has put the member out */
};

/* ---- state of the whole from the states of its threads ---- */

static void end_all(sf_streams *streams, const sf_error *error)
{
    sf_run_status_fail(&streams->status, error);
    atomic_store(&streams->stopping, true);
    (void)sf_run_status_become(&streams->status, SF_STREAMS_ERROR); /* or it is already */
    sf_streams_wake(streams);
}

/* On the thread that committed. */
static void on_thread_committed(void *user)
{
    const sf_streams *streams = user;

    if (streams->on_commit)
        streams->on_commit(streams->on_commit_user);
}

/* On the thread that changed. */
static void on_thread_changed(void *user)
{
    sf_streams *streams = user;
    bool all_run = true;

    for (size_t i = 0; i < streams->thread_count; i++) {
        sf_thread_view view;

        sf_stream_thread_view(streams->threads[i], &view);
        all_run = all_run && view.is_running;
        if (view.error.status) {
            end_all(streams, &view.error);
            return;
        }
    }
    if (!atomic_load(&streams->stopping))
        (void)sf_run_status_become(&streams->status,
                                   all_run ? SF_STREAMS_RUNNING : SF_STREAMS_REBALANCING);
}

static sf_retry_policy start_retry(const sf_streams *streams)
{
    return (sf_retry_policy){
        .clock = streams->config.clock,
        .limit_ms = streams->config.task_timeout_ms,
        .limit_stopping_ms = 0,
        .stopping = &streams->stopping,
    };
}

/* Others learn of it from the layout topic; that this instance stops is sure in any case. */
static void stop_all_instances(sf_streams *streams, const sf_error *error)
{
    sf_error why = {0};

    if (!sf_broker_has_groups(streams->broker))
        return;
    if (sf_layout_ask_to_stop(streams->layout, start_retry(streams), streams->instance_id,
                              error->text, &why))
        sf_log(SF_LOG_ERROR, "other instances could not be told to stop reason=\"%s\"", why.text);
}

/* On the thread that failed. */
static bool on_thread_failed(void *user, size_t number, const sf_error *error)
{
    sf_streams *streams = user;
    sf_failure_answer answer = SF_SHUT_DOWN_INSTANCE;

    if (streams->on_failure)
        answer = streams->on_failure(streams->failure_user, number, error);
    if (answer == SF_SHUT_DOWN_APPLICATION)
        stop_all_instances(streams, error);
    return answer == SF_REPLACE_THREAD;
}

/* ---- start ---- */

static sf_status prepare_topics(sf_streams *streams, sf_error *err)
{
    const sf_app_topics_options options = {
        .topology = streams->topology,
        .config = &streams->config,
        .broker = streams->broker,
        .retry = start_retry(streams),
    };
    sf_status status = sf_app_topics_prepare(&options, &streams->counts, err);

    if (!status)
        status = sf_layout_open(
            &(sf_layout_options){
                .broker = streams->broker,
                .application_id = streams->config.application_id,
                .topology = streams->topology,
                .counts = streams->counts,
                .retry = start_retry(streams),
                .empty_within_ms = streams->config.session_timeout_ms + EMPTY_SLACK_MS,
                .seed = streams->machine.seed,
            },
            &streams->layout, err);
    if (!status && sf_broker_has_groups(streams->broker))
        status = sf_app_topics_prepare_tasks(&options,
                                             (int32_t)sf_layout_task_count(streams->layout), err);
    return status;
}

static sf_status keep_incarnation(sf_streams *streams, sf_error *err)
{
    sf_state_commit *commit = sf_state_commit_new(streams->state);
    sf_status status = sf_meta_put_incarnation(sf_state_database(streams->state, false),
                                               sf_state_commit_batch(commit, false),
                                               sf_layout_incarnation(streams->layout), err);

    if (!status)
        status = sf_state_commit_write(commit, err);
    sf_state_commit_free(commit);
    return status;
}

static sf_status remove_database(const sf_streams *streams, sf_error *err)
{
    char *path;
    sf_status status;

    if (!streams->state_directory)
        return SF_OK;
    path = sf_text_printf("%s/db", streams->state_directory); /* store/state_directory.h */
    status = sf_directory_remove(path, err);
    free(path);
    return status;
}

/* The topics that this state belongs to are gone; so is what it says. The instance keeps its id. */
static sf_status begin_anew(sf_streams *streams, sf_error *err)
{
    sf_status status;

    sf_log(SF_LOG_WARN, "state of an earlier incarnation is cleared directory=%s",
           streams->state_directory ? streams->state_directory : SF_STATE_IN_MEMORY);
    sf_state_close(streams->state);
    streams->state = NULL;
    status = remove_database(streams, err);
    if (!status)
        status = sf_streams_open_state(streams, err);
    return status;
}

static sf_status check_incarnation(sf_streams *streams, sf_error *err)
{
    uint64_t kept = 0;
    sf_status status =
        sf_meta_get_incarnation(sf_state_database(streams->state, false), &kept, err);

    if (status || kept == sf_layout_incarnation(streams->layout))
        return status;
    if (kept)
        status = begin_anew(streams, err);
    if (!status)
        status = keep_incarnation(streams, err);
    return status;
}

static void on_globals_failed(void *user, const sf_error *error)
{
    end_all(user, error);
}

/* Global tables are whole before anything is processed. */
static sf_status read_globals(sf_streams *streams, sf_error *err)
{
    sf_status status;

    if (!streams->topology->global_count)
        return SF_OK;
    status = sf_global_tables_open(
        &(sf_global_tables_options){
            .topology = streams->topology,
            .counts = streams->counts,
            .broker = streams->broker,
            .state = streams->state,
            .clock = streams->config.clock,
            .retry = start_retry(streams),
            .listener = &streams->restore_listener,
            .failed = on_globals_failed,
            .user = streams,
        },
        &streams->globals, err);
    return status ? status : sf_global_tables_restore(streams->globals, err);
}

static sf_memory_shares share_memory(const sf_streams *streams)
{
    size_t threads = (size_t)streams->config.num_stream_threads;
    size_t bytes = streams->machine.memory_bytes ? streams->machine.memory_bytes
                                                 : streams->config.memory_max_bytes;
    sf_memory_owned owned = {.threads = threads};
    sf_memory_shares shares;

    for (size_t i = 0; i < sf_layout_task_count(streams->layout); i++) {
        size_t s = sf_layout_task_at(streams->layout, i)->subtopology;

        if (s != SF_NO_SUBTOPOLOGY)
            owned.inputs += streams->topology->subtopologies[s].input_count;
    }
    shares = sf_memory_shares_of(bytes, owned);
    sf_log(SF_LOG_INFO,
           "memory shared out max_bytes=%zu threads=%zu inputs=%zu queue=%zu cache=%zu dirty=%zu "
           "blocks=%zu memtables=%zu",
           bytes, threads, owned.inputs, shares.queue_bytes, shares.cache_bytes, shares.dirty_bytes,
           shares.block_cache_bytes, shares.memtable_bytes);
    return shares;
}

static void on_call_lasting(void *user, const sf_error *error)
{
    sf_log(SF_LOG_ERROR, "%s", error->text);
    end_all(user, error);
}

/* A journal does not make anybody wait. */
static void make_call_watch(sf_streams *streams)
{
    const sf_broker_call **calls;

    if (!sf_broker_has_groups(streams->broker) || streams->config.task_timeout_ms < 0)
        return;
    calls = sf_realloc_array(NULL, streams->thread_count, sizeof(calls[0]));
    for (size_t i = 0; i < streams->thread_count; i++)
        calls[i] = sf_stream_thread_call(streams->threads[i]);
    streams->call_watch = sf_call_watch_new(&(sf_call_watch_options){
        .calls = calls,
        .count = streams->thread_count,
        .limit_ms = streams->config.task_timeout_ms,
        .clock = streams->config.clock,
        .failed = on_call_lasting,
        .user = streams,
    });
    free(calls);
}

static void on_watch_failed(void *user, const sf_error *error)
{
    end_all(user, error);
}

static void make_watch(sf_streams *streams)
{
    if (!sf_broker_has_groups(streams->broker))
        return;
    streams->watch = sf_group_watch_new(&(sf_group_watch_options){
        .broker = streams->broker,
        .application_id = streams->config.application_id,
        .topology = streams->topology,
        .counts = streams->counts,
        .task_count = sf_layout_task_count(streams->layout),
        .follows_group = streams->config.application_server != NULL,
        .clock = streams->config.clock,
        .failed = on_watch_failed,
        .user = streams,
    });
}

static void make_housekeeper(sf_streams *streams)
{
    streams->housekeeper = sf_housekeeper_new(&(sf_housekeeper_options){
        .topology = streams->topology,
        .application_id = streams->config.application_id,
        .broker = streams->broker,
        .state = streams->state,
        .clock = streams->config.clock,
        .cleanup_delay_ms = streams->config.state_cleanup_delay_ms,
        .purge_interval_ms = streams->config.repartition_purge_interval_ms,
    });
}

static void make_threads(sf_streams *streams)
{
    sf_worker_options options = {
        .topology = streams->topology,
        .config = &streams->config,
        .broker = streams->broker,
        .state = streams->state,
        .layout = streams->layout,
        .counts = streams->counts,
        .instance_id = streams->instance_id,
        .shares = share_memory(streams),
        .stopping = &streams->stopping,
        .paused = &streams->paused,
        .restore_listener = &streams->restore_listener,
        .loads_always = streams->machine.loads_always,
        .watch = streams->watch,
        .after_commit_step = streams->after_commit_step,
        .commit_user = streams->commit_user,
    };
    const sf_thread_listener listener = {
        .changed = on_thread_changed,
        .committed = on_thread_committed,
        .failed = on_thread_failed,
        .user = streams,
    };
    size_t count = (size_t)streams->config.num_stream_threads;

    streams->threads = sf_zalloc(count * sizeof(streams->threads[0]));
    for (size_t i = 0; i < count; i++) {
        options.number = i;
        streams->threads[i] = sf_stream_thread_new(&options, &listener);
    }
    streams->thread_count = count;
}

/* Ends those that run when one cannot be started. */
static sf_status start_threads(sf_streams *streams, sf_error *err)
{
    sf_status status = SF_OK;
    size_t started = 0;

    while (!status && started < streams->thread_count) {
        status = sf_stream_thread_start(streams->threads[started], err);
        started += !status;
    }
    if (!status)
        return SF_OK;
    atomic_store(&streams->stopping, true);
    sf_streams_wake(streams);
    for (size_t i = 0; i < streams->thread_count; i++) {
        if (i < started)
            (void)sf_stream_thread_join(streams->threads[i], -1); /* it was told to end */
        sf_stream_thread_free(streams->threads[i]);
    }
    streams->thread_count = 0;
    return status;
}

static void forget_topics(sf_streams *streams)
{
    sf_layout_free(streams->layout);
    streams->layout = NULL;
    free(streams->counts);
    streams->counts = NULL;
}

/* Topics, layout, state and global tables; after a failure it can be called again. */
static sf_status prepare_all(sf_streams *streams, sf_error *err)
{
    sf_status status = prepare_topics(streams, err);

    if (!status)
        status = check_incarnation(streams, err);
    if (!status)
        status = read_globals(streams, err);
    if (status) {
        sf_global_tables_close(streams->globals);
        streams->globals = NULL;
        forget_topics(streams);
    }
    return status;
}

/* Those that run when one cannot be started are told to end; sf_streams_close joins them. */
static sf_status start_all(sf_streams *streams, sf_error *err)
{
    sf_status status = start_threads(streams, err);

    if (!status && streams->globals)
        status = sf_global_tables_start(streams->globals, err);
    if (!status && streams->watch)
        status = sf_group_watch_start(streams->watch, err);
    if (!status && streams->call_watch)
        status = sf_call_watch_start(streams->call_watch, err);
    if (!status)
        status = sf_housekeeper_start(streams->housekeeper, err);
    if (status) {
        atomic_store(&streams->stopping, true);
        sf_streams_wake(streams);
    }
    return status;
}

static sf_status make_ready(sf_streams *streams, sf_error *err)
{
    sf_status status;

    if (sf_streams_state(streams) != SF_STREAMS_CREATED)
        return sf_fail(err, SF_INVALID, "the application was started before");
    status = prepare_all(streams, err);
    if (status)
        return status;
    make_watch(streams);
    make_housekeeper(streams);
    make_threads(streams);
    make_call_watch(streams);
    (void)sf_run_status_become(&streams->status, SF_STREAMS_REBALANCING); /* from CREATED */
    return SF_OK;
}

sf_status sf_streams_prepare(sf_streams *streams, sf_error *err)
{
    sf_status status = make_ready(streams, err);

    if (!status)
        streams->joined_count = streams->thread_count; /* there is nothing to join */
    return status;
}

static sf_status start_now(sf_streams *streams, sf_error *why)
{
    sf_status status = make_ready(streams, why);

    if (status)
        return status;
    status = start_all(streams, why);
    if (status) {
        sf_run_status_fail(&streams->status, why);
        (void)sf_run_status_become(&streams->status, SF_STREAMS_ERROR); /* from REBALANCING */
    }
    return status;
}

sf_status sf_streams_start(sf_streams *streams, sf_error *err)
{
    sf_error own = {0};
    sf_error *why = err ? err : &own;
    sf_status status;

    if (!sf_start_gate_enter(&streams->gate))
        return sf_fail(err, SF_CLOSED, "the application was closed, or another start is under way");
    status = start_now(streams, why);
    if (status && sf_streams_state(streams) == SF_STREAMS_PENDING_SHUTDOWN) {
        why->code = SF_CLOSED;
        status = sf_error_prefix(why, status, "closed while it was starting");
    }
    sf_start_gate_leave(&streams->gate);
    return status;
}
