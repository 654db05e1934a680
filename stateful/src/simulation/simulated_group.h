/* simulated_group.h - the broker's side of a consumer group whose topic's partitions are tasks.
 *
 *   STABLE ── a member comes, goes or asks ──> PREPARING ── all have joined ──> STABLE, one generation on
 *
 *  1 Assignment is sticky and cooperative: what a member has it keeps as long as shares are even, and what
 *    another still holds is given in the generation after that one has let go.
 *  2 A commit is refused if its member is unknown (25), of another generation (22) or replaced by a newer
 *    one with the same instance (82). Who owns a partition is not asked, as Kafka does not.
 *  3 A static member that comes again under a new number while the group is stable gets what the old one
 *    had, without a new generation. Only if tasks are not given out at that moment a round begins: Kafka
 *    leaves them with nobody until the next one.
 *
 * One thread.
 */
#ifndef SF_SIMULATION_SIMULATED_GROUP_H
#define SF_SIMULATION_SIMULATED_GROUP_H

#include "base/random.h"
#include "simulation/simulated_positions.h"
#include "simulation/trace.h"

typedef struct sf_simulated_group sf_simulated_group;

/* What the coordinator answers. */
typedef enum sf_group_answer {
    SF_GROUP_FINE,
    SF_GROUP_REBALANCE_IN_PROGRESS, /* 27: join again */
    SF_GROUP_ILLEGAL_GENERATION,    /* 22 */
    SF_GROUP_UNKNOWN_MEMBER,        /* 25 */
    SF_GROUP_FENCED_INSTANCE,       /* 82 */
} sf_group_answer;

typedef struct sf_simulated_group_options {
    const char *name;
    int32_t tasks;   /* partitions to give out */
    sf_trace *trace; /* borrowed */
    sf_random *random;
} sf_simulated_group_options;

sf_simulated_group *sf_simulated_group_new(const sf_simulated_group_options *options);
void sf_simulated_group_free(sf_simulated_group *group);
const char *sf_simulated_group_name(const sf_simulated_group *group);
void sf_simulated_group_set_tasks(sf_simulated_group *group, int32_t tasks);

/* What a member says when it joins. */
typedef struct sf_group_join {
    sf_group_identity who;
    const char *client_id;
    int64_t session_ms;
    const int32_t *owned; /* tasks it still holds */
    size_t owned_count;
    int64_t now_ms;
} sf_group_join;

/* *member = its number from now on. The round is over when sf_simulated_group_assignment says so. */
sf_group_answer sf_simulated_group_join(sf_simulated_group *group, const sf_group_join *join,
                                        uint64_t *member);

/* The generation in which a member has its tasks; false while its round is under way. */
bool sf_simulated_group_assignment(const sf_simulated_group *group, uint64_t member,
                                   int32_t *generation, const int32_t **tasks, size_t *count);

sf_group_answer sf_simulated_group_heartbeat(sf_simulated_group *group,
                                             const sf_group_identity *who, int64_t now_ms);

void sf_simulated_group_leave(sf_simulated_group *group, uint64_t member);

/* Puts out members that were silent for too long, ends rounds that are complete. */
void sf_simulated_group_tick(sf_simulated_group *group, int64_t now_ms);

/* A coordinator that moved has forgotten when it heard of whom. */
void sf_simulated_group_renew(sf_simulated_group *group, int64_t now_ms);

/* Whether this one may commit. transactional: also while a round is under way. */
sf_group_answer sf_simulated_group_check(const sf_simulated_group *group,
                                         const sf_group_identity *who, bool transactional);

/* What it has committed. */
sf_simulated_positions *sf_simulated_group_positions(sf_simulated_group *group);

int32_t sf_simulated_group_task_count(const sf_simulated_group *group);
size_t sf_simulated_group_member_count(const sf_simulated_group *group);

typedef void (*sf_simulated_member_fn)(void *user, uint64_t member, const char *instance,
                                       const char *client_id, const int32_t *tasks, size_t count);
void sf_simulated_group_each(const sf_simulated_group *group, sf_simulated_member_fn fn,
                             void *user);

/* Whether no round is under way and every task belongs to a member. */
bool sf_simulated_group_is_settled(const sf_simulated_group *group);

#endif
