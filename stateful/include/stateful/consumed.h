/* consumed.h - how a topic is read: serdes, time, what to do with bad records, where to begin. */
#ifndef STATEFUL_CONSUMED_H
#define STATEFUL_CONSUMED_H

#include <stateful/record.h>
#include <stateful/serde.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What happens to a record that cannot be deserialized, has a negative timestamp, or is rejected by
 * a processor behind its source. Its changes and outputs are undone in any case. What no single record
 * stands behind - punctuations, results that a cache hands on at the commit - is skipped when refused,
 * unless a source of the same task says FAIL. */
typedef enum sf_on_error {
    SF_ON_ERROR_FAIL,        /* the application stops */
    SF_ON_ERROR_SKIP,        /* left out, counted, logged */
    SF_ON_ERROR_DEAD_LETTER, /* sent to <application>-dlq as it came, with headers that say why */
} sf_on_error;

/* Where a group begins that has committed nothing for a topic. */
typedef enum sf_reset {
    SF_RESET_EARLIEST,
    SF_RESET_LATEST,
    SF_RESET_NONE, /* it is an error */
} sf_reset;

/* The time of a record, ms since 1970; negative refuses it. record is deserialized and carries the
 * broker's timestamp; partition_time is the largest so far in its partition, -1 before the first. */
typedef int64_t (*sf_timestamp_fn)(void *user, const sf_record *record, int64_t partition_time);

/* Two ways that need no function of your own. The first keeps a record's time and gives one that has
 * none (a negative one) that of its partition so far; the first record of a partition is refused. user
 * is not looked at. Any thread. */
int64_t sf_timestamp_or_partition_time(void *user, const sf_record *record, int64_t partition_time);

/* Any thread. The wall clock of now: user is the sf_clock, NULL: the system's. A replay gives other times. */
int64_t sf_timestamp_wall_clock(void *user, const sf_record *record, int64_t partition_time);

/* How a topic is read; zero is the usual case. */
typedef struct sf_consumed {
    const sf_serde *key;       /* NULL: bytes as they are */
    const sf_serde *value;     /* NULL: bytes as they are */
    sf_timestamp_fn timestamp; /* NULL: the record's own */
    void *user;                /* for timestamp */
    sf_on_error on_error;
    sf_reset reset;
} sf_consumed;

#ifdef __cplusplus
}
#endif

#endif
