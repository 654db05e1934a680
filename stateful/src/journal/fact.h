/* fact.h - what a frame says besides records: topics made or gone, marks, offsets of groups.
 *
 * A fact is a byte for its kind, the size of the rest and the rest: one of a kind unknown here can
 * be skipped. Texts and bytes read point into what was read. Any thread.
 */
#ifndef SF_JOURNAL_FACT_H
#define SF_JOURNAL_FACT_H

#include "base/buffer.h"

typedef enum sf_fact_kind {
    SF_FACT_TOPIC = 1,         /* topic, number: partitions, name, text: configs */
    SF_FACT_TOPIC_DELETED = 2, /* topic */
    SF_FACT_PARTITION = 3,     /* topic, partition, number: next offset, low, max_timestamp */
    SF_FACT_LOW = 4,           /* topic, partition, number: first offset that may be read */
    SF_FACT_GROUP_OFFSET = 5,  /* name: group, topic, partition, number: offset, text: metadata */
    SF_FACT_EPOCH = 6,         /* name: transactional id, number */
    SF_FACT_NEXT_TOPIC = 7,    /* topic: the number that the next topic gets */
    SF_FACT_WRITTEN = 8,       /* topic, partition, number: bytes of its blocks so far */
    SF_FACT_KEPT = 9, /* topic, partition, number: bytes of its blocks in a cleaned segment,
                                * low: 1 if its keys are compacted, max_timestamp: its next offset */
} sf_fact_kind;

typedef struct sf_fact {
    sf_fact_kind kind;
    uint32_t topic;
    int32_t partition;
    int64_t number;
    int64_t low;
    int64_t max_timestamp;
    sf_bytes name;
    sf_bytes text; /* may be null */
} sf_fact;

void sf_fact_add(sf_buffer *facts, const sf_fact *fact);

/* Takes the first fact off facts. False at the end, or if *facts is not empty then: nonsense. */
bool sf_fact_next(sf_bytes *facts, sf_fact *fact);

#endif
