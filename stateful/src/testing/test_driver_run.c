/* test_driver_run.c - the loop of a stream thread, one record at a time: feed, process, commit. */
#include "testing/test_driver_implementation.h"

static void feed_tasks(sf_test_driver *driver)
{
    for (size_t i = 0; i < driver->task_count; i++) {
        sf_driven *at = &driver->tasks[i];

        for (size_t k = 0; k < sf_task_input_count(at->task); k++) {
            sf_test_log *log =
                sf_test_topics_log(&driver->topics, at->inputs[k].topic, at->partition);

            if (log->count == at->inputs[k].pushed)
                continue;
            sf_task_push(at->task, k, sf_test_log_batch(log, at->inputs[k].pushed, log->count));
            at->inputs[k].pushed = log->count;
        }
    }
}

static sf_status feed(sf_test_driver *driver, sf_error *err)
{
    sf_status status = sf_test_driver_follow(driver, err);

    if (!status)
        feed_tasks(driver);
    return status;
}

/* The task whose next record is the oldest; among equals the first. */
static sf_driven *choose(const sf_test_driver *driver)
{
    sf_driven *best = NULL;
    int64_t best_time = 0;

    for (size_t i = 0; i < driver->task_count; i++) {
        int64_t time = sf_task_next_time(driver->tasks[i].task);

        if (time >= 0 && (!best || time < best_time)) {
            best = &driver->tasks[i];
            best_time = time;
        }
    }
    return best;
}

static void commit_offsets(sf_test_driver *driver, const sf_driven *at)
{
    for (size_t i = 0; i < sf_task_input_count(at->task); i++) {
        sf_test_log *log = sf_test_topics_log(&driver->topics, at->inputs[i].topic, at->partition);

        log->position = sf_task_position(at->task, i);
        sf_buffer_clear(&log->metadata);
        sf_task_metadata(at->task, i, &log->metadata);
    }
}

static void commit_changelog_positions(sf_test_driver *driver, const sf_driven *at)
{
    for (size_t i = 0; i < sf_task_changelog_count(at->task); i++) {
        size_t topic =
            sf_test_topics_find(&driver->topics, sf_task_changelog_at(at->task, i)->topic);

        sf_task_set_changelog_position(
            at->task, i, (int64_t)sf_test_topics_log(&driver->topics, topic, at->partition)->count);
    }
}

bool sf_test_driver_has_uncommitted(const sf_test_driver *driver)
{
    for (size_t i = 0; i < driver->task_count; i++)
        if (sf_task_has_uncommitted(driver->tasks[i].task))
            return true;
    return false;
}

/* The steps of DESIGN section 5, for all tasks. */
sf_status sf_test_driver_commit_once(sf_test_driver *driver, sf_error *err)
{
    sf_status status = SF_OK;

    sf_state_commit_clear(driver->commit);
    for (size_t i = 0; i < driver->task_count && !status; i++)
        status = sf_task_flush(driver->tasks[i].task, driver->commit, err);
    if (status)
        return status;
    sf_test_topics_commit_all(&driver->topics);
    for (size_t i = 0; i < driver->task_count && !status; i++) {
        commit_offsets(driver, &driver->tasks[i]);
        commit_changelog_positions(driver, &driver->tasks[i]);
        status = sf_task_finish(driver->tasks[i].task, driver->commit, err);
    }
    if (!status)
        status = sf_state_commit_write(driver->commit, err);
    for (size_t i = 0; i < driver->task_count && !status; i++)
        sf_task_committed(driver->tasks[i].task);
    return status;
}

/* Until nothing is left to process; each record is committed, or none. */
sf_status sf_test_driver_process(sf_test_driver *driver, bool commits, sf_error *err)
{
    sf_status status = feed(driver, err);
    sf_driven *at;

    while (!status && (at = choose(driver))) {
        size_t processed;

        status = sf_task_process(at->task, 1, &processed, err);
        if (!status && !processed && !commits) /* it waits for the commit it asked for */
            break;
        if (!status && commits)
            status = sf_test_driver_commit_once(driver, err);
        if (!status)
            status = feed(driver, err);
    }
    return status;
}
