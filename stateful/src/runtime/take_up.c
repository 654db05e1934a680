#include "runtime/take_up.h"

#include <inttypes.h>
#include <stdlib.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "runtime/start_positions.h"
#include "runtime/task_ends.h"
#include "topology/topology_implementation.h"

/* Emissions scan a store: so often is enough, by the wall clock. */
#define EMIT_INTERVAL_MS 1000

#define SMALL_LOAD_BYTES 300

static sf_status open_task(sf_worker *worker, sf_active_task *active, sf_error *err)
{
    const sf_worker_options *options = &worker->options;
    const sf_task_options task = {
        .topology = options->topology,
        .subtopology = active->place->subtopology,
        .partition = active->place->partition,
        .application_id = options->config->application_id,
        .state = options->state,
        .output = sf_sender_port(worker->sender),
        .clock = options->config->clock,
        .cache = &worker->cache,
        .max_idle_ms = options->config->max_task_idle_ms,
        .emit_interval_ms = EMIT_INTERVAL_MS,
    };

    return sf_active_task_open(active, &task, options->counts, err);
}

static size_t load_bytes(const sf_worker *worker)
{
    return worker->options.loads_always ? SMALL_LOAD_BYTES
                                        : worker->cache.limit / worker->task_count;
}

/* ---- questions to the broker ---- */

/* A transaction that a predecessor left open holds up the positions of its tasks alone: the first *count
 * of the list are those of which they are known. */
static sf_status ask_positions_of_each(sf_worker *worker, sf_active_task **tasks, size_t *count,
                                       sf_error *err)
{
    size_t known = 0;

    for (size_t i = 0; i < *count; i++) {
        sf_status status = sf_start_positions_ask(worker, &tasks[i], 1, err);

        if (status && status != SF_RETRY)
            return status;
        if (!status)
            tasks[known++] = tasks[i];
    }
    *count = known;
    return SF_OK;
}

static sf_status ask_positions(sf_worker *worker, sf_active_task **tasks, size_t *count,
                               sf_error *err)
{
    sf_status status = sf_start_positions_ask(worker, tasks, *count, err);

    return status == SF_RETRY && *count > 1 ? ask_positions_of_each(worker, tasks, count, err)
                                            : status;
}

static size_t list_asking(const sf_worker *worker, sf_active_task **tasks)
{
    size_t count = 0;

    for (size_t i = 0; i < worker->task_count; i++) {
        sf_active_task *active = worker->tasks[i];

        if (active->state != SF_ACTIVE_ASKING)
            continue;
        active->is_answered = false;
        tasks[count++] = active;
    }
    return count;
}

/* For all tasks together: each question takes as long for one as for many. */
static sf_status ask(sf_worker *worker, sf_error *err)
{
    sf_active_task **tasks = sf_zalloc((worker->task_count + 1) * sizeof(tasks[0]));
    size_t count = list_asking(worker, tasks);
    sf_status status = count > 0 ? ask_positions(worker, tasks, &count, err) : SF_OK;

    if (!status && count > 0)
        status = sf_task_ends_ask(worker->options.broker, tasks, count, err);
    for (size_t i = 0; !status && i < count; i++)
        tasks[i]->is_answered = true;
    free(tasks);
    return status == SF_RETRY ? SF_OK : status; /* in the next round */
}

/* ---- one task ---- */

/* Records that vanish under the reader (a changelog that is trimmed meanwhile): begin anew, the new
 * beginning is looked up then. */
static sf_status restore(sf_worker *worker, sf_active_task *active, bool *worked, sf_error *err)
{
    uint64_t before = active->restored;
    sf_status status = sf_restore_step(worker->restore, active, worked, err);

    worker->counters.restored += active->restored - before;
    if (status && err->code == SF_NOT_FOUND) {
        sf_log(SF_LOG_WARN, "restore begins anew task=%s reason=\"%s\"", sf_task_id(active->task),
               err->text);
        sf_worker_reset_task(worker, active);
        return SF_OK;
    }
    return status;
}

/* Stores that no changelog can mend are only worth keeping if they stand where the group does. */
static bool stands_where_group_does(const sf_active_task *active, const sf_task_start *starts)
{
    for (size_t i = 0; i < active->input_count; i++) {
        if (active->inputs[i].exists &&
            sf_task_stored_position(active->task, i) != starts[i].offset)
            return false;
    }
    return true;
}

static bool has_changelog(const sf_topology *topology, const sf_subtopology *part, size_t store)
{
    return !topology->stores[part->stores[store]].options.logging_off;
}

static sf_status clear_unlogged(sf_worker *worker, sf_active_task *active, sf_error *err)
{
    const sf_topology *topology = worker->options.topology;
    const sf_subtopology *part = &topology->subtopologies[active->place->subtopology];
    sf_state_commit *batch = sf_state_commit_new(worker->options.state);
    sf_status status = SF_OK;
    size_t cleared = 0;

    for (size_t i = 0; !status && i < part->store_count; i++) {
        if (has_changelog(topology, part, i))
            continue;
        status = sf_task_stores_clear(sf_task_stores_of(active->task), i, batch, err);
        cleared++;
    }
    if (!status && cleared > 0)
        status = sf_state_commit_write(batch, err);
    if (!status && cleared > 0)
        sf_log(SF_LOG_INFO, "stores without changelog begin empty task=%s stores=%zu",
               sf_task_id(active->task), cleared);
    sf_state_commit_free(batch);
    return status;
}

