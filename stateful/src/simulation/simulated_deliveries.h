/* simulated_deliveries.h - what a producer has sent and what became of it.
 *
 *   waits ── written to a log ──> written ── reported ──> gone
 *     └── the producer was fenced, or the topic is gone ──> failed ── reported ──> gone
 *
 *  1 Partitions are written one by one: some may have theirs while others wait.
 *  2 What is written counts from then on, whether or not the report ever comes. Sending it again is
 *    noticed by the broker, as of an idempotent producer.
 *  3 What waits when the producer is closed may be on its way: it arrives later, and is refused if its
 *    transaction is over by then.
 *
 * One thread.
 */
#ifndef SF_SIMULATION_SIMULATED_DELIVERIES_H
#define SF_SIMULATION_SIMULATED_DELIVERIES_H

#include <stateful/arena.h>

#include "simulation/simulated_host.h"

/* A topic as a producer knows it. */
typedef struct sf_simulated_target {
    sf_producer_topic base; /* first: it is one */
    char *name;
    size_t number;
    int32_t partitions;
    int64_t *ends; /* by partition: behind the last one reported */
} sf_simulated_target;

typedef struct sf_simulated_delivery {
    sf_simulated_target *target;
    int32_t partition;
    sf_record record; /* in the arena */
    void *tag;
    int64_t offset; /* SF_OFFSET_NONE: not written */
    bool has_failed;
} sf_simulated_delivery;

typedef struct sf_simulated_deliveries {
    sf_simulated_host *host;
    sf_transaction_producer producer; /* id NULL: no transactions; borrowed */
    void (*on_delivery)(void *user, const sf_delivery *delivery);
    void *user;
    sf_simulated_delivery *items;
    size_t count;
    size_t capacity;
    sf_arena *arena;
    bool is_known;   /* the coordinator knows of the open transaction */
    bool has_failed; /* one of them, since the failure was last taken or forgotten */
    sf_error failure;
} sf_simulated_deliveries;

/* The rest of *deliveries is zero. */
void sf_simulated_deliveries_init(sf_simulated_deliveries *deliveries);

/* The producer is closed. */
void sf_simulated_deliveries_done(sf_simulated_deliveries *deliveries);

/* Copies the record. */
void sf_simulated_deliveries_add(sf_simulated_deliveries *deliveries, sf_simulated_target *target,
                                 const sf_outgoing *out);

/* Writes what can be written now; or, if not all, that of some partitions. */
void sf_simulated_deliveries_write(sf_simulated_deliveries *deliveries, bool all);

/* Tells what became of those that are written or failed. */
void sf_simulated_deliveries_report(sf_simulated_deliveries *deliveries);

/* Nothing of them is told any more. */
void sf_simulated_deliveries_forget(sf_simulated_deliveries *deliveries);

/* The failure of one, once. */
sf_status sf_simulated_deliveries_take_failure(sf_simulated_deliveries *deliveries, sf_error *err);

#endif
