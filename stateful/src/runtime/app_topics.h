/* app_topics.h - the topics of an application: which there must be, with how many partitions, with
 * which settings. Any thread.
 */
#ifndef SF_RUNTIME_APP_TOPICS_H
#define SF_RUNTIME_APP_TOPICS_H

#include <stateful/broker.h>
#include <stateful/config.h>
#include <stateful/topology.h>

#include "runtime/retry.h"

typedef struct sf_app_topics_options {
    const sf_topology *topology;
    const sf_config *config; /* complete */
    sf_broker *broker;
    sf_retry_policy retry;
} sf_app_topics_options;

/* Looks up the topics of the topology, makes what is missing (the users' only as input_partitions
 * says), repartition, changelog, dead-letter and layout topics. *counts = the partitions of each of
 * the topology's topics, to be freed. SF_INVALID names both counts where a topic has another than
 * it must have. */
sf_status sf_app_topics_prepare(const sf_app_topics_options *options, int32_t **counts,
                                sf_error *err);

/* Makes the topic whose partitions stand for the tasks, or lets it grow; never written to. */
sf_status sf_app_topics_prepare_tasks(const sf_app_topics_options *options, int32_t tasks,
                                      sf_error *err);

/* "<application>-tasks", "<application>-layout"; to be freed. */
char *sf_app_topics_tasks_name(const char *application_id);
char *sf_app_topics_layout_name(const char *application_id);

#endif
