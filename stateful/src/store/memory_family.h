/* memory_family.h - a family of memory_state_db: its versions, which of them only snapshots need, and
 * what is expired. The caller locks. */
#ifndef SF_STORE_MEMORY_FAMILY_H
#define SF_STORE_MEMORY_FAMILY_H

#include "base/buffer.h"
#include "store/state_db.h"
#include "store/version_list.h"

/* Aged nodes hold what only a snapshot needs; there are none when there is no snapshot. */
struct sf_state_family {
    char *name;
    sf_version_list list;
    sf_version_node **aged;
    size_t aged_count;
    size_t aged_capacity;
    sf_state_expired_fn expired; /* NULL: nothing expires */
    void *expired_user;
    sf_buffer sweep_position; /* key to look at next for expired entries */
};

/* Where a change stands: its own sequence number, and the oldest that a reader looks at. */
typedef struct sf_memory_moment {
    uint64_t sequence;
    uint64_t oldest;
} sf_memory_moment;

sf_state_family *sf_memory_family_new(const char *name);
void sf_memory_family_free(sf_state_family *family);

/* Takes all entries out. No snapshots. */
void sf_memory_family_empty(sf_state_family *family);

void sf_memory_family_put(sf_state_family *family, sf_memory_moment moment, sf_bytes key,
                          sf_bytes value);
void sf_memory_family_delete(sf_state_family *family, sf_memory_moment moment, sf_bytes key);
void sf_memory_family_delete_range(sf_state_family *family, sf_memory_moment moment, sf_bytes lower,
                                   sf_bytes upper);

/* Removes what only snapshots that are gone needed. */
void sf_memory_family_prune(sf_state_family *family, uint64_t oldest);

/* Looks at the next two entries in turn and removes those that are expired. */
void sf_memory_family_sweep(sf_state_family *family);

#endif
