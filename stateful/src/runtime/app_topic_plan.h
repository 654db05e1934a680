/* app_topic_plan.h - which internal topics an application must have, with how many partitions and which
 * settings; asks nobody. */
#ifndef SF_RUNTIME_APP_TOPIC_PLAN_H
#define SF_RUNTIME_APP_TOPIC_PLAN_H

#include <stateful/arena.h>
#include <stateful/broker.h>
#include <stateful/topology.h>

typedef struct sf_app_topic_plan_options {
    const sf_topology *topology;
    const char *application_id;
    const char *layout_topic; /* its name */
    const char *tasks_topic;  /* its name; NULL: there is none */
    const int32_t *counts;    /* partitions of the topology's topics */
} sf_app_topic_plan_options;

typedef struct sf_planned_topic {
    sf_topic_spec spec;
    bool takes_any_count; /* one that is there may have another number of partitions */
} sf_planned_topic;

/* Repartition, changelog, dead-letter and layout topics, and that of the tasks, which may have to grow once
 * the layout is known; they live in the arena. */
const sf_planned_topic *sf_app_topic_plan(const sf_app_topic_plan_options *options, sf_arena *arena,
                                          size_t *count);

#endif
