#include "runtime/worker.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/advertised_address.h"

enum {
    STOPPING_LIMIT_MS = 5000, /* how long a broker that is away may hold up the end */
};

sf_retry_policy sf_worker_retry(const sf_worker *worker)
{
    return (sf_retry_policy){
        .clock = worker->options.config->clock,
        .limit_ms = worker->options.config->task_timeout_ms,
        .limit_stopping_ms = STOPPING_LIMIT_MS,
        .stopping = worker->options.stopping,
        .deadline_us = &worker->deadline_us,
    };
}

static sf_sender *new_sender(const sf_worker *worker)
{
    const sf_config *config = worker->options.config;
    char *id = NULL;
    sf_sender *sender;

    if (config->guarantee == SF_EXACTLY_ONCE_V2)
        id = sf_text_printf("%s-%s-%zu", config->application_id, worker->options.instance_id,
                            worker->options.number);
    sender = sf_sender_new(&(sf_sender_options){
        .broker = worker->options.broker,
        .transactional_id = id,
        .transaction_timeout_ms = config->transaction_timeout_ms,
        .queue_size_bytes = worker->options.shares.sender_bytes,
        .expected =
            sf_task_topics_written(worker->options.topology, config->application_id, worker->names),
        .retry = sf_worker_retry(worker),
        .call = worker->options.call,
    });
    free(id);
    return sender;
}

sf_worker *sf_worker_new(const sf_worker_options *options)
{
    sf_worker *worker = sf_zalloc(sizeof(*worker));

    worker->options = *options;
    worker->cache.limit = options->shares.cache_bytes;
    worker->names = sf_arena_new();
    worker->inputs =
        sf_task_topics_read(options->topology, options->config->application_id, worker->names);
    worker->sender = new_sender(worker);
    worker->restore = sf_restore_new(&(sf_restore_options){
        .broker = options->broker,
        .application_id = options->config->application_id,
        .state = options->state,
        .clock = options->config->clock,
        .listener = options->restore_listener,
        .queue_bytes = options->shares.queue_bytes,
        .load_records = options->loads_always ? 1 : 0,
    });
    worker->batch = sf_state_commit_new(options->state);
    return worker;
}

static sf_status new_consumer(sf_worker *worker, sf_error *err)
{
    const sf_config *config = worker->options.config;
    sf_retry retry = sf_retry_begin(sf_worker_retry(worker));
    char *client = sf_advertised_address_client_id(
        config->application_id, worker->options.instance_id, config->application_server);
    char *member = sf_text_printf("%s-%zu", worker->options.instance_id, worker->options.number);
    bool is_static = config->membership == SF_MEMBERSHIP_STATIC;
    sf_status status;

    do
        status = sf_consumer_new(worker->options.broker,
                                 &(sf_consumer_options){
                                     .group = config->application_id,
                                     .instance = is_static ? member : NULL,
                                     .client_id = client,
                                     .queue_size_bytes = worker->options.shares.queue_bytes,
                                     .session_timeout_ms = config->session_timeout_ms,
                                 },
                                 &worker->consumer, err);
    while (sf_retry_again(&retry, &status, err));
    free(member);
    free(client);
    return status;
}

sf_status sf_worker_connect(sf_worker *worker, sf_error *err)
{
    sf_status status = sf_sender_connect(worker->sender, err);

    if (!status)
        status = new_consumer(worker, err);
    if (!status) /* before it fetches: then questions wait in line; a failure is told to who adds one */
        (void)sf_consumer_expect(worker->consumer, worker->inputs.names, worker->inputs.count,
                                 NULL);
    if (!status)
        sf_wake_bell_hang(worker->options.bell, worker->consumer);
    return status;
}

void sf_worker_disconnect(sf_worker *worker)
{
    while (worker->task_count > 0)
        sf_worker_remove_task(worker, worker->tasks[0]->index);
    sf_sender_disconnect(worker->sender); /* before another member may start with its positions */
    sf_wake_bell_hang(worker->options.bell, NULL);
    sf_broker_call_begin(worker->options.call, worker->options.config->clock, "leave the group");
    sf_consumer_close(worker->consumer);
    sf_broker_call_end(worker->options.call);
    worker->consumer = NULL;
    worker->has_assignment = false;
    worker->layout_due = false;
    worker->positions_due = false;
    worker->rebalance_error = (sf_error){0}; /* of callbacks that are past */
}

