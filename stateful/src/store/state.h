/* state.h - all that an instance of an application keeps: its directory (locked, with the instance's
 * id), one database on disk, one in memory, who holds which task, and which stores may be read.
 *
 * Any thread, but for what says otherwise.
 */
#ifndef SF_STORE_STATE_H
#define SF_STORE_STATE_H

#include <stateful/clock.h>
#include <stateful/error.h>

#include "store/state_db.h"

typedef struct sf_state sf_state;

typedef struct sf_state_options {
    const char *directory; /* made if missing; NULL: nothing on disk, all databases in memory */
    const char *application_id;
    const char *instance_id;  /* NULL: the one kept in the directory, made on the first start */
    size_t block_cache_bytes; /* 0: 16 MB */
    size_t memtable_bytes;    /* all memtables together; 0: 32 MB */
    sf_clock *clock;          /* NULL: the system's */
    sf_state_db *disk; /* NULL: opened in the directory; else taken for the disk (borrowed; the
                          directory is not touched): a simulated machine's, see memory_state_db.h */
} sf_state_options;

/* Code SF_BUSY when another process has the directory. */
sf_status sf_state_open(const sf_state_options *options, sf_state **state, sf_error *err);

/* After all tasks are closed. NULL is fine. */
void sf_state_close(sf_state *state);

/* The instance's id: stable as long as the directory lives. */
const char *sf_state_instance_id(const sf_state *state);

/* The database on disk, or the one in memory. */
sf_state_db *sf_state_database(sf_state *state, bool in_memory);

/* A commit of a thread: one batch for each of the two databases, written disk first. The sizes that
 * follow are the thread's. */
typedef struct sf_state_commit sf_state_commit;

sf_state_commit *sf_state_commit_new(sf_state *state);
void sf_state_commit_free(sf_state_commit *commit);
void sf_state_commit_clear(sf_state_commit *commit);
sf_state_batch *sf_state_commit_batch(sf_state_commit *commit, bool in_memory);
sf_status sf_state_commit_write(sf_state_commit *commit, sf_error *err);

/* Each task has one holder in the process; false: someone else has it, ask again later. identity
 * names the sub-topology (see topology). */
bool sf_state_take_task(sf_state *state, const char *identity, int32_t partition);
bool sf_state_has_holder(sf_state *state, const char *identity, int32_t partition);
void sf_state_release_task(sf_state *state, const char *identity, int32_t partition);

#endif