static void remove_readers(sf_worker *worker, sf_active_task *active)
{
    for (size_t i = 0; i < active->input_count; i++) {
        if (active->inputs[i].reader)
            sf_consumer_remove(worker->consumer, active->inputs[i].reader);
        active->inputs[i].reader = NULL;
    }
}

/* All or none: what a broker that has just started refuses is tried again from the first one on. */
static sf_status add_readers(sf_worker *worker, sf_active_task *active, const sf_task_start *starts,
                             sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < active->input_count; i++) {
        sf_active_input *input = &active->inputs[i];

        if (input->exists)
            status = sf_consumer_add(worker->consumer, input->topic, active->place->partition,
                                     starts[i].offset, &input->reader, err);
    }
    if (status)
        remove_readers(worker, active);
    return status;
}

/* Inputs that are not there have nothing more to say. */
static void pass_missing_inputs(const sf_active_task *active)
{
    for (size_t i = 0; i < active->input_count; i++) {
        if (!active->inputs[i].exists)
            sf_task_set_caught_up(active->task, i, true);
    }
}

/* What the sender wrote before, for an earlier time of the task, is no news. */
static void note_sent_ends(sf_worker *worker, sf_active_task *active)
{
    for (size_t i = 0; i < active->changelog_count; i++)
        active->changelogs[i].sent_end = sf_sender_end_offset(
            worker->sender, sf_task_changelog_at(active->task, i)->topic, active->place->partition);
}

static sf_status start_from(sf_worker *worker, sf_active_task *active, const sf_task_start *starts,
                            sf_error *err)
{
    sf_status status = SF_OK;

    if (!stands_where_group_does(active, starts))
        status = clear_unlogged(worker, active, err);
    if (!status)
        status = add_readers(worker, active, starts, err);
    if (status)
        return status;
    status = sf_task_start_work(active->task, starts, err);
    if (status) {
        remove_readers(worker, active);
        return status;
    }
    pass_missing_inputs(active);
    note_sent_ends(worker, active);
    sf_active_task_become(active, SF_ACTIVE_RUNNING);
    worker->positions_due = true;
    sf_log(SF_LOG_INFO, "task running task=%s restored=%" PRIu64, sf_task_id(active->task),
           active->restored);
    return SF_OK;
}

static sf_status start(sf_worker *worker, sf_active_task *active, sf_error *err)
{
    sf_task_start *starts = sf_zalloc((active->input_count + 1) * sizeof(starts[0]));
    sf_status status = SF_OK;

    if (active->has_read)
        status = sf_task_ends_ask_inputs(worker->options.broker, active, err);
    if (!status)
        status = sf_start_positions_decide(worker, active, starts, err);
    if (!status)
        status = start_from(worker, active, starts, err);
    free(starts);
    return status;
}

static sf_status advance(sf_worker *worker, sf_active_task *active, bool *worked, sf_error *err)
{
    sf_active_state before = active->state;
    sf_status status = SF_OK;

    if (active->state == SF_ACTIVE_ASKING && active->is_answered)
        status = sf_restore_begin(worker->restore, active, load_bytes(worker), err);
    if (!status && active->state == SF_ACTIVE_RESTORING)
        status = restore(worker, active, worked, err);
    if (!status && active->state == SF_ACTIVE_RESTORING && sf_restore_is_done(active))
        status = start(worker, active, err);
    *worked = *worked || active->state != before;
    return status;
}

static sf_status open_if_waiting(sf_worker *worker, sf_active_task *active, bool *worked,
                                 sf_error *err)
{
    sf_status status;

    if (active->state != SF_ACTIVE_WAITING)
        return SF_OK;
    status = open_task(worker, active, err);
    *worked = *worked || !status;
    return status;
}

/* ---- all of them ---- */

/* What is to be tried again is, in the next round. */
static sf_status each(sf_worker *worker,
                      sf_status (*step)(sf_worker *, sf_active_task *, bool *, sf_error *),
                      bool *worked, sf_error *err)
{
    for (size_t i = 0; i < worker->task_count; i++) {
        sf_active_task *active = worker->tasks[i];
        sf_status status = step(worker, active, worked, err);

        if (status && status != SF_RETRY)
            return sf_error_prefix(err, status, "task %zu_%" PRId32, active->place->subtopology,
                                   active->place->partition);
    }
    return SF_OK;
}

sf_status sf_take_up_tasks(sf_worker *worker, bool *worked, sf_error *err)
{
    sf_status status = SF_OK;

    if (sf_worker_is_taking_up(worker)) {
        status = each(worker, open_if_waiting, worked, err);
        if (!status)
            status = ask(worker, err);
        if (!status)
            status = each(worker, advance, worked, err);
    }
    if (!status)
        sf_restore_rest(worker->restore);
    return status;
}
