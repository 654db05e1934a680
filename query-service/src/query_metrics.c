#include "query_metrics.h"

#include <stdlib.h>

#include "base/memory.h"

struct query_metrics {
    fleet *fleet;
    sf_streams *streams; /* the fleet's */
    waiting_reads *waiting;
    sf_metric *state;
    sf_metric_series *consumed;
    sf_metric_series *late, *skipped, *dead_letters;
    sf_metric_series *commits, *aborts, *rebuilds;
    sf_metric_series *restored, *restore_remaining;
    sf_metric_series *tasks, *tasks_running;
    sf_metric_series *waiting_count;
    sf_metric_series *asked, *unanswered;
};

static void set_state(query_metrics *of)
{
    const char *values[] = {sf_run_state_name(sf_streams_state(of->streams))};

    sf_metric_hide(of->state);
    sf_metric_set(sf_metric_at(of->state, values), 1);
}

static void collect(void *user)
{
    query_metrics *of = user;
    courier_counters questions = fleet_count(of->fleet);
    sf_streams_counters counters;

    sf_streams_counters_get(of->streams, &counters);
    set_state(of);
    sf_metric_set(of->consumed, (double)counters.processed);
    sf_metric_set(of->late, (double)counters.dropped);
    sf_metric_set(of->skipped, (double)counters.skipped);
    sf_metric_set(of->dead_letters, (double)counters.dead_letters);
    sf_metric_set(of->commits, (double)counters.commits);
    sf_metric_set(of->aborts, (double)counters.aborts);
    sf_metric_set(of->rebuilds, (double)counters.rebuilds);
    sf_metric_set(of->restored, (double)counters.restored);
    sf_metric_set(of->restore_remaining, (double)counters.restore_remaining);
    sf_metric_set(of->tasks, counters.tasks);
    sf_metric_set(of->tasks_running, counters.tasks_running);
    sf_metric_set(of->waiting_count, (double)waiting_reads_count(of->waiting));
    sf_metric_set(of->asked, (double)questions.asked);
    sf_metric_set(of->unanswered, (double)questions.unanswered);
}

static sf_metric *add(sf_metrics *metrics, sf_metric_kind kind, const char *name, const char *help,
                      const char *labels)
{
    return sf_metrics_add(
        metrics, &(sf_metric_options){.kind = kind, .name = name, .help = help, .labels = labels});
}

static sf_metric_series *add_counter(sf_metrics *metrics, const char *name, const char *help)
{
    return sf_metric_at(add(metrics, SF_METRIC_COUNTER, name, help, NULL), NULL);
}

static sf_metric_series *add_gauge(sf_metrics *metrics, const char *name, const char *help)
{
    return sf_metric_at(add(metrics, SF_METRIC_GAUGE, name, help, NULL), NULL);
}

static void add_dropped(query_metrics *of, sf_metrics *metrics)
{
    sf_metric *dropped =
        add(metrics, SF_METRIC_COUNTER, "streams_dropped_records_total",
            "Records that changed nothing: repeated, late or without a key (passed); refused "
            "ones that are skipped; refused ones that became dead letters.",
            "reason");

    of->late = sf_metric_at(dropped, (const char *[]){"passed"});
    of->skipped = sf_metric_at(dropped, (const char *[]){"skipped"});
    of->dead_letters = sf_metric_at(dropped, (const char *[]){"dead_letter"});
}

query_metrics *query_metrics_new(sf_metrics *metrics, fleet *instances, waiting_reads *waiting)
{
    query_metrics *of = sf_zalloc(sizeof *of);

    of->fleet = instances;
    of->streams = fleet_streams(instances);
    of->waiting = waiting;
    of->state = add(metrics, SF_METRIC_GAUGE, "streams_state",
                    "1 for the state that the application is in.", "state");
    of->consumed =
        add_counter(metrics, "streams_records_consumed_total", "Records taken from input topics.");
    add_dropped(of, metrics);
    of->commits = add_counter(metrics, "streams_commits_total", "Commits of all threads.");
    of->aborts = add_counter(metrics, "streams_aborts_total",
                             "Commits that were taken back and done again.");
    of->rebuilds = add_counter(metrics, "streams_rebuilds_total",
                               "Tasks taken up anew from their changelogs.");
    of->restored = add_counter(metrics, "streams_restored_records_total",
                               "Changelog records put into stores.");
    of->restore_remaining = add_gauge(metrics, "streams_restore_remaining_records",
                                      "Changelog records still ahead of the restore, at most.");
    of->tasks = add_gauge(metrics, "streams_tasks", "Tasks that this instance has.");
    of->tasks_running = add_gauge(metrics, "streams_tasks_running", "Tasks that process records.");
    of->waiting_count =
        add_gauge(metrics, "http_waiting_reads", "Reads that wait for a version to come.");
    of->asked = add_counter(metrics, "fleet_questions_total", "Requests sent to other instances.");
    of->unanswered = add_counter(metrics, "fleet_questions_unanswered_total",
                                 "Requests to other instances that got no answer in time.");
    sf_metrics_add_collector(metrics, collect, of);
    return of;
}

void query_metrics_free(query_metrics *of)
{
    free(of);
}
