/* task_restore.c - state back from changelogs: records into the stores, in slices, each written with
 * the position behind it. */
#include "store/meta.h"
#include "task/task_implementation.h"

size_t sf_task_changelog_count(const sf_task *task)
{
    return task->changelog_count;
}

const sf_task_changelog *sf_task_changelog_at(const sf_task *task, size_t index)
{
    return &task->changelogs[index].changelog;
}

/* State that nobody has committed yet has a date, too: were it left lying half restored for days, deletions
 * that it lacks could be compacted away meanwhile. An older date stays, since what the slice builds upon
 * is no newer. */
static sf_status date_slice(sf_task *task, sf_error *err)
{
    sf_state_db *disk = sf_state_database(task->state, false);
    int64_t written = -1;
    sf_status status =
        sf_meta_get(disk, SF_META_WRITTEN, task->part->identity, task->partition, &written, err);

    if (!status && written < 0)
        status =
            sf_meta_put(disk, sf_state_commit_batch(task->restoring, false), SF_META_WRITTEN,
                        task->part->identity, task->partition, sf_clock_now_ms(task->clock), err);
    return status;
}

/* Puts position and date into the slice and writes it. */
static sf_status write_slice(sf_task *task, sf_task_changelog *changelog, int64_t position,
                             sf_error *err)
{
    sf_state_commit *slice = task->restoring;
    const char *store = sf_store_name(sf_task_stores_at(task->stores, changelog->store));
    sf_status status;

    status = sf_meta_put(sf_state_database(task->state, changelog->in_memory),
                         sf_state_commit_batch(slice, changelog->in_memory), SF_META_CHANGELOG,
                         store, task->partition, position, err);
    if (!status)
        status = date_slice(task, err);
    if (!status)
        status = sf_state_commit_write(slice, err);
    if (!status)
        changelog->position = position;
    sf_state_commit_clear(slice);
    return status;
}

sf_status sf_task_restore(sf_task *task, size_t changelog, const sf_record_batch *batch,
                          sf_error *err)
{
    sf_task_changelog *from = &task->changelogs[changelog].changelog;
    sf_status status = sf_task_stores_restore(task->stores, from->store, batch->records,
                                              batch->count, task->restoring, err);

    if (status) {
        sf_state_commit_clear(task->restoring);
        return sf_error_prefix(err, status, "restoring from %s", from->topic);
    }
    return write_slice(task, from, batch->position_after, err);
}

sf_status sf_task_restored_to(sf_task *task, size_t changelog, int64_t position, sf_error *err)
{
    return write_slice(task, &task->changelogs[changelog].changelog, position, err);
}

sf_status sf_task_clear(sf_task *task, size_t changelog, sf_error *err)
{
    sf_task_changelog *from = &task->changelogs[changelog].changelog;
    sf_status status = sf_task_stores_clear(task->stores, from->store, task->restoring, err);

    if (!status)
        status = sf_state_commit_write(task->restoring, err);
    if (!status)
        from->position = -1;
    sf_state_commit_clear(task->restoring);
    return status;
}
