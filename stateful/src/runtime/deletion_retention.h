/* deletion_retention.h - for how long topics keep deletions before compaction takes them away. State that was
 * away for longer than half of that is not trusted to have seen them all.
 *
 * Brokers are asked, and what they said is believed for a minute: a topic's settings may be changed while
 * the application runs. One thread.
 */
#ifndef SF_RUNTIME_DELETION_RETENTION_H
#define SF_RUNTIME_DELETION_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

#include <stateful/broker.h>

typedef struct sf_deletion_retention sf_deletion_retention;

/* Both are borrowed. */
sf_deletion_retention *sf_deletion_retention_new(sf_broker *broker, sf_clock *clock);
void sf_deletion_retention_free(sf_deletion_retention *retention); /* NULL is fine */

/* *outlived: whether state of that topic that was last written at written_ms (by the wall clock; negative:
 * never) was away for too long. A topic that says nothing, or that we may not ask about, keeps deletions for
 * a day, as brokers do by themselves. SF_RETRY: the broker is away. */
sf_status sf_deletion_retention_outlived(sf_deletion_retention *retention, const char *topic,
                                         int64_t written_ms, bool *outlived, sf_error *err);

#endif
