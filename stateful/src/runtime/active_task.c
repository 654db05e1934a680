#include "runtime/active_task.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "topology/topology_implementation.h"

sf_active_task *sf_active_task_new(size_t index, const sf_layout_task *place)
{
    sf_active_task *active = sf_zalloc(sizeof(*active));

    active->index = index;
    active->place = place;
    return active;
}

static bool may_become(sf_active_state from, sf_active_state to)
{
    return (from == SF_ACTIVE_WAITING && to == SF_ACTIVE_ASKING) ||
           (from == SF_ACTIVE_ASKING && to == SF_ACTIVE_RESTORING) ||
           (from == SF_ACTIVE_RESTORING && to == SF_ACTIVE_RUNNING) || to == SF_ACTIVE_WAITING;
}

void sf_active_task_become(sf_active_task *active, sf_active_state state)
{
    assert(may_become(active->state, state));
    active->state = state;
}

/* Inputs as the task numbers them. */
static void note_inputs(sf_active_task *active, const sf_topology *topology, const int32_t *counts)
{
    const sf_subtopology *part = &topology->subtopologies[active->place->subtopology];

    active->input_count = sf_task_input_count(active->task);
    active->inputs = sf_zalloc((active->input_count + 1) * sizeof(active->inputs[0]));
    for (size_t i = 0; i < active->input_count; i++) {
        size_t topic = part->inputs[i];

        active->inputs[i] = (sf_active_input){
            .topic = sf_task_input_topic(active->task, i),
            .exists = active->place->partition < counts[topic],
            .reset = topology->topics[topic].reset,
            .committed = SF_OFFSET_NONE,
        };
    }
}

sf_status sf_active_task_open(sf_active_task *active, const sf_task_options *options,
                              const int32_t *counts, sf_error *err)
{
    const sf_layout_task *place = active->place;
    sf_status status;

    if (!sf_state_take_task(options->state, place->identity, place->partition))
        return sf_fail_with(err, SF_RETRY, SF_BUSY, "another thread still holds task %zu",
                            active->index);
    status = sf_task_new(options, &active->task, err);
    if (status) {
        sf_state_release_task(options->state, place->identity, place->partition);
        return status;
    }
    note_inputs(active, options->topology, counts);
    active->changelog_count = sf_task_changelog_count(active->task);
    active->changelogs = sf_zalloc((active->changelog_count + 1) * sizeof(active->changelogs[0]));
    active->restored = 0;
    active->is_answered = active->has_read = false;
    sf_active_task_become(active, SF_ACTIVE_ASKING);
    return SF_OK;
}

static void forget_inputs(sf_active_task *active)
{
    for (size_t i = 0; i < active->input_count; i++) {
        assert(!active->inputs[i].reader);
        free(active->inputs[i].metadata);
    }
    free(active->inputs);
    active->inputs = NULL;
    active->input_count = 0;
}

void sf_active_task_reset(sf_active_task *active, sf_state *state)
{
    if (active->state != SF_ACTIVE_WAITING) {
        forget_inputs(active);
        free(active->changelogs);
        active->changelogs = NULL;
        active->changelog_count = 0;
        sf_task_free(active->task);
        active->task = NULL;
        sf_state_release_task(state, active->place->identity, active->place->partition);
    }
    sf_active_task_become(active, SF_ACTIVE_WAITING);
}

void sf_active_task_free(sf_active_task *active)
{
    assert(!active->task);
    free(active);
}
