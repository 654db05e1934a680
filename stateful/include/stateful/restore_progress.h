/* restore_progress.h - how an application tells of the restore of its stores: sf_streams_set_restore_listener
 * (streams.h).
 */
#ifndef STATEFUL_RESTORE_PROGRESS_H
#define STATEFUL_RESTORE_PROGRESS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How far the restore of a store from a partition of its changelog is. */
typedef struct sf_restore_progress {
    const char *store;
    const char *topic; /* the changelog, or what a global table is made of */
    int32_t partition;
    int64_t begin;    /* offsets: where it began, */
    int64_t position; /* where it is, */
    int64_t end;      /* and where it is to come to */
    uint64_t records; /* put into the store so far */
    int64_t elapsed_ms;
    int64_t left_ms; /* until the end at the speed so far; -1: cannot be told yet */
} sf_restore_progress;

/* Each may be NULL. Called on the stream threads, and within sf_streams_start for global tables, one store
 * and partition at a time on each; texts are valid for the call, which must not call back into the
 * application. */
typedef struct sf_restore_listener {
    void (*began)(void *user, const sf_restore_progress *progress);
    void (*advanced)(void *user, const sf_restore_progress *progress); /* after each slice */
    void (*ended)(void *user, const sf_restore_progress *progress);
    void (*suspended)(void *user, const sf_restore_progress *progress); /* the task goes, or begins
                                                                         * anew */
    void *user;
} sf_restore_listener;

#ifdef __cplusplus
}
#endif

#endif
