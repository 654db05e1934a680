#include "command_metrics.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"

struct command_metrics {
    struct command_pool *pool;
    unsigned pool_size;
    sf_metric_series *idle, *busy, *missing;
    sf_metric_series *breaker;
    sf_metric_series *queued;
    sf_metric *pending, *failed, *oldest; /* only the active relay knows them */
    sf_metric_series *published, *failures, *active;
    pthread_mutex_t mutex; /* for the next */
    struct relay *relay;
};

static sf_metric *add(sf_metrics *metrics, const char *name, const char *help)
{
    return sf_metrics_add(
        metrics, &(sf_metric_options){.kind = SF_METRIC_GAUGE, .name = name, .help = help});
}

static sf_metric_series *add_one(sf_metrics *metrics, sf_metric_kind kind, const char *name,
                                 const char *help)
{
    return sf_metric_at(
        sf_metrics_add(metrics, &(sf_metric_options){.kind = kind, .name = name, .help = help}),
        NULL);
}

static void add_database(struct command_metrics *of, sf_metrics *metrics)
{
    sf_metric *connections =
        sf_metrics_add(metrics, &(sf_metric_options){.kind = SF_METRIC_GAUGE,
                                                     .name = "db_pool_connections",
                                                     .help = "Connections for commands.",
                                                     .labels = "state"});

    of->idle = sf_metric_at(connections, (const char *[]){"idle"});
    of->busy = sf_metric_at(connections, (const char *[]){"busy"});
    of->missing = sf_metric_at(connections, (const char *[]){"missing"});
    of->breaker = add_one(metrics, SF_METRIC_GAUGE, "db_breaker_state",
                          "Circuit breaker of the database: 0 closed, 1 half open, 2 open.");
    of->queued = add_one(metrics, SF_METRIC_GAUGE, "db_queued_commands",
                         "Commands that wait for a connection.");
}

static void add_outbox(struct command_metrics *of, sf_metrics *metrics)
{
    of->active = add_one(metrics, SF_METRIC_GAUGE, "outbox_relay_active",
                         "Whether this instance's relay is the active one.");
    of->pending = add(metrics, "outbox_pending_events", "Events that are not published yet.");
    of->failed =
        add(metrics, "outbox_failed_events", "Events that cannot be published as they are.");
    of->oldest = add(metrics, "outbox_oldest_pending_age_seconds",
                     "How long the oldest pending event has waited.");
    of->published = add_one(metrics, SF_METRIC_COUNTER, "outbox_published_total",
                            "Events published by this instance.");
    of->failures = add_one(metrics, SF_METRIC_COUNTER, "outbox_relay_failures_total",
                           "Rounds of the relay that did not come to their end.");
}

static void collect_database(const struct command_metrics *of)
{
    command_queue_state state = command_pool_get_state(of->pool);

    sf_metric_set(of->idle, state.idle);
    sf_metric_set(of->busy, state.connected - state.idle);
    sf_metric_set(of->missing, of->pool_size - state.connected);
    sf_metric_set(of->breaker, state.circuit);
    sf_metric_set(of->queued, (double)state.waiting);
}

static void collect_outbox(struct command_metrics *of)
{
    relay_state state;

    relay_get_state(of->relay, &state);
    sf_metric_set(of->active, state.is_active);
    sf_metric_set(of->published, (double)state.published);
    sf_metric_set(of->failures, (double)state.failures);
    sf_metric_hide(of->pending);
    sf_metric_hide(of->failed);
    sf_metric_hide(of->oldest);
    if (!state.is_active)
        return;
    sf_metric_set(sf_metric_at(of->pending, NULL), (double)state.backlog.pending);
    sf_metric_set(sf_metric_at(of->failed, NULL), (double)state.backlog.failed);
    sf_metric_set(sf_metric_at(of->oldest, NULL), (double)state.oldest_age_ms / 1000);
}

static void collect(void *user)
{
    struct command_metrics *of = user;

    collect_database(of);
    pthread_mutex_lock(&of->mutex);
    if (of->relay)
        collect_outbox(of);
    pthread_mutex_unlock(&of->mutex);
}

struct command_metrics *command_metrics_new(sf_metrics *metrics, struct command_pool *pool,
                                            unsigned pool_size)
{
    struct command_metrics *of = sf_zalloc(sizeof(*of));

    of->pool = pool;
    of->pool_size = pool_size;
    pthread_mutex_init(&of->mutex, NULL);
    add_database(of, metrics);
    add_outbox(of, metrics);
    sf_metrics_add_collector(metrics, collect, of);
    return of;
}

void command_metrics_free(struct command_metrics *of)
{
    if (!of)
        return;
    pthread_mutex_destroy(&of->mutex);
    free(of);
}

void command_metrics_follow(struct command_metrics *of, struct relay *relay)
{
    pthread_mutex_lock(&of->mutex);
    of->relay = relay;
    pthread_mutex_unlock(&of->mutex);
}
