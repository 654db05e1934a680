#include "runtime/task_ends.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* What is asked for, and where each answer goes. */
typedef struct question {
    sf_partition_marks *asked;
    sf_watermarks **targets;
    size_t *answers; /* of each target: the index of its partition in asked */
    size_t asked_count;
    size_t target_count;
} question;

static size_t places(sf_active_task *const *tasks, size_t count)
{
    size_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += tasks[i]->input_count + tasks[i]->changelog_count;
    return sum;
}

static void question_init(question *q, size_t most)
{
    *q = (question){
        .asked = sf_zalloc((most + 1) * sizeof(*q->asked)),
        .targets = sf_zalloc((most + 1) * sizeof(*q->targets)),
        .answers = sf_zalloc((most + 1) * sizeof(*q->answers)),
    };
}

static void question_done(question *q)
{
    free(q->asked);
    free(q->targets);
    free(q->answers);
}

/* A program may read its own changelog: nothing is asked for twice. */
static size_t index_of(question *q, const char *topic, int32_t partition)
{
    size_t i = 0;

    while (i < q->asked_count &&
           (q->asked[i].partition != partition || strcmp(q->asked[i].topic, topic) != 0))
        i++;
    if (i == q->asked_count)
        q->asked[q->asked_count++] = (sf_partition_marks){.topic = topic, .partition = partition};
    return i;
}

static void add(question *q, const char *topic, int32_t partition, sf_watermarks *target)
{
    q->answers[q->target_count] = index_of(q, topic, partition);
    q->targets[q->target_count++] = target;
}

static void add_inputs(question *q, sf_active_task *active)
{
    for (size_t i = 0; i < active->input_count; i++)
        if (active->inputs[i].exists)
            add(q, active->inputs[i].topic, active->place->partition, &active->inputs[i].marks);
}

static void add_changelogs(question *q, sf_active_task *active)
{
    for (size_t i = 0; i < active->changelog_count; i++)
        add(q, sf_task_changelog_at(active->task, i)->topic, active->place->partition,
            &active->changelogs[i].marks);
}

static sf_status ask(question *q, sf_broker *broker, sf_error *err)
{
    sf_status status = sf_broker_watermarks_of(broker, q->asked, q->asked_count, err);

    for (size_t i = 0; !status && i < q->target_count; i++)
        *q->targets[i] = q->asked[q->answers[i]].marks;
    return status;
}

sf_status sf_task_ends_ask(sf_broker *broker, sf_active_task *const *tasks, size_t count,
                           sf_error *err)
{
    question q;
    sf_status status;

    question_init(&q, places(tasks, count));
    for (size_t i = 0; i < count; i++) {
        add_inputs(&q, tasks[i]);
        add_changelogs(&q, tasks[i]);
    }
    status = ask(&q, broker, err);
    question_done(&q);
    return status;
}

sf_status sf_task_ends_ask_inputs(sf_broker *broker, sf_active_task *active, sf_error *err)
{
    question q;
    sf_status status;

    question_init(&q, active->input_count);
    add_inputs(&q, active);
    status = ask(&q, broker, err);
    question_done(&q);
    return status;
}
