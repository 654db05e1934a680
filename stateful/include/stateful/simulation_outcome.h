/* simulation_outcome.h - what a simulated history led to, for a model to look at and to state what it
 * expects. Borrowed by the model for its call. One thread.
 */
#ifndef STATEFUL_SIMULATION_OUTCOME_H
#define STATEFUL_SIMULATION_OUTCOME_H

#include <stddef.h>
#include <stdint.h>

#include <stateful/record.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_simulation_outcome sf_simulation_outcome;

/* ---- what the topics of the subject hold: committed records, in the order of the log ---- */

/* How many partitions it has, 0 for a topic that is none of the subject's. */
int32_t sf_simulation_partitions(const sf_simulation_outcome *outcome, const char *topic);

/* How many records a partition has. */
size_t sf_simulation_record_count(const sf_simulation_outcome *outcome, const char *topic,
                                  int32_t partition);

/* One of them, from 0 on. */
const sf_record *sf_simulation_record(const sf_simulation_outcome *outcome, const char *topic,
                                      int32_t partition, size_t index);

/* ---- what its stores hold ---- */

/* A row; its bytes live as long as the outcome. */
typedef struct sf_simulation_row {
    sf_bytes key;
    int64_t start_ms; /* of the window; 0 in a key-value store */
    sf_bytes value;
} sf_simulation_row;

/* How many rows a store has, over all partitions; 0 for one that is none of the subject's. */
size_t sf_simulation_row_count(const sf_simulation_outcome *outcome, const char *store);

/* One of them, from 0 on, in no order that means anything. */
sf_simulation_row sf_simulation_row_at(const sf_simulation_outcome *outcome, const char *store,
                                       size_t index);

/* The model looks at the rows of this store by itself: nothing is to be expected of them. */
void sf_simulation_judged_store(sf_simulation_outcome *outcome, const char *store);

/* ---- what is expected; bytes are copied ---- */

/* A record of an output, behind those expected before with the same key. It must lie in the partition
 * that the key's hash says. A null value is a deletion. */
void sf_simulation_expect_record(sf_simulation_outcome *outcome, const char *topic, sf_bytes key,
                                 sf_bytes value);

/* A row of a store, in some partition; the last one stated for a key counts, a null value takes it
 * back. Other rows must not be there. */
void sf_simulation_expect_row(sf_simulation_outcome *outcome, const char *store, sf_bytes key,
                              sf_bytes value);

/* The same in a window store. */
void sf_simulation_expect_window(sf_simulation_outcome *outcome, const char *store, sf_bytes key,
                                 int64_t start_ms, sf_bytes value);

#ifdef __cplusplus
}
#endif

#endif
