/* record_batch.h - records of one partition in the order of the log, as a broker hands them out and
 * a task's queue holds them. Whoever holds the batch releases it once; then its records are gone. */
#ifndef SF_RECORD_RECORD_BATCH_H
#define SF_RECORD_RECORD_BATCH_H

#include <stateful/record.h>

typedef struct sf_consumed_record {
    sf_record record;
    int64_t offset; /* gaps between offsets are usual: markers, compaction */
} sf_consumed_record;

typedef struct sf_record_batch sf_record_batch;

struct sf_record_batch {
    const sf_consumed_record *records;
    size_t count;

    /* The position to go on from once the whole batch is done: past markers too. */
    int64_t position_after;

    void (*release)(sf_record_batch *batch);
};

#endif
