/* retention.h - how far behind its observed stream time a store still knows its rows.
 *
 * The time of a row is its window's start, its session's end, or the end of its version. The rules
 * are those of Kafka Streams, whose stores on disk consist of segments (half the retention long, at
 * least a minute) that go as a whole, while reads look at single rows:
 *
 *   shown    time > observed - retention
 *            windows on disk with order by time: time >= observed - retention
 *   kept     what may yet be shown: the same, but all that ends in a live segment for sessions on
 *            disk, since reads by end look at segments only
 *   expired  (what a put is told) on disk: in a segment that is gone; in memory: not shown
 */
#ifndef SF_STORE_RETENTION_H
#define SF_STORE_RETENTION_H

#include <stateful/store.h>

typedef struct sf_retention {
    int64_t ms;
    bool is_endless;
    bool shows_edge;     /* what is exactly ms old is shown */
    bool keeps_segments; /* what is in a live segment is kept */
    bool is_segmented;   /* on disk */
} sf_retention;

sf_retention sf_retention_of(const sf_store_options *options);

/* The first time that reads show, and the first that is kept, 0 or above. observed_ms -1: none. */
int64_t sf_retention_first_shown(const sf_retention *retention, int64_t observed_ms);
int64_t sf_retention_first_kept(const sf_retention *retention, int64_t observed_ms);

/* What a put of that time is told. */
bool sf_retention_is_expired(const sf_retention *retention, int64_t observed_ms, int64_t time_ms);

#endif
