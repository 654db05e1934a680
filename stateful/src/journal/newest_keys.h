/* newest_keys.h - where the newest record of each key stands in the dirty segments that a run of the cleaner
 * covers. One thread, which has the cleaner's lock.
 *
 * As many dirty segments as the table of keys has room for are covered, the first in any case; what the
 * table has of one that did not fit is true too.
 */
#ifndef SF_JOURNAL_NEWEST_KEYS_H
#define SF_JOURNAL_NEWEST_KEYS_H

#include "journal/cleaning.h"
#include "journal/key_offsets.h"

/* All zero: of no segment. */
typedef struct sf_newest_keys {
    sf_key_offsets *offsets; /* NULL: none are compacted */
    bool is_full;            /* there was no room for a key */
    size_t covered; /* closed segments whose keys are looked up: so many from the first on */
} sf_newest_keys;

/* Notes the keys of the dirty segments, into about so many bytes. */
sf_status sf_newest_keys_note(sf_newest_keys *keys, const sf_cleaning *cleaning,
                              sf_log_window *window, size_t memory_bytes, sf_error *err);
void sf_newest_keys_done(sf_newest_keys *keys);

/* Whether a record that stands in a covered segment has a newer one of its key. */
bool sf_newest_keys_supersede(const sf_newest_keys *keys, sf_log_target target,
                              const sf_consumed_record *record);

#endif
