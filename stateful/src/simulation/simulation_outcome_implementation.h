/* simulation_outcome_implementation.h - the inside of an outcome: for the history that fills it in and
 * holds it against what the model expects. One thread. */
#ifndef SF_SIMULATION_SIMULATION_OUTCOME_IMPLEMENTATION_H
#define SF_SIMULATION_SIMULATION_OUTCOME_IMPLEMENTATION_H

#include <stateful/arena.h>
#include <stateful/simulation_outcome.h>

/* How a topic is held against the model. */
typedef enum sf_outcome_check {
    SF_OUTCOME_NOT,
    SF_OUTCOME_SEQUENCE,
    SF_OUTCOME_LAST,
} sf_outcome_check;

typedef struct sf_outcome_records {
    sf_record *items;
    size_t count;
} sf_outcome_records;

typedef struct sf_outcome_topic {
    const char *name;
    int32_t partitions;
    sf_outcome_check check;
    sf_outcome_records *found;   /* by partition */
    sf_outcome_records expected; /* timestamps are not looked at */
} sf_outcome_topic;

typedef struct sf_outcome_row {
    sf_bytes key;
    int64_t start_ms; /* 0 in a key-value store */
    sf_bytes value;
    size_t number; /* later ones replace earlier ones */
} sf_outcome_row;

typedef struct sf_outcome_rows {
    sf_outcome_row *items;
    size_t count;
} sf_outcome_rows;

typedef struct sf_outcome_store {
    const char *name;
    bool is_judged; /* by the model */
    sf_outcome_rows found;
    sf_outcome_rows expected;
} sf_outcome_store;

struct sf_simulation_outcome {
    sf_arena *arena;
    sf_outcome_topic *topics;
    size_t topic_count;
    sf_outcome_store *stores;
    size_t store_count;
    const char *unknown; /* a name that the model used and that is not the subject's; NULL: none */
};

sf_simulation_outcome *sf_simulation_outcome_new(void);
void sf_simulation_outcome_free(sf_simulation_outcome *outcome);

/* Names are borrowed. */
void sf_simulation_outcome_add_topic(sf_simulation_outcome *outcome, const char *name,
                                     int32_t partitions, sf_outcome_check check);
void sf_simulation_outcome_add_store(sf_simulation_outcome *outcome, const char *name);

/* Copied. */
void sf_simulation_outcome_add_record(sf_simulation_outcome *outcome, size_t topic,
                                      int32_t partition, const sf_record *record);
void sf_simulation_outcome_add_row(sf_simulation_outcome *outcome, size_t store,
                                   const sf_outcome_row *row);

#endif
