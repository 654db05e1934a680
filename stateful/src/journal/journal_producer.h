/* journal_producer.h - the producer half of the journal as a broker.
 *
 * Without transactions each _send becomes a frame (large ones several), readable at once and
 * delivered once it is durable: _poll and _flush wait for the disk, a fraction of a ms as a rule.
 * A transaction is kept in memory and becomes one frame at its commit, which returns when that is
 * durable; its records are delivered then, not before, and an abort forgets them.
 */
#ifndef SF_JOURNAL_JOURNAL_PRODUCER_H
#define SF_JOURNAL_JOURNAL_PRODUCER_H

#include "broker/broker_implementation.h"
#include "journal/shared_log.h"

typedef struct sf_journal_producer_traits {
    uint64_t random_gaps;    /* a seed to leave gaps between offsets, 0: none */
    size_t record_max_bytes; /* 0: 64 MB, which is the most */
} sf_journal_producer_traits;

/* The producer borrows the log. Any thread. */
sf_status sf_journal_producer_new(sf_shared_log *log, const sf_producer_options *options,
                                  const sf_journal_producer_traits *limits, sf_producer **producer,
                                  sf_error *err);

#endif
