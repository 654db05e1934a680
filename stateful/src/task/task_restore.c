/* task_restore.c - state back from changelogs.
 *
 * 1 A tail comes in slices, each written in one batch with the position behind it.
 * 2 Many records come by a load: gathered in memory, written as sorted files, and then the position behind
 *   them. A crash in between leaves rows that are newer than the position says: the same records are
 *   replayed over them. So a load is for stores only whose rows do not depend on what is there.
 * 3 Before the first row of a load there is a position and a date: rows that nobody knows of would not be
 *   cleared where a store has to be.
 */
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

/* ---- loads ---- */

bool sf_task_can_load(const sf_task *task, size_t changelog)
{
    return sf_task_stores_can_load(task->stores, task->changelogs[changelog].changelog.store);
}

static void end_load(sf_task_changelog_state *state)
{
    sf_bulk_load_free(state->load);
    state->load = NULL;
}

sf_status sf_task_begin_load(sf_task *task, size_t changelog, int64_t from, size_t bytes,
                             sf_error *err)
{
    sf_task_changelog_state *state = &task->changelogs[changelog];
    sf_status status = write_slice(task, &state->changelog, from, err);

    end_load(state); /* of an earlier try */
    if (status)
        return status;
    state->load = sf_bulk_load_new(sf_state_database(task->state, false));
    state->load_bytes = bytes;
    state->gathered_to = from;
    return SF_OK;
}

static sf_status write_load(sf_task *task, sf_task_changelog_state *state, sf_error *err)
{
    sf_status status = sf_bulk_load_write(state->load, err);

    if (!status)
        status = sf_task_stores_loaded(task->stores, state->changelog.store, task->restoring, err);
    return status ? status : write_slice(task, &state->changelog, state->gathered_to, err);
}

static sf_status load(sf_task *task, sf_task_changelog_state *state, const sf_record_batch *batch,
                      sf_error *err)
{
    sf_status status = sf_task_stores_load(task->stores, state->changelog.store, batch->records,
                                           batch->count, state->load, err);

    if (status)
        return status;
    state->gathered_to = batch->position_after;
    return sf_bulk_load_bytes(state->load) < state->load_bytes ? SF_OK
                                                               : write_load(task, state, err);
}

/* ---- slices ---- */

static sf_status write_records(sf_task *task, sf_task_changelog *from, const sf_record_batch *batch,
                               sf_error *err)
{
    sf_status status = sf_task_stores_restore(task->stores, from->store, batch->records,
                                              batch->count, task->restoring, err);

    if (!status)
        return write_slice(task, from, batch->position_after, err);
    sf_state_commit_clear(task->restoring);
    return status;
}

sf_status sf_task_restore(sf_task *task, size_t changelog, const sf_record_batch *batch,
                          sf_error *err)
{
    sf_task_changelog_state *state = &task->changelogs[changelog];
    sf_status status = state->load ? load(task, state, batch, err)
                                   : write_records(task, &state->changelog, batch, err);

    return status ? sf_error_prefix(err, status, "restoring from %s", state->topic) : SF_OK;
}

sf_status sf_task_restored_to(sf_task *task, size_t changelog, int64_t position, sf_error *err)
{
    sf_task_changelog_state *state = &task->changelogs[changelog];
    sf_status status = SF_OK;

    if (state->load)
        status = write_load(task, state, err);
    if (status)
        return sf_error_prefix(err, status, "restoring from %s", state->topic);
    end_load(state);
    return write_slice(task, &state->changelog, position, err);
}

sf_status sf_task_clear(sf_task *task, size_t changelog, sf_error *err)
{
    sf_task_changelog_state *state = &task->changelogs[changelog];
    sf_status status =
        sf_task_stores_clear(task->stores, state->changelog.store, task->restoring, err);

    end_load(state);
    if (!status)
        status = sf_state_commit_write(task->restoring, err);
    if (!status)
        state->changelog.position = -1;
    sf_state_commit_clear(task->restoring);
    return status;
}
