/* simulated_positions.h - the positions that a group has committed.
 *
 *  1 Those of a transaction count when it ends; until then whoever wants stable ones has to wait.
 *  2 What members must not do is noticed: a position that goes back, and two members that commit one
 *    partition in one generation. The broker itself would take both.
 *
 * One thread.
 */
#ifndef SF_SIMULATION_SIMULATED_POSITIONS_H
#define SF_SIMULATION_SIMULATED_POSITIONS_H

#include <stateful/broker.h>

/* Who asks. A member has number 0 before it first joins. */
typedef struct sf_group_identity {
    uint64_t member;
    int32_t generation;
    const char *instance; /* NULL: dynamic */
} sf_group_identity;

typedef struct sf_simulated_position {
    sf_offset offset;
    uint64_t transaction; /* that holds it; 0: it counts */
    int32_t generation;   /* of the one who committed it */
    char *author;         /* NULL: a tool */
} sf_simulated_position;

typedef struct sf_simulated_positions {
    sf_simulated_position *items; /* those that count */
    size_t count;
    sf_simulated_position *held;
    size_t held_count;
    char *complaint; /* what is wrong with what members did; NULL: nothing */
} sf_simulated_positions;

void sf_simulated_positions_init(sf_simulated_positions *positions);
void sf_simulated_positions_done(sf_simulated_positions *positions);

/* Counts at once. who NULL: a tool, which may do as it likes. */
void sf_simulated_positions_put(sf_simulated_positions *positions, const sf_group_identity *who,
                                const sf_offset *offset);

/* Keeps it until the transaction of that number (above 0) ends. */
void sf_simulated_positions_hold(sf_simulated_positions *positions, const sf_group_identity *who,
                                 uint64_t transaction, const sf_offset *offset);
void sf_simulated_positions_end(sf_simulated_positions *positions, uint64_t transaction,
                                bool committed);

/* Fills in offset and metadata, which are borrowed; false: a transaction that is not over holds one. */
bool sf_simulated_positions_get(const sf_simulated_positions *positions, sf_offset *offset);

#endif
