/* undo_log.h - what a write buffer's entries were at the last savepoint, so that a record that fails
 * leaves no trace.
 *
 *   1 An entry is logged at its first write after a savepoint, before it changes.
 *   2 Undone in the opposite order, each finds its neighbour in the dirty list where it was: whoever
 *     stood before an entry not yet touched was not touched either.
 */
#ifndef SF_STORE_UNDO_LOG_H
#define SF_STORE_UNDO_LOG_H

#include "base/buffer.h"
#include "store/buffer_entry.h"

typedef struct sf_undo_record {
    sf_buffer_entry *entry;
    sf_buffer_entry *previous; /* in the dirty list, if it was dirty */
    sf_kept_headers *headers;  /* that it had; the log's */
    size_t value_at;           /* its old timestamp and value, in the log's bytes */
    uint32_t value_size;
    uint8_t state;
    bool is_there;
    bool is_pending;
    bool is_new; /* there was no entry */
} sf_undo_record;

typedef struct sf_undo_log {
    sf_undo_record *records;
    size_t count;
    size_t capacity;
    sf_buffer values;
    uint64_t savepoint; /* of what is in it */
    bool has_headers;   /* a record has some */
} sf_undo_log;

void sf_undo_log_done(sf_undo_log *log);

/* Keeps what the entry is now, and takes its headers. What belongs to an older savepoint is forgotten. */
void sf_undo_log_add(sf_undo_log *log, uint64_t savepoint, sf_buffer_entry *entry, bool is_new);

/* Forgets all. */
void sf_undo_log_clear(sf_undo_log *log);

#endif
