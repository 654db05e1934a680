#include "journal/group_sync.h"

void sf_group_sync_init(sf_group_sync *group)
{
    pthread_mutex_init(&group->mutex, NULL);
    pthread_cond_init(&group->done, NULL);
    group->is_syncing = false;
}

void sf_group_sync_done(sf_group_sync *group)
{
    pthread_cond_destroy(&group->done);
    pthread_mutex_destroy(&group->mutex);
}

/* With the mutex held, which is let go meanwhile. */
static sf_status lead(sf_group_sync *group, sf_sync_fn sync, void *user, sf_error *err)
{
    sf_status status;

    group->is_syncing = true;
    pthread_mutex_unlock(&group->mutex);
    status = sync(user, err);
    pthread_mutex_lock(&group->mutex);
    group->is_syncing = false;
    pthread_cond_broadcast(&group->done);
    return status;
}

sf_status sf_group_sync_wait(sf_group_sync *group, const _Atomic int64_t *synced, int64_t position,
                             sf_sync_fn sync, void *user, sf_error *err)
{
    sf_status status = SF_OK;

    pthread_mutex_lock(&group->mutex);
    while (!status && atomic_load(synced) < position) {
        if (group->is_syncing)
            pthread_cond_wait(&group->done, &group->mutex);
        else
            status = lead(group, sync, user, err);
    }
    pthread_mutex_unlock(&group->mutex);
    return status;
}
