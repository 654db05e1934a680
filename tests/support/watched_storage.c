#include "support/watched_storage.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/memory.h"
#include "check.h"
#include "journal/log_storage.h"

static const sf_log_storage_ops *directory_ops;
static sf_log_storage_ops watched_ops;
static atomic_size_t bytes_read;
static atomic_bool is_unsynced;
static atomic_bool began_unsynced;
static size_t allowed;
static append_end end_of_append;
static atomic_int cleaner_steps_left;     /* 0: it is not killed */
static _Atomic(sf_log_segment *) cleaned; /* being written by the cleaner, on its thread */

static void pass_cleaner_step(void)
{
    if (atomic_load(&cleaner_steps_left) && atomic_fetch_sub(&cleaner_steps_left, 1) == 1)
        _exit(9);
}

static sf_status watched_open(sf_log_storage *storage, int64_t base, sf_log_segment **segment,
                              sf_error *err)
{
    sf_status status = directory_ops->open(storage, base, segment, err);

    if (!status)
        (*segment)->ops = &watched_ops;
    return status;
}

static sf_status watched_read(sf_log_segment *segment, size_t at, void *data, size_t size,
                              size_t *got, sf_error *err)
{
    sf_status status = directory_ops->read(segment, at, data, size, got, err);

    if (!status)
        atomic_fetch_add(&bytes_read, *got);
    return status;
}

/* As much of the pieces as is allowed; false if that is not all. */
static bool append_allowed(sf_log_segment *segment, size_t at, const sf_bytes *pieces, size_t count,
                           sf_status *status, sf_error *err)
{
    for (size_t i = 0; i < count; i++) {
        sf_bytes piece = pieces[i];
        bool is_cut = piece.size > allowed;

        if (is_cut)
            piece.size = allowed;
        *status = directory_ops->append(segment, at, &piece, 1, err);
        at += piece.size;
        allowed -= piece.size;
        if (*status || is_cut)
            return false;
    }
    return true;
}

static sf_status watched_append(sf_log_segment *segment, size_t at, const sf_bytes *pieces,
                                size_t count, sf_error *err)
{
    sf_status status = SF_OK;

    if (segment == atomic_load(&cleaned)) {
        pass_cleaner_step();
        return directory_ops->append(segment, at, pieces, count, err);
    }
    atomic_store(&is_unsynced, true);
    if (append_allowed(segment, at, pieces, count, &status, err) || status)
        return status;
    if (end_of_append == APPEND_IS_KILLED)
        _exit(9);
    return sf_fail_with(err, SF_RETRY, SF_IO, "cannot write: no room");
}

static sf_status watched_sync(sf_log_segment *segment, sf_error *err)
{
    if (segment == atomic_load(&cleaned))
        pass_cleaner_step();
    else
        atomic_store(&is_unsynced, false);
    return directory_ops->sync(segment, err);
}

static sf_status watched_begin(sf_log_storage *storage, int64_t base, sf_log_segment **segment,
                               sf_error *err)
{
    sf_status status;

    pass_cleaner_step();
    status = directory_ops->begin(storage, base, segment, err);
    if (!status) {
        (*segment)->ops = &watched_ops;
        atomic_store(&cleaned, *segment);
    }
    return status;
}

static sf_status watched_replace(sf_log_segment *segment, sf_error *err)
{
    pass_cleaner_step();
    atomic_store(&cleaned, NULL);
    return directory_ops->replace(segment, err);
}

static sf_status watched_remove(sf_log_storage *storage, int64_t base, sf_error *err)
{
    pass_cleaner_step();
    return directory_ops->remove(storage, base, err);
}

static sf_status watched_create(sf_log_storage *storage, int64_t base, sf_bytes contents,
                                sf_error *err)
{
    if (atomic_load(&is_unsynced))
        atomic_store(&began_unsynced, true);
    return directory_ops->create(storage, base, contents, err);
}

sf_broker *watched_storage_open(const char *directory, const sf_journal_options *options)
{
    sf_log_storage *storage;
    sf_broker *broker;

    assert_ok(sf_directory_storage_new(directory, &storage, err));
    directory_ops = storage->ops;
    watched_ops = *directory_ops;
    watched_ops.open = watched_open;
    watched_ops.read = watched_read;
    watched_ops.append = watched_append;
    watched_ops.sync = watched_sync;
    watched_ops.create = watched_create;
    watched_ops.begin = watched_begin;
    watched_ops.replace = watched_replace;
    watched_ops.remove = watched_remove;
    storage->ops = &watched_ops;
    watched_storage_allow_all();
    watched_storage_kill_cleaner_before(0);
    atomic_store(&bytes_read, 0);
    atomic_store(&is_unsynced, false);
    atomic_store(&began_unsynced, false);
    assert_ok(sf_journal_open_storage(storage, options, &broker, err));
    return broker;
}

size_t watched_storage_bytes_read(void)
{
    return atomic_load(&bytes_read);
}

bool watched_storage_is_unsynced(void)
{
    return atomic_load(&is_unsynced);
}

bool watched_storage_began_unsynced(void)
{
    return atomic_load(&began_unsynced);
}

void watched_storage_allow(size_t bytes, append_end then)
{
    allowed = bytes;
    end_of_append = then;
}

void watched_storage_allow_all(void)
{
    allowed = SIZE_MAX;
}

void watched_storage_kill_cleaner_before(int step)
{
    atomic_store(&cleaner_steps_left, step);
    atomic_store(&cleaned, NULL);
}
