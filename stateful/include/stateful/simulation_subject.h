/* simulation_subject.h - what is simulated: a topology, who writes its inputs, and a model of it.
 * One thread.
 */
#ifndef STATEFUL_SIMULATION_SUBJECT_H
#define STATEFUL_SIMULATION_SUBJECT_H

#include <stddef.h>
#include <stdint.h>

#include <stateful/arena.h>
#include <stateful/error.h>
#include <stateful/record.h>
#include <stateful/simulation_outcome.h>
#include <stateful/topology.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where a generator takes its chances from. */
typedef struct sf_simulation_random sf_simulation_random;

/* 0 ... bound - 1; bound above 0. */
uint64_t sf_simulation_random_below(sf_simulation_random *random, uint64_t bound);

/* What is done with a topic. */
typedef enum sf_simulation_role {
    SF_SIMULATION_INPUT,     /* records of the generator */
    SF_SIMULATION_SEQUENCE,  /* of each key: exactly the expected records, in order */
    SF_SIMULATION_LAST,      /* of each key: exactly the expected last record */
    SF_SIMULATION_UNCHECKED, /* the model looks for itself, or nobody does */
} sf_simulation_role;

/* A topic that the topology reads or writes; internal ones come by themselves. */
typedef struct sf_simulation_topic {
    const char *name;
    int32_t partitions;
    sf_simulation_role role;
} sf_simulation_topic;

/* A record to be written to an input. */
typedef struct sf_simulation_input {
    const char *topic;
    int32_t partition; /* or SF_PARTITION_BY_KEY, as it is before the call */
    sf_record record;  /* as on the wire; its bytes in the arena, or constant; timestamp as it is
                        * before the call: the simulated time */
} sf_simulation_input;

/* Called before the first record of a history is drawn. */
typedef void (*sf_simulation_begin_fn)(void *user, sf_simulation_random *random);

/* Draws the next record. */
typedef void (*sf_simulation_generate_fn)(void *user, sf_simulation_random *random, sf_arena *arena,
                                          sf_simulation_input *input);

/* Looks at the records that the inputs came to hold and states what must have become of them
 * (sf_simulation_expect_...), or fails with a sentence. Written apart from the topology. */
typedef sf_status (*sf_simulation_model_fn)(void *user, sf_simulation_outcome *outcome,
                                            sf_error *err);

/* What is to be simulated; borrowed by the calls below. */
typedef struct sf_simulation_subject {
    const char *name;
    const sf_topology *topology;
    const sf_simulation_topic *topics;
    size_t topic_count;
    const char *const *stores; /* held against the model: key-value and window stores */
    size_t store_count;
    size_t records;               /* at most, in a history; 0: 60 */
    sf_simulation_begin_fn begin; /* NULL: nothing is to be drawn beforehand */
    sf_simulation_generate_fn generate;
    sf_simulation_model_fn model; /* NULL: only what holds for every topology is checked */
    void *user;
} sf_simulation_subject;

#ifdef __cplusplus
}
#endif

#endif
