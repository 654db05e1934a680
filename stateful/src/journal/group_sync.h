/* group_sync.h - threads that wait for the disk at the same time share one sync. Any thread. */
#ifndef SF_JOURNAL_GROUP_SYNC_H
#define SF_JOURNAL_GROUP_SYNC_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <stateful/error.h>

typedef struct sf_group_sync {
    pthread_mutex_t mutex;
    pthread_cond_t done;
    bool is_syncing;
} sf_group_sync;

void sf_group_sync_init(sf_group_sync *group);
void sf_group_sync_done(sf_group_sync *group);

/* Syncs what was written up to now and raises *synced to where that ends; one thread at a time. */
typedef sf_status (*sf_sync_fn)(void *user, sf_error *err);

/* Returns once *synced has reached position: by a sync of another thread, or by one of its own, which
 * then counts for all who came meanwhile. */
sf_status sf_group_sync_wait(sf_group_sync *group, const _Atomic int64_t *synced, int64_t position,
                             sf_sync_fn sync, void *user, sf_error *err);

#endif
