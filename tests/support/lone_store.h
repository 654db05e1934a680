/* lone_store.h - one store of one task, with the state around it. */
#ifndef TESTS_SUPPORT_LONE_STORE_H
#define TESTS_SUPPORT_LONE_STORE_H

#include "store/task_stores.h"

typedef struct lone_store {
    sf_store_options options;
    char *directory; /* NULL: nothing on disk */
    size_t cache_bytes;
    sf_store_changed_fn changed;
    void *user; /* of changed */

    /* while it is open */
    sf_state *state;
    sf_state_commit *commit;
    sf_task_stores *stores;
} lone_store;

void lone_store_open(lone_store *lone);
void lone_store_close(lone_store *lone);
sf_store *lone_store_of(const lone_store *lone);

/* Whether it outlives a closing. */
bool lone_store_is_on_disk(const lone_store *lone);

/* Writes the batch as it is. */
void lone_store_write(lone_store *lone);

/* Flushes, writes, and tells the store. */
void lone_store_commit(lone_store *lone);

#endif
