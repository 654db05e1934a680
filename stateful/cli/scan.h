/* scan.h - reads records of a topic between offsets, or for as long as somebody watches. One thread. */
#ifndef STATEFUL_CLI_SCAN_H
#define STATEFUL_CLI_SCAN_H

#include "command.h"
#include "record/record_batch.h"

typedef struct scan_range {
    int32_t partition;
    int64_t from; /* an offset, or SF_OFFSET_END */
    int64_t end;  /* behind the last one wanted; INT64_MAX: waits for more until interrupted */
} scan_range;

/* Called for each record in the order of its partition; *enough = true ends the scan. */
typedef sf_status (*scan_fn)(void *user, int32_t partition, const sf_consumed_record *record,
                             bool *enough, sf_error *err);

typedef struct scan {
    const char *topic;
    const scan_range *ranges;
    size_t count;
    bool read_uncommitted;
    scan_fn fn;
    void *user;
} scan;

/* Ranges with an end are read one after the other, those without together. Ends early and well on SIGINT
 * and SIGTERM. */
sf_status scan_run(const command_call *call, const scan *what, sf_error *err);

/* Where a partition is to be read from or put to: "beginning", "end", an offset, a time
 * ("2026-02-27T09:00:00Z") or "@" and milliseconds since 1970; *offset is a number, cut to where the
 * partition begins and ends; a time behind all records is its end. SF_REJECT for another word. */
sf_status scan_find_offset(const command_call *call, const char *topic, int32_t partition,
                           const char *where, int64_t *offset, sf_error *err);

#endif
