/* shared_log.h - a log that threads of this process share with each other and, in a directory, with
 * other processes: where it ends, what its catalog says, how frames are appended and made durable.
 *
 * Any thread, but for what is said to need the lock.
 */
#ifndef SF_JOURNAL_SHARED_LOG_H
#define SF_JOURNAL_SHARED_LOG_H

#include <stateful/clock.h>

#include "journal/catalog.h"
#include "journal/log_waiter.h"
#include "journal/log_window.h"

typedef struct sf_shared_log sf_shared_log;

typedef struct sf_shared_log_options {
    sf_clock *clock;           /* NULL: the system's */
    size_t segment_size_bytes; /* a segment that would grow beyond ends first; 0: 64 MB */
    bool syncs_later;          /* _acknowledge does not wait for the disk */
} sf_shared_log_options;

/* Opens the log that lies in storage, or begins one there; cuts a torn tail. Owns storage from now
 * on, also when it fails. */
sf_status sf_shared_log_open(sf_log_storage *storage, const sf_shared_log_options *options,
                             sf_shared_log **log, sf_error *err);
void sf_shared_log_close(sf_shared_log *log);

sf_log_storage *sf_shared_log_storage(sf_shared_log *log);
sf_clock *sf_shared_log_clock(const sf_shared_log *log);

/* A number drawn when the log was begun: another one is another log. */
uint64_t sf_shared_log_id(const sf_shared_log *log);

/* Behind the last whole frame known in this process. Never blocks. */
int64_t sf_shared_log_end(const sf_shared_log *log);

/* Takes in what others appended since. */
sf_status sf_shared_log_refresh(sf_shared_log *log, sf_error *err);

/* The catalog as of the last refresh or append; nobody changes it until _unlock. */
sf_catalog *sf_shared_log_lock(sf_shared_log *log);
void sf_shared_log_unlock(sf_shared_log *log);

/* The same after a refresh; not locked if it fails. */
sf_status sf_shared_log_lock_fresh(sf_shared_log *log, sf_catalog **catalog, sf_error *err);

size_t sf_shared_log_segment_size_bytes(const sf_shared_log *log);

/* Calls fn, with no lock held, after each append of this process that began a segment. Before the
 * log is used by several threads. */
void sf_shared_log_on_segment(sf_shared_log *log, void (*fn)(void *user), void *user);

/* Where the log ends; needs the lock. */
sf_log_place sf_shared_log_end_place(const sf_shared_log *log);

/* Keeps all other writers of all processes out, takes in what they wrote and cuts what one of them
 * left half-written. Nothing is held if it fails. */
sf_status sf_shared_log_begin_append(sf_shared_log *log, sf_catalog **catalog, sf_error *err);

/* Between _begin_append and _end_append: writes a sealed frame, or nothing when it fails (SF_RETRY:
 * no room on the disk). It counts once written; durable it is after _sync. */
sf_status sf_shared_log_append(sf_shared_log *log, const sf_frame_draft *frame, sf_error *err);

/* Returns the log's end. */
int64_t sf_shared_log_end_append(sf_shared_log *log);

/* Returns once everything before position is on disk; threads that wait together share a sync. */
sf_status sf_shared_log_sync(sf_shared_log *log, int64_t position, sf_error *err);

/* Returns once what stands before position may be told of: the same, or nothing if it syncs later. */
sf_status sf_shared_log_acknowledge(sf_shared_log *log, int64_t position, sf_error *err);

/* A frame of facts alone, appended; needs _begin_append. */
sf_status sf_shared_log_append_facts(sf_shared_log *log, const sf_buffer *facts, sf_error *err);

/* Tells the waiter of growth until it is removed. */
void sf_shared_log_add_waiter(sf_shared_log *log, sf_log_waiter *waiter);
void sf_shared_log_remove_waiter(sf_shared_log *log, sf_log_waiter *waiter);

#endif
