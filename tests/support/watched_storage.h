/* watched_storage.h - the directory storage of the journal, with a hand on its appends and an eye on its
 * reads. One at a time. */
#ifndef TESTS_SUPPORT_WATCHED_STORAGE_H
#define TESTS_SUPPORT_WATCHED_STORAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "journal/journal.h"

typedef enum append_end {
    APPEND_IS_KILLED, /* _exit of the process */
    APPEND_HAS_NO_ROOM,
} append_end;

/* Opens the journal in a directory, or fails the test. */
sf_broker *watched_storage_open(const char *directory, const sf_journal_options *options);

/* Bytes read since it was opened. */
size_t watched_storage_bytes_read(void);

/* Whether something was appended that no sync followed, and whether a segment was ever begun while
 * that was so. */
bool watched_storage_is_unsynced(void);
bool watched_storage_began_unsynced(void);

/* After so many more bytes appended, appending ends this way, for good. */
void watched_storage_allow(size_t bytes, append_end then);

/* The process ends before the cleaner's step of that number (1: the first): begun a file, appended to
 * it, synced it, put it in place, removed a segment. 0: never. */
void watched_storage_kill_cleaner_before(int step);

/* Appending works again. */
void watched_storage_allow_all(void);

#endif
