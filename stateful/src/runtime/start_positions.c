/* start_positions.c - decides, for each input of a task, where to begin:
 *
 *   the group committed a position                       there
 *   it did not, the input was never started              by its reset policy
 *   it did not, but the state knows one, and nobody      there: the broker has forgotten what a quiet
 *     worked since (the changelogs had no tail)          group committed
 *   else                                                 nobody knows: SF_STOP
 *
 * Without a changelog nothing shows whether another instance had the task since: its position is not
 * trusted, it could repeat what was done.
 */
#include "runtime/start_positions.h"

#include <inttypes.h>
#include <stdlib.h>

#include <stateful/log.h>

#include "base/memory.h"

enum {
    TRY_MS = 50, /* other tasks go on in between */
};

static size_t count_inputs(sf_active_task *const *tasks, size_t count)
{
    size_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += tasks[i]->input_count;
    return sum;
}

static size_t list_inputs(const sf_active_task *active, sf_offset *offsets)
{
    size_t count = 0;

    for (size_t i = 0; i < active->input_count; i++) {
        if (active->inputs[i].exists)
            offsets[count++] = (sf_offset){.topic = active->inputs[i].topic,
                                           .partition = active->place->partition};
    }
    return count;
}

/* In the order of the list. */
static size_t take_answers(sf_active_task *active, const sf_offset *offsets)
{
    size_t count = 0;

    for (size_t i = 0; i < active->input_count; i++) {
        sf_active_input *input = &active->inputs[i];

        if (!input->exists)
            continue;
        free(input->metadata);
        input->metadata = sf_text_copy(offsets[count].metadata);
        input->committed = offsets[count++].offset;
    }
    return count;
}

sf_status sf_start_positions_ask(sf_worker *worker, sf_active_task *const *tasks, size_t count,
                                 sf_error *err)
{
    sf_offset *offsets = sf_zalloc((count_inputs(tasks, count) + 1) * sizeof(offsets[0]));
    size_t asked = 0;
    sf_status status = SF_OK;

    for (size_t i = 0; i < count; i++)
        asked += list_inputs(tasks[i], offsets + asked);
    if (asked > 0)
        status = sf_consumer_committed(worker->consumer, offsets, asked, TRY_MS, err);
    for (size_t i = 0, taken = 0; !status && i < count; i++)
        taken += take_answers(tasks[i], offsets + taken);
    free(offsets);
    return status;
}

static sf_status by_reset(const sf_active_task *active, const sf_active_input *input,
                          int64_t *offset, sf_error *err)
{
    if (input->reset == SF_RESET_NONE)
        return sf_fail(err, SF_NOT_FOUND,
                       "the group has no position of topic %s partition %" PRId32
                       " and the topic is read without a reset policy",
                       input->topic, active->place->partition);
    *offset = input->reset == SF_RESET_LATEST ? input->marks.last_stable : input->marks.low;
    return SF_OK;
}

static const char *reason_not_to_trust(const sf_active_task *active, int64_t stored)
{
    if (stored < 0)
        return "it has none";
    if (!active->changelog_count)
        return "there is no changelog to show that nobody worked since";
    return active->restored > 0 ? "its changelog goes on behind it" : NULL;
}

static sf_status by_state(const sf_active_task *active, const sf_active_input *input,
                          int64_t stored, int64_t *offset, sf_error *err)
{
    const char *why = reason_not_to_trust(active, stored);

    if (why)
        return sf_fail(err, SF_NOT_FOUND,
                       "the broker has lost the group's position of topic %s partition %" PRId32
                       " and the state cannot tell it (%s): reset the application",
                       input->topic, active->place->partition, why);
    sf_log(SF_LOG_WARN,
           "position taken from the state topic=%s partition=%" PRId32 " offset=%" PRId64,
           input->topic, active->place->partition, stored);
    *offset = stored;
    return SF_OK;
}

static sf_status decide(sf_worker *worker, sf_active_task *active, size_t index, int64_t *offset,
                        sf_error *err)
{
    sf_active_input *input = &active->inputs[index];
    int32_t partition = active->place->partition;

    input->known_end = input->marks.last_stable;
    if (input->committed >= 0) {
        *offset = input->committed;
        return SF_OK;
    }
    if (sf_layout_has_started(worker->options.layout, input->topic, partition))
        return by_state(active, input, sf_task_stored_position(active->task, index), offset, err);
    return by_reset(active, input, offset, err);
}

sf_status sf_start_positions_decide(sf_worker *worker, sf_active_task *active,
                                    sf_task_start *starts, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < active->input_count; i++) {
        starts[i] = (sf_task_start){.offset = 0, .metadata = active->inputs[i].metadata};
        if (active->inputs[i].exists)
            status = decide(worker, active, i, &starts[i].offset, err);
    }
    return status;
}
