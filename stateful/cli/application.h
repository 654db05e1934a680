/* application.h - what belongs to an application on its broker: its topics by their names, its group. One
 * thread. */
#ifndef STATEFUL_CLI_APPLICATION_H
#define STATEFUL_CLI_APPLICATION_H

#include <stateful/broker_group.h>

#include "command.h"
#include "topic_facts.h"

typedef enum topic_role {
    TOPIC_OF_OTHERS, /* an input, an output, or nothing to do with it */
    TOPIC_CHANGELOG,
    TOPIC_REPARTITION,
    TOPIC_LAYOUT,
    TOPIC_TASKS,
    TOPIC_DEAD_LETTERS,
} topic_role;

/* What a topic is to an application, judged by its name. topics: all there are, since "a-b-x-changelog" is
 * that of application "a-b" if there is such a one, and else may be that of "a". */
topic_role application_topic_role(const topic_list *topics, const char *application_id,
                                  const char *topic);

/* SF_NOT_FOUND unless the application has a layout topic or committed offsets. */
sf_status application_check_known(const command_call *call, const topic_list *topics,
                                  const char *application_id, sf_error *err);

/* All that its group committed; lies in the arena. */
sf_status application_offsets(const command_call *call, const char *application_id, sf_arena *arena,
                              const sf_offset **offsets, size_t *count, sf_error *err);

/* SF_BUSY while an instance runs. *lock keeps another from starting on a journal until it is closed; -1: there
 * is no such thing. */
sf_status application_keep_stopped(const command_call *call, const char *application_id, int *lock,
                                   sf_error *err);

#endif
