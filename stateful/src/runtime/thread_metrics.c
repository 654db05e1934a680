#include "runtime/thread_metrics.h"

#include <inttypes.h>
#include <string.h>

#include "base/memory.h"

/* ---- a task ---- */

static const char *state_name(sf_active_state state)
{
    static const char *const names[] = {
        [SF_ACTIVE_WAITING] = "waiting",
        [SF_ACTIVE_ASKING] = "asking",
        [SF_ACTIVE_RESTORING] = "restoring",
        [SF_ACTIVE_RUNNING] = "running",
    };

    return names[state];
}

/* Of an input that has nothing waiting the reader knows best: it has seen the markers behind the last
 * record. */
static int64_t position_of(const sf_active_task *active, size_t input, uint64_t buffered)
{
    const sf_reader *reader = active->inputs[input].reader;
    int64_t position;

    if (active->state != SF_ACTIVE_RUNNING)
        return SF_OFFSET_NONE;
    position = sf_task_position(active->task, input);
    if (reader && !buffered && sf_reader_position(reader) > position)
        position = sf_reader_position(reader);
    return position;
}

static void take_input(const sf_active_task *active, size_t index, sf_arena *arena,
                       sf_input_metrics *metrics)
{
    const sf_active_input *input = &active->inputs[index];

    *metrics = (sf_input_metrics){
        .topic = sf_arena_text(arena, input->topic),
        .partition = active->place->partition,
        .buffered = sf_task_buffered(active->task, index),
        .end = input->reader ? sf_reader_end(input->reader) : SF_OFFSET_NONE,
        .lag = -1,
    };
    metrics->position = position_of(active, index, metrics->buffered);
    if (metrics->position >= 0 && metrics->end >= 0)
        metrics->lag = metrics->end > metrics->position ? metrics->end - metrics->position : 0;
}

static void take_inputs(const sf_active_task *active, sf_arena *arena, sf_task_metrics *metrics)
{
    sf_input_metrics *inputs = sf_arena_alloc(arena, (active->input_count + 1) * sizeof(*inputs));
    size_t count = 0;

    for (size_t i = 0; i < active->input_count; i++) {
        if (active->inputs[i].exists)
            take_input(active, i, arena, &inputs[count++]);
    }
    metrics->inputs = inputs;
    metrics->input_count = count;
}

static void take_task(const sf_active_task *active, sf_arena *arena, sf_task_metrics *metrics)
{
    *metrics = (sf_task_metrics){
        .id = sf_arena_printf(arena, "%zu_%" PRId32, active->place->subtopology,
                              active->place->partition),
        .state = state_name(active->state),
        .restored = active->restored,
        .restore_remaining = sf_restore_remaining(active),
    };
    if (active->task) {
        const sf_task_counters *counters = sf_task_counters_of(active->task);

        metrics->processed = counters->processed;
        memcpy(metrics->dropped_by, counters->dropped_by, sizeof(metrics->dropped_by));
        metrics->skipped = counters->skipped;
        metrics->dead_letters = counters->dead_letters;
        metrics->dirty_bytes = sf_task_dirty_bytes(active->task);
        take_inputs(active, arena, metrics);
    }
}

/* ---- a thread ---- */

void sf_thread_metrics_take(const sf_worker *worker, sf_arena *arena, sf_thread_metrics *metrics)
{
    sf_task_counters records = sf_worker_task_counters(worker);
    sf_task_metrics *tasks = sf_arena_alloc(arena, (worker->task_count + 1) * sizeof(*tasks));

    for (size_t i = 0; i < worker->task_count; i++)
        take_task(worker->tasks[i], arena, &tasks[i]);
    *metrics = (sf_thread_metrics){
        .number = worker->options.number,
        .is_running = sf_worker_is_running(worker),
        .commits = worker->counters.commits,
        .aborts = worker->counters.aborts,
        .rebuilds = worker->counters.rebuilds,
        .commit_latency = worker->counters.commit_latency,
        .processed = records.processed,
        .skipped = records.skipped,
        .dead_letters = records.dead_letters,
        .restored = worker->counters.restored,
        .tasks = tasks,
        .task_count = worker->task_count,
    };
    memcpy(metrics->dropped_by, records.dropped_by, sizeof(metrics->dropped_by));
}

static void copy_task(const sf_task_metrics *original, sf_arena *arena, sf_task_metrics *copy)
{
    size_t count = original->input_count;
    sf_input_metrics *inputs = sf_arena_alloc(arena, (count + 1) * sizeof(*inputs));

    for (size_t i = 0; i < count; i++) {
        inputs[i] = original->inputs[i];
        inputs[i].topic = sf_arena_text(arena, inputs[i].topic);
    }
    *copy = *original;
    copy->id = sf_arena_text(arena, original->id);
    copy->inputs = inputs;
}

void sf_thread_metrics_copy(const sf_thread_metrics *original, sf_arena *arena,
                            sf_thread_metrics *copy)
{
    sf_task_metrics *tasks = sf_arena_alloc(arena, (original->task_count + 1) * sizeof(*tasks));

    for (size_t i = 0; i < original->task_count; i++)
        copy_task(&original->tasks[i], arena, &tasks[i]);
    *copy = *original;
    copy->tasks = tasks;
}
