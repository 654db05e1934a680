/* task_topics.h - the names of the topics that the tasks of a program read and write, as far as they are known
 * beforehand. They live in the arena. */
#ifndef SF_RUNTIME_TASK_TOPICS_H
#define SF_RUNTIME_TASK_TOPICS_H

#include <stateful/arena.h>
#include <stateful/topology.h>

typedef struct sf_task_topics {
    const char *const *names;
    size_t count;
} sf_task_topics;

/* Inputs; not those that are read whole by each instance. */
sf_task_topics sf_task_topics_read(const sf_topology *topology, const char *application_id,
                                   sf_arena *arena);

/* Sinks, changelogs, the topic of dead letters. */
sf_task_topics sf_task_topics_written(const sf_topology *topology, const char *application_id,
                                      sf_arena *arena);

#endif
