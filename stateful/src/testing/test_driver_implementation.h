/* test_driver_implementation.h - what is inside a test driver; shared by test_driver.c (life, input,
 * state, faults), test_driver_tasks.c (tasks made, restored, started), test_driver_globals.c (global
 * tables), test_driver_run.c (the loop and the commit) and test_driver_output.c.
 */
#ifndef SF_TESTING_TEST_DRIVER_IMPLEMENTATION_H
#define SF_TESTING_TEST_DRIVER_IMPLEMENTATION_H

#include <stateful/test_driver.h>

#include "task/global_store.h"
#include "task/task.h"
#include "testing/test_topics.h"
#include "topology/topology_implementation.h"

typedef struct sf_driven_input {
    size_t topic;
    size_t pushed; /* records handed to the task */
} sf_driven_input;

typedef struct sf_driven {
    sf_task *task;
    size_t subtopology;
    int32_t partition;
    sf_driven_input *inputs;
} sf_driven;

struct sf_test_driver {
    const sf_topology *topology;
    char *application_id;
    int32_t partitions;
    bool commits_by_hand;
    bool caching_off;
    int64_t emit_interval_ms;
    size_t record_max_bytes;
    sf_clock *clock;
    int32_t *counts; /* of the topology's topics */
    sf_test_topics topics;
    sf_state *state;
    sf_state_commit *commit;
    sf_global_store **globals; /* as many as the topology has, opened in order */
    size_t global_count;
    sf_driven *tasks;
    size_t task_count;
};

/* Opens the global tables and brings them up to their topics; before the tasks. */
sf_status sf_test_driver_start_globals(sf_test_driver *driver, sf_error *err);
void sf_test_driver_free_globals(sf_test_driver *driver);

/* What is committed of their topics goes to the global tables. */
sf_status sf_test_driver_follow(sf_test_driver *driver, sf_error *err);

/* The rows of a global table; NULL: there is none of that name. */
sf_store *sf_test_driver_global(const sf_test_driver *driver, const char *store);

/* Makes all tasks, restores their stores from what is committed, starts them where the group is. */
sf_status sf_test_driver_start_tasks(sf_test_driver *driver, sf_error *err);
void sf_test_driver_free_tasks(sf_test_driver *driver);

/* One transaction over all tasks. */
sf_status sf_test_driver_commit_once(sf_test_driver *driver, sf_error *err);
bool sf_test_driver_has_uncommitted(const sf_test_driver *driver);

/* Processes until nothing is left; commits after each record, or not at all. */
sf_status sf_test_driver_process(sf_test_driver *driver, bool commits, sf_error *err);

#endif
