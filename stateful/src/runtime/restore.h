/* restore.h - brings the stores of a task up to the end of their changelogs, in slices.
 *
 * A thread has one of these while it restores; its consumer is read_committed, so that the open
 * transaction of a predecessor is waited for and never skipped. The stream thread's.
 */
#ifndef SF_RUNTIME_RESTORE_H
#define SF_RUNTIME_RESTORE_H

#include <stateful/restore_progress.h>

#include "runtime/active_task.h"

typedef struct sf_restore sf_restore;

typedef struct sf_restore_options {
    sf_broker *broker;
    const char *application_id;
    sf_state *state;
    sf_clock *clock;
    const sf_restore_listener *listener;
    size_t queue_bytes;   /* of a changelog's partition that is read; 0: the broker's usual size */
    int64_t load_records; /* that many are loaded, fewer written slice by slice; 0: 20,000 */
} sf_restore_options;

sf_restore *sf_restore_new(const sf_restore_options *options);
void sf_restore_free(sf_restore *restore); /* after all tasks are done or cancelled */

/* Begins to read what the task's changelogs have that its stores have not, up to where they were found to
 * end (task_ends.h). load_bytes: memory for what is gathered of them before it is written.
 * What cannot be replayed on top of what is stored is cleared first. SF_RETRY: call again. SF_STOP:
 * a changelog ends before what is stored already. */
sf_status sf_restore_begin(sf_restore *restore, sf_active_task *active, size_t load_bytes,
                           sf_error *err);

/* Puts what has arrived into the stores, some thousand records at most; *worked tells whether any
 * did. */
sf_status sf_restore_step(sf_restore *restore, sf_active_task *active, bool *worked, sf_error *err);

bool sf_restore_is_done(const sf_active_task *active);
uint64_t sf_restore_remaining(const sf_active_task *active); /* offsets */

/* Stops reading for a task that is let go. */
void sf_restore_cancel(sf_restore *restore, sf_active_task *active);

bool sf_restore_is_reading(const sf_restore *restore); /* for any task */

/* While it is reading: waits until something may have arrived. */
void sf_restore_wait(sf_restore *restore, int32_t timeout_ms);

/* Closes its consumer if nothing is read any more. */
void sf_restore_rest(sf_restore *restore);

#endif
