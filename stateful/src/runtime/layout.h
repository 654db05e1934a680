/* layout.h - which task index means which sub-topology and partition: agreed on by all instances, kept
 * in the compacted topic <application>-layout.
 *
 * 1 Indexes are only appended, so an index never changes its meaning.
 * 2 The incarnation is drawn when the record is first written; state that carries another one belongs
 *   to topics that are gone.
 * 3 An input partition is listed as started once a position of it was committed. From then on a
 *   missing position is a loss and no reason to begin anew.
 * 4 The record is changed only while the group has no members (layout_change.h). Who joins looks at it
 *   again after each rebalance and leaves if it is not the one he started with: else two programs could
 *   run one task under two numbers, and the broker would let both commit.
 *
 * Constant once open, but for the started inputs, which any thread may ask for and list.
 */
#ifndef SF_RUNTIME_LAYOUT_H
#define SF_RUNTIME_LAYOUT_H

#include <stateful/broker.h>
#include <stateful/topology.h>

#include "runtime/layout_record.h"
#include "runtime/retry.h"

typedef struct sf_layout sf_layout;

typedef struct sf_layout_options {
    sf_broker *broker;
    const char *application_id; /* names the group, too */
    const sf_topology *topology;
    const int32_t *counts; /* partitions of the topology's topics */
    sf_retry_policy retry;
    int64_t empty_within_ms; /* how long a changed layout waits for the group's members to go */
    uint64_t seed;           /* what is drawn comes from; 0: the system */
} sf_layout_options;

/* Reads the topic, which must exist, checks what it says against the program, and changes it if the
 * program has changed, as layout_change.h says. SF_INVALID names both counts if a sub-topology's
 * partitions changed; SF_BUSY if the group has members that run another program. */
sf_status sf_layout_open(const sf_layout_options *options, sf_layout **layout, sf_error *err);
void sf_layout_free(sf_layout *layout);

uint64_t sf_layout_incarnation(const sf_layout *layout);
size_t sf_layout_task_count(const sf_layout *layout);
const sf_layout_task *sf_layout_task_at(const sf_layout *layout, size_t index);

/* Looks at the topic again; takes over which inputs others have started. SF_INVALID says that the record
 * is not the one that was opened. *is_end = false: to be called again, a transaction was in the way. Any
 * thread. */
sf_status sf_layout_refresh(sf_layout *layout, sf_retry_policy retry, bool *is_end, sf_error *err);

/* Asks all instances that run now to stop, which they do when they look at the topic again
 * (sf_layout_refresh fails with SF_CLOSED): who asks, and why. Any thread. */
sf_status sf_layout_ask_to_stop(sf_layout *layout, sf_retry_policy retry, const char *who,
                                const char *why, sf_error *err);

bool sf_layout_has_started(sf_layout *layout, const char *topic, int32_t partition);
void sf_layout_set_started(sf_layout *layout, const char *topic, int32_t partition);

/* The record that lists an input, for the transaction that commits its first position; its bytes lie
 * in text, which is cleared before. */
sf_record sf_layout_started_record(const char *topic, int32_t partition, int64_t now_ms,
                                   sf_buffer *text);

#endif
