/* journal_reader.h - the readers of one journal consumer. The consumer's thread.
 */
#ifndef SF_JOURNAL_JOURNAL_READER_H
#define SF_JOURNAL_JOURNAL_READER_H

#include "broker/broker_implementation.h"
#include "journal/cursors.h"
#include "journal/shared_log.h"

typedef struct sf_journal_reader sf_journal_reader;

typedef struct sf_journal_readers {
    const sf_consumer_ops *ops; /* of each reader */
    sf_shared_log *log;         /* borrowed */
    size_t queue_size_bytes;    /* of each reader */
    sf_journal_reader *first;
    sf_cursors cursors;
    sf_batch_pool *batches;
} sf_journal_readers;

void sf_journal_readers_init(sf_journal_readers *readers, sf_shared_log *log,
                             const sf_consumer_ops *ops, size_t queue_size_bytes);
void sf_journal_readers_done(sf_journal_readers *readers);

/* Reads on for all that lack something, each some 4 MB of the log at most. */
sf_status sf_journal_readers_fill(sf_journal_readers *readers, sf_error *err);

/* Whether all have, or have looked through, what is known of the log. */
bool sf_journal_readers_are_at_end(const sf_journal_readers *readers);

/* Whether some reader has what was not announced yet; now it is. */
bool sf_journal_readers_announce(sf_journal_readers *readers);

/* The calls of <stateful/broker.h>. */
sf_status sf_journal_readers_add(sf_journal_readers *readers, const char *topic, int32_t partition,
                                 int64_t offset, sf_reader **reader, sf_error *err);
void sf_journal_readers_remove(sf_journal_readers *readers, sf_reader *reader);
sf_status sf_journal_reader_read(sf_reader *reader, size_t max, sf_record_batch **batch,
                                 sf_error *err);
bool sf_journal_reader_is_ready(const sf_reader *reader);
int64_t sf_journal_reader_position(const sf_reader *reader);
int64_t sf_journal_reader_end(const sf_reader *reader);
sf_status sf_journal_reader_seek(sf_reader *reader, int64_t offset, sf_error *err);

#endif
