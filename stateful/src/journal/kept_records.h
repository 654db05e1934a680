/* kept_records.h - which records of a closed segment stay when it is rewritten. One thread, which has the
 * cleaner's lock.
 *
 * An older record of a key goes. A deletion stays for delete.retention.ms after it was first compacted,
 * since a reader that saw the key before it must see the deletion too; it goes when its segment and all
 * before it were compacted in earlier runs, so that nothing older of its key is left: one that would have
 * grown still has all it had.
 */
#ifndef SF_JOURNAL_KEPT_RECORDS_H
#define SF_JOURNAL_KEPT_RECORDS_H

#include "journal/cleaned_segment.h"
#include "journal/newest_keys.h"

/* Copies what stays of a closed segment. */
sf_status sf_kept_records_copy(const sf_cleaning *cleaning, const sf_newest_keys *keys,
                               sf_log_window *window, size_t segment, sf_cleaned_segment *into,
                               sf_error *err);

#endif
