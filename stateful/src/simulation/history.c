/* history.c - the course of a history: machines run while records are fed and faults strike, then all is
 * quiet until everything is processed, then it is judged.
 *
 * All that a seed says is drawn here, in one order: what is left out of the plan changes nothing of the
 * rest of the draw.
 */
#include "simulation/history.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "simulation/outcome_check.h"
#include "simulation/recreation.h"
#include "simulation/world.h"
#include "store/registry.h"
#include "topology/topology_implementation.h"

enum {
    USUAL_RECORDS = 60,
    LOOK_EVERY = 24,    /* steps */
    ROUNDS_MAX = 30000, /* until everything must be processed */
    STEPS_A_RECORD = 4,
    STEPS_LEAST = 120,
};

typedef struct course {
    sf_world_options world;
    sf_fault_plan plan;
    size_t steps;
} course;

static void fail(sf_simulation_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void fail(sf_simulation_report *report, const char *format, ...)
{
    va_list arguments;

    if (!report->passed)
        return;
    report->passed = false;
    va_start(arguments, format);
    (void)vsnprintf(report->failure, sizeof(report->failure), format, arguments); /* or cut */
    va_end(arguments);
}

/* ---- what the seed says ---- */

static sf_config draw_config(sf_random *random)
{
    static const int64_t intervals[] = {10, 30, 100};
    static const int32_t transactions[] = {2000, 10000, 60000};
    static const int32_t sessions[] = {1500, 6000, 6000, 30000};

    return (sf_config){
        .application_id = SF_WORLD_APPLICATION,
        .num_stream_threads = sf_random_below(random, 4) ? 1 : 2,
        .commit_interval_ms = intervals[sf_random_below(random, 3)],
        .transaction_timeout_ms = transactions[sf_random_below(random, 3)],
        .session_timeout_ms = sessions[sf_random_below(random, 4)],
        .membership = sf_random_below(random, 3) ? SF_MEMBERSHIP_STATIC : SF_MEMBERSHIP_DYNAMIC,
        .commit_min_interval_ms = 1 + (int64_t)sf_random_below(random, 10),
        .memory_max_bytes = (size_t)16 * 1024 * 1024,
    };
}

static sf_simulated_weather draw_weather(sf_random *random)
{
    static const int unanswered[] = {0, 0, 4, 20};
    static const int markers[] = {0, 12, 12, 12, 300, 4000};

    return (sf_simulated_weather){
        .unanswered_per_mille = unanswered[sf_random_below(random, 4)],
        .slow_read_per_mille = (int)sf_random_below(random, 120),
        .small_read_per_mille = (int)sf_random_below(random, 500),
        .late_ms = (int)sf_random_below(random, 12),
        .marker_ms = markers[sf_random_below(random, 6)],
    };
}

/* As configured, or so little that stores have to commit early and forget what they have read. */
static size_t draw_memory(sf_random *random)
{
    return sf_random_below(random, 4) ? 0 : (size_t)2048 << sf_random_below(random, 4);
}

static void leave_out(sf_fault_plan *plan, const sf_simulation_options *options)
{
    for (size_t i = 0; i < plan->count; i++)
        plan->faults[i].is_left_out =
            options->without_faults || (i < options->left_out_count && options->left_out[i]);
}

static course draw(const sf_simulation_subject *subject, const sf_simulation_options *options)
{
    size_t most = subject->records ? subject->records : USUAL_RECORDS;
    course drawn = {.world.seed = options->seed};
    sf_random random, rare;

    sf_random_init(&random, options->seed ^ 0x9e3779b97f4a7c15u);
    drawn.world.machines = 1 + (size_t)sf_random_below(&random, 3);
    drawn.world.records = 1 + (size_t)sf_random_below(&random, most);
    drawn.world.config = draw_config(&random);
    drawn.world.weather = draw_weather(&random);
    drawn.world.directory = options->directory;
    drawn.world.trace = options->trace;
    drawn.steps = STEPS_LEAST + STEPS_A_RECORD * drawn.world.records;
    sf_fault_plan_draw(&drawn.plan, &random, drawn.steps, drawn.world.machines);
    sf_random_init(&rare, options->seed ^ 0xc2b2ae3d27d4eb4fu);
    sf_fault_plan_draw_rare(&drawn.plan, &rare, drawn.steps);
    drawn.world.memory_bytes = draw_memory(&rare);
    drawn.world.loads_always = sf_random_below(&rare, 2) == 0;
    leave_out(&drawn.plan, options);
    if (options->without_faults)
        drawn.world.weather.unanswered_per_mille = 0;
    return drawn;
}

/* ---- the course ---- */

static bool has_complaint(sf_world *world)
{
    const sf_simulated_group *group =
        sf_simulated_cluster_find_group(&world->cluster, SF_WORLD_APPLICATION);
    const sf_simulated_positions *positions =
        group ? sf_simulated_group_positions((sf_simulated_group *)group) : NULL;

    if (positions && positions->complaint)
        sf_simulated_cluster_complain(&world->cluster, "%s", positions->complaint);
    return world->cluster.complaint != NULL;
}

static bool strike(sf_world *world, const sf_fault *fault)
{
    return fault->kind == SF_FAULT_RECREATE ? sf_recreation_strike(world, (size_t)fault->calls)
                                            : sf_world_strike(world, fault);
}

/* A topic that is to be made anew waits, in half of such histories, for a moment in which all that comes of
 * it can be judged. */
static bool has_to_wait(const sf_world *world, const sf_fault *fault)
{
    return fault->kind == SF_FAULT_RECREATE && fault->after &&
           !sf_recreation_can_be_judged(world, (size_t)fault->calls);
}

static void run_steps(sf_world *world, const course *drawn, sf_simulation_report *report)
{
    const sf_fault *waiting = NULL;
    size_t next = 0;

    for (size_t step = 0; step < drawn->steps && !has_complaint(world); step++) {
        for (; next < drawn->plan.count && drawn->plan.faults[next].at <= step; next++) {
            const sf_fault *fault = &drawn->plan.faults[next];

            if (fault->is_left_out)
                continue;
            if (has_to_wait(world, fault))
                waiting = fault;
            else
                report->struck[fault->kind] += strike(world, fault);
        }
        if (waiting && !has_to_wait(world, waiting)) {
            report->struck[waiting->kind] += strike(world, waiting);
            waiting = NULL;
        }
        sf_world_act(world);
        if (step % LOOK_EVERY == 0)
            sf_world_look(world);
    }
}

static void run_until_caught_up(sf_world *world, sf_simulation_report *report)
{
    sf_buffer what = SF_BUFFER_EMPTY;
    bool worked;
    int rounds = 0;

    while (rounds++ < ROUNDS_MAX && !has_complaint(world) && !sf_world_has_caught_up(world, NULL))
        sf_world_round(world, &worked);
    if (rounds > ROUNDS_MAX) {
        (void)sf_world_has_caught_up(world, &what); /* it has not: what is wanted is why */
        fail(report, "without further faults it does not catch up: %s", sf_buffer_text(&what));
    }
    sf_buffer_done(&what);
}

/* *is_judged: everything is as it was before the faults, for a model to look at. */
static void run_until_quiet(sf_world *world, sf_simulation_report *report, bool *is_judged)
{
    bool is_told = false;

    while (sf_feeder_has_more(world->feeder))
        sf_feeder_write(world->feeder);
    sf_world_calm(world);
    if (world->recreation.topic)
        sf_recreation_end(world, &is_told);
    else
        run_until_caught_up(world, report);
    if (report->passed && !has_complaint(world))
        sf_world_look(world);
    if (has_complaint(world))
        fail(report, "%s", world->cluster.complaint);
    *is_judged = !world->recreation.topic || (!is_told && sf_recreation_is_judged(world));
}

/* ---- judgement ---- */

static sf_outcome_check check_of(sf_simulation_role role)
{
    return role == SF_SIMULATION_SEQUENCE ? SF_OUTCOME_SEQUENCE
           : role == SF_SIMULATION_LAST   ? SF_OUTCOME_LAST
                                          : SF_OUTCOME_NOT;
}

static void gather_topic(const sf_world *world, sf_simulation_outcome *outcome, size_t index,
                         sf_simulation_report *report)
{
    const sf_simulation_topic *listed = &world->subject->topics[index];

    sf_simulation_outcome_add_topic(outcome, listed->name, listed->partitions,
                                    check_of(listed->role));
    for (int32_t p = 0; p < listed->partitions; p++) {
        const sf_simulated_log *log = sf_simulated_cluster_log(&world->cluster, listed->name, p);

        for (size_t i = 0; i < log->count; i++) {
            if (!sf_simulated_entry_is_committed(&log->entries[i]))
                continue;
            sf_simulation_outcome_add_record(outcome, index, p, &log->entries[i].record);
            report->records += listed->role == SF_SIMULATION_INPUT;
        }
    }
}

static sf_status gather_windows(sf_simulation_outcome *outcome, size_t store,
                                sf_published *published, sf_error *err)
{
    sf_window_iterator *rows = NULL;
    sf_status status = sf_published_fetch_all(published, 0, INT64_MAX, &rows, err);
    sf_outcome_row row = {0};
    sf_stored stored;

    while (!status &&
           sf_window_iterator_next(rows, &row.key, &row.start_ms, &stored, &status, err)) {
        row.value = stored.value;
        sf_simulation_outcome_add_row(outcome, store, &row);
    }
    sf_window_iterator_free(rows);
    return status;
}

static sf_status gather_keys(sf_simulation_outcome *outcome, size_t store, sf_published *published,
                             sf_error *err)
{
    sf_key_value_iterator *rows = NULL;
    sf_status status = sf_published_range(published, SF_NULL, SF_NULL, false, &rows, err);
    sf_outcome_row row = {0};
    sf_stored stored;

    while (!status && sf_key_value_iterator_next(rows, &row.key, &stored, &status, err)) {
        row.value = stored.value;
        sf_simulation_outcome_add_row(outcome, store, &row);
    }
    sf_key_value_iterator_free(rows);
    return status;
}

static sf_status gather_store(sf_world *world, sf_simulation_outcome *outcome, size_t index,
                              sf_error *err)
{
    const char *name = world->subject->stores[index];
    sf_status status = SF_OK;

    sf_simulation_outcome_add_store(outcome, name);
    for (size_t i = 0; i < world->machine_count; i++) {
        size_t count;
        sf_published **published =
            sf_registry_acquire(world->machines[i].streams->state, name, &count);

        for (size_t k = 0; !status && k < count; k++)
            status = sf_published_kind(published[k]) == SF_WINDOW_STORE
                         ? gather_windows(outcome, index, published[k], err)
                         : gather_keys(outcome, index, published[k], err);
        sf_registry_release(published, count);
    }
    return status;
}

static void judge(sf_world *world, sf_simulation_report *report)
{
    const sf_simulation_subject *subject = world->subject;
    sf_simulation_outcome *outcome = sf_simulation_outcome_new();
    sf_buffer difference = SF_BUFFER_EMPTY;
    sf_error error = {0};
    sf_status status = SF_OK;

    for (size_t i = 0; i < subject->topic_count; i++)
        gather_topic(world, outcome, i, report);
    for (size_t i = 0; !status && i < subject->store_count; i++)
        status = gather_store(world, outcome, i, &error);
    if (!status && subject->model)
        status = subject->model(subject->user, outcome, &error);
    if (status)
        fail(report, "%s", error.text);
    else if (subject->model && !sf_outcome_check_all(outcome, &difference))
        fail(report, "%s", sf_buffer_text(&difference));
    sf_buffer_done(&difference);
    sf_simulation_outcome_free(outcome);
}

static uint64_t records_to_process(const sf_world *world)
{
    const sf_topology *topology = world->subject->topology;
    uint64_t count = 0;

    for (size_t i = 0; i < topology->topic_count; i++) {
        char *name = sf_topology_topic_name(&topology->topics[i], SF_WORLD_APPLICATION);
        const sf_simulated_topic *topic = sf_simulated_cluster_topic(&world->cluster, name);

        free(name);
        if (!topology->topics[i].is_source || topology->topics[i].is_global)
            continue;
        for (int32_t p = 0; p < topic->partitions; p++) {
            for (size_t k = 0; k < topic->logs[p]->count; k++)
                count += sf_simulated_entry_is_committed(&topic->logs[p]->entries[k]);
        }
    }
    return count;
}

static uint64_t dead_letters(const sf_world *world)
{
    const sf_simulated_topic *topic =
        sf_simulated_cluster_topic(&world->cluster, SF_WORLD_APPLICATION "-dlq");
    uint64_t count = 0;

    for (int32_t p = 0; topic && p < topic->partitions; p++) {
        for (size_t k = 0; k < topic->logs[p]->count; k++)
            count += sf_simulated_entry_is_committed(&topic->logs[p]->entries[k]);
    }
    return count;
}

/* Where nothing was done twice: each record was processed, and if it came to nothing, for one reason. */
static void judge_counts(const sf_world *world, const sf_streams_counters *sum,
                         sf_simulation_report *report)
{
    uint64_t wanted = records_to_process(world);

    if (sum->processed != wanted)
        fail(report, "%" PRIu64 " records were processed, there are %" PRIu64, sum->processed,
             wanted);
    if (sum->dead_letters != dead_letters(world))
        fail(report, "%" PRIu64 " dead letters were counted, there are %" PRIu64, sum->dead_letters,
             dead_letters(world));
    if (sum->skipped + sum->dead_letters > sum->processed)
        fail(report, "%" PRIu64 " records were skipped, %" PRIu64 " dead letters, of %" PRIu64,
             sum->skipped, sum->dead_letters, sum->processed);
}

static void count(sf_world *world, const course *drawn, const sf_simulation_options *options,
                  sf_simulation_report *report)
{
    sf_streams_counters sum = {0};

    for (size_t i = 0; i < world->machine_count; i++) {
        sf_streams_counters counters = sf_machine_counters(&world->machines[i]);

        sum.processed += counters.processed;
        sum.skipped += counters.skipped;
        sum.dead_letters += counters.dead_letters;
        report->commits += counters.commits;
        report->aborts += counters.aborts;
        report->rebuilds += counters.rebuilds;
        report->restored += counters.restored;
        report->processes += world->machines[i].processes;
    }
    report->simulated_ms = world->cluster.trace.now_ms;
    if (options->without_faults && report->aborts == 0 && report->rebuilds == 0 &&
        drawn->world.machines == 1)
        judge_counts(world, &sum, report);
}

static void tell_plan(const sf_fault_plan *plan, sf_simulation_report *report)
{
    report->faults = plan->count;
    for (size_t i = 0; i < plan->count; i++)
        sf_fault_print(&plan->faults[i], report->fault_texts[i], sizeof(report->fault_texts[i]));
}

sf_status sf_history_run(const sf_simulation_subject *subject, const sf_simulation_options *options,
                         sf_simulation_report *report, sf_error *err)
{
    course drawn = draw(subject, options);
    bool is_judged;
    sf_world *world = sf_zalloc(sizeof(*world));

    (void)err; /* what can be wrong with a subject was checked before */
    *report = (sf_simulation_report){.passed = true};
    tell_plan(&drawn.plan, report);
    sf_world_init(world, subject, &drawn.world);
    run_steps(world, &drawn, report);
    run_until_quiet(world, report, &is_judged);
    if (report->passed && is_judged)
        judge(world, report);
    count(world, &drawn, options, report);
    report->trace_hash = world->cluster.trace.hash;
    sf_world_done(world);
    free(world);
    return SF_OK;
}
