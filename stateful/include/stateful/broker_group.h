/* broker_group.h - consumer groups as their broker sees them: for tools, and for whoever asks which
 * member holds a partition.
 *
 * Any thread. Answers lie in the arena that is handed in. SF_RETRY while the broker is away. On the
 * journal a group is nothing but the offsets it committed: it never has members.
 */
#ifndef STATEFUL_BROKER_GROUP_H
#define STATEFUL_BROKER_GROUP_H

#include <stateful/arena.h>
#include <stateful/broker.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A partition that a member was given. */
typedef struct sf_assigned_partition {
    const char *topic;
    int32_t partition;
} sf_assigned_partition;

/* A member as it told the broker about itself. */
typedef struct sf_group_member {
    const char *id;        /* drawn by the broker */
    const char *instance;  /* its static membership; NULL: dynamic */
    const char *client_id; /* see sf_broker_options */
    const char *host;      /* from where it is connected */
    const sf_assigned_partition *assigned;
    size_t assigned_count;
} sf_group_member;

/* A group at one moment. */
typedef struct sf_group_description {
    const char *state;    /* as Kafka says: "Stable", "Empty", "Dead" (unknown), ... */
    const char *assignor; /* "cooperative-sticky"; "" while there is no member */
    const sf_group_member *members;
    size_t member_count;
} sf_group_description;

/* Told of a group and its state; any thread's call below runs it on the caller's. */
typedef void (*sf_group_fn)(void *user, const char *group, const char *state);

/* Calls fn for every group, in no order. */
sf_status sf_broker_list_groups(sf_broker *broker, sf_group_fn fn, void *user, sf_error *err);

/* Who is in the group now. One that was never seen is no error: "Dead", without members. */
sf_status sf_broker_describe_group(sf_broker *broker, const char *group, sf_arena *arena,
                                   sf_group_description *description, sf_error *err);

/* All positions that the group has committed, in no order. Waits for no open transaction: what is
 * given is what counts now. */
sf_status sf_broker_group_offsets(sf_broker *broker, const char *group, sf_arena *arena,
                                  const sf_offset **offsets, size_t *count, sf_error *err);

/* Puts the group's positions of these partitions there; others stay. Offsets are numbers >= 0. Code
 * SF_BUSY while the group has members. */
sf_status sf_broker_set_group_offsets(sf_broker *broker, const char *group,
                                      const sf_offset *offsets, size_t count, sf_error *err);

#ifdef __cplusplus
}
#endif

#endif
