#include "task/partition_group.h"

static bool must_wait_for(sf_partition_group *group, sf_group_input *input)
{
    int64_t now;

    if (group->max_idle_ms < 0)
        return false;
    if (!input->is_caught_up)
        return true;
    if (group->max_idle_ms == 0)
        return false;
    now = sf_clock_now_ms(group->clock);
    if (input->waiting_until < 0)
        input->waiting_until = now + group->max_idle_ms;
    return now < input->waiting_until;
}

static sf_group_input *choose_among(sf_partition_group *group)
{
    sf_group_input *best = NULL;
    bool is_waiting = false;

    for (size_t i = 0; i < group->count; i++) {
        sf_group_input *input = &group->inputs[i];
        const sf_queue_head *head = sf_record_queue_head(&input->queue);

        if (!head) {
            is_waiting |= must_wait_for(group, input);
            continue;
        }
        input->waiting_until = -1;
        if (!best || head->timestamp < best->queue.head.timestamp)
            best = input;
    }
    return is_waiting ? NULL : best;
}

sf_group_input *sf_partition_group_choose(sf_partition_group *group)
{
    if (group->count == 1) /* nothing to choose, nothing to wait for */
        return sf_record_queue_head(&group->inputs[0].queue) ? &group->inputs[0] : NULL;
    return choose_among(group);
}
