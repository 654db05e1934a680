/* outbox.h - records and offsets on their way into one frame, and what is to be told of them once it
 * is durable. The producer's thread.
 */
#ifndef SF_JOURNAL_OUTBOX_H
#define SF_JOURNAL_OUTBOX_H

#include "base/random.h"
#include "journal/shared_log.h"

/* The records for one partition that wait for their frame. */
typedef struct sf_outbox_partition {
    const sf_journal_topic *topic; /* the catalog's */
    int32_t partition;
    int64_t base_offset; /* of the last frame's block */
    int64_t end_offset;  /* behind the last one delivered; SF_OFFSET_NONE */
    sf_block_draft draft;
} sf_outbox_partition;

/* A record, or the end of a partition, at an offset. */
typedef struct sf_outbox_delivery {
    sf_outbox_partition *partition;
    int64_t offset;
    void *tag;
} sf_outbox_delivery;

typedef struct sf_outbox_deliveries {
    sf_outbox_delivery *items;
    size_t count;
    size_t capacity;
} sf_outbox_deliveries;

typedef struct sf_outbox {
    bool keeps_tags; /* deliveries of single records are wanted */
    bool leaves_gaps;
    sf_random random;              /* for the gaps */
    sf_outbox_partition **touched; /* with records, in the order of their first */
    size_t touched_count;
    size_t touched_capacity;
    sf_outbox_deliveries records; /* their offsets count from their block's base */
    size_t size_bytes;            /* of the records */
    sf_buffer facts;              /* to go with them */
} sf_outbox;

void sf_outbox_done(sf_outbox *outbox);

/* Adds a copy of a record. */
void sf_outbox_add(sf_outbox *outbox, sf_outbox_partition *partition, const sf_record *record,
                   void *tag);

/* Forgets all of it. */
void sf_outbox_clear(sf_outbox *outbox);

bool sf_outbox_is_empty(const sf_outbox *outbox);

/* May the frame be written? Asked under the lock, with all that others wrote taken in. */
typedef sf_status (*sf_outbox_check_fn)(void *user, const sf_catalog *catalog, sf_error *err);

/* Writes all of it as one frame and clears the outbox; *end is the log's then. Moves the deliveries,
 * now with their offsets, behind those in written, and the partitions' new ends behind those in
 * ends. When it fails nothing was written and all is still there. An empty one is only checked. */
sf_status sf_outbox_write(sf_outbox *outbox, sf_shared_log *log, sf_outbox_check_fn check,
                          void *user, sf_outbox_deliveries *written, sf_outbox_deliveries *ends,
                          int64_t *end, sf_error *err);

void sf_outbox_deliveries_add(sf_outbox_deliveries *deliveries, sf_outbox_delivery delivery);

#endif
