/* simulated_transactions.h - the coordinator of transactions.
 *
 *   EMPTY ── first record or position ──> OPEN ── end, or its time is up ──> ENDING ── all markers ──> EMPTY
 *
 *  1 The decision is made when OPEN is left; markers follow, partition by partition, some time later.
 *    Readers of a partition see the outcome with its marker, those of positions with the last one.
 *  2 A producer that comes under an id ends what is open there and has an epoch one above: the older one
 *    is fenced. So is one whose transaction took too long.
 *  3 Ending again what was ended so is well.
 *
 * One thread.
 */
#ifndef SF_SIMULATION_SIMULATED_TRANSACTIONS_H
#define SF_SIMULATION_SIMULATED_TRANSACTIONS_H

#include "simulation/simulated_group.h"
#include "simulation/simulated_log.h"

typedef struct sf_simulated_transactions sf_simulated_transactions;

typedef enum sf_transaction_answer {
    SF_TRANSACTION_FINE,
    SF_TRANSACTION_BUSY,   /* the last one's markers are not all written: again, later */
    SF_TRANSACTION_FENCED, /* of an older epoch */
} sf_transaction_answer;

/* A producer as it was let in. */
typedef struct sf_transaction_producer {
    const char *id;
    int32_t epoch;
} sf_transaction_producer;

/* marker_ms: borrowed; a marker comes at most so long after the one before it. */
sf_simulated_transactions *sf_simulated_transactions_new(sf_trace *trace, sf_random *random,
                                                         const int *marker_ms);
void sf_simulated_transactions_free(sf_simulated_transactions *transactions);

/* BUSY while what a predecessor left is being ended. */
sf_transaction_answer sf_simulated_transactions_init(sf_simulated_transactions *transactions,
                                                     const char *id, int64_t timeout_ms,
                                                     int64_t now_ms, int32_t *epoch);

/* The piece of a partition that the producer's open transaction writes to; opens one. */
sf_transaction_answer sf_simulated_transactions_piece(sf_simulated_transactions *transactions,
                                                      const sf_transaction_producer *producer,
                                                      sf_simulated_log *log, int64_t now_ms,
                                                      sf_simulated_piece **piece);

/* Lets the open transaction hold a position; opens one. The group was asked before. */
sf_transaction_answer sf_simulated_transactions_hold(sf_simulated_transactions *transactions,
                                                     const sf_transaction_producer *producer,
                                                     sf_simulated_positions *positions,
                                                     const sf_group_identity *who,
                                                     const sf_offset *offset, int64_t now_ms);

/* The number of the producer's open transaction; 0: none is open, or it is of an older epoch. */
uint64_t sf_simulated_transactions_number(const sf_simulated_transactions *transactions,
                                          const sf_transaction_producer *producer);

/* For requests that were on their way for long: the piece in the open transaction of that number, NULL
 * if it is over (brokers ask the coordinator before they write: KIP-890); and its end. */
sf_simulated_piece *sf_simulated_transactions_late_piece(sf_simulated_transactions *transactions,
                                                         uint64_t number, sf_simulated_log *log);
void sf_simulated_transactions_late_end(sf_simulated_transactions *transactions, uint64_t number,
                                        bool commit, int64_t now_ms);

sf_transaction_answer sf_simulated_transactions_end(sf_simulated_transactions *transactions,
                                                    const sf_transaction_producer *producer,
                                                    bool commit, int64_t now_ms);

/* Writes markers that are due, ends transactions whose time is up. */
void sf_simulated_transactions_tick(sf_simulated_transactions *transactions, int64_t now_ms);

/* Whether nothing is open or ending. */
bool sf_simulated_transactions_are_over(const sf_simulated_transactions *transactions);

#endif