void sf_worker_begin_anew(sf_worker *worker)
{
    sf_worker_disconnect(worker);
    sf_state_commit_clear(worker->batch);
    worker->trouble_us = 0;
    memset(worker->rebuilt_us, 0, sizeof(worker->rebuilt_us));
    worker->counters.replacements++;
}

void sf_worker_free(sf_worker *worker)
{
    if (!worker)
        return;
    sf_worker_disconnect(worker);
    sf_sender_free(worker->sender);
    sf_arena_free(worker->names);
    sf_restore_free(worker->restore);
    sf_state_commit_free(worker->batch);
    free(worker->tasks);
    free(worker->offsets);
    sf_buffer_done(&worker->metadata);
    free(worker);
}

sf_status sf_worker_check_layout(sf_worker *worker, sf_error *err)
{
    bool is_end = true;
    sf_status status = SF_OK;

    if (worker->layout_due)
        status = sf_layout_refresh(worker->options.layout, sf_worker_retry(worker), &is_end, err);
    if (!status)
        worker->layout_due = !is_end;
    return status;
}

static size_t find(const sf_worker *worker, size_t index)
{
    size_t i = 0;

    while (i < worker->task_count && worker->tasks[i]->index != index)
        i++;
    return i;
}

void sf_worker_add_task(sf_worker *worker, size_t index)
{
    if (find(worker, index) < worker->task_count)
        return;
    worker->tasks =
        sf_realloc_array(worker->tasks, worker->task_count + 1, sizeof(worker->tasks[0]));
    worker->tasks[worker->task_count++] =
        sf_active_task_new(index, sf_layout_task_at(worker->options.layout, index));
}

static void add_counters(sf_task_counters *sum, const sf_task_counters *more)
{
    sum->processed += more->processed;
    sum->dropped += more->dropped;
    for (size_t i = 0; i < SF_DROP_REASONS; i++)
        sum->dropped_by[i] += more->dropped_by[i];
    sum->skipped += more->skipped;
    sum->dead_letters += more->dead_letters;
}

void sf_worker_reset_task(sf_worker *worker, sf_active_task *active)
{
    if (active->task)
        add_counters(&worker->counters.closed_tasks, sf_task_counters_of(active->task));
    sf_restore_cancel(worker->restore, active);
    for (size_t i = 0; i < active->input_count; i++) {
        if (active->inputs[i].reader)
            sf_consumer_remove(worker->consumer, active->inputs[i].reader);
        active->inputs[i].reader = NULL;
    }
    sf_active_task_reset(active, worker->options.state);
}

void sf_worker_remove_task(sf_worker *worker, size_t index)
{
    size_t i = find(worker, index);

    if (i == worker->task_count)
        return;
    sf_worker_reset_task(worker, worker->tasks[i]);
    sf_active_task_free(worker->tasks[i]);
    worker->tasks[i] = worker->tasks[--worker->task_count];
}

bool sf_worker_is_paused(const sf_worker *worker)
{
    return atomic_load(worker->options.paused);
}

bool sf_worker_is_taking_up(const sf_worker *worker)
{
    for (size_t i = 0; i < worker->task_count; i++) {
        if (worker->tasks[i]->state != SF_ACTIVE_RUNNING)
            return true;
    }
    return false;
}

bool sf_worker_is_running(const sf_worker *worker)
{
    return worker->has_assignment && !worker->positions_due && !sf_worker_is_taking_up(worker);
}

bool sf_worker_has_uncommitted(const sf_worker *worker)
{
    for (size_t i = 0; i < worker->task_count; i++) {
        if (worker->tasks[i]->state == SF_ACTIVE_RUNNING &&
            sf_task_has_uncommitted(worker->tasks[i]->task))
            return true;
    }
    return worker->positions_due;
}

int64_t sf_worker_now_us(const sf_worker *worker)
{
    return sf_clock_monotonic_us(worker->options.config->clock);
}

int64_t sf_worker_since_commit_ms(const sf_worker *worker)
{
    return (sf_worker_now_us(worker) - worker->pace.ended_us) / 1000;
}

int64_t sf_worker_idle_wait_us(const sf_worker *worker)
{
    return sf_commit_pace_idle_wait_us(&worker->pace, worker->options.config,
                                       sf_worker_now_us(worker));
}

sf_task_counters sf_worker_task_counters(const sf_worker *worker)
{
    sf_task_counters sum = worker->counters.closed_tasks;

    for (size_t i = 0; i < worker->task_count; i++) {
        if (worker->tasks[i]->task)
            add_counters(&sum, sf_task_counters_of(worker->tasks[i]->task));
    }
    return sum;
}
