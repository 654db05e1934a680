/* fleet_plan.h - who is asked for which partitions of a store, and which nobody can be asked for. Each
 * partition is in it once. Pure; any thread.
 */
#ifndef QUERY_SERVICE_FLEET_FLEET_PLAN_H
#define QUERY_SERVICE_FLEET_FLEET_PLAN_H

#include <stateful/arena.h>
#include <stateful/streams_metadata.h>

/* What one instance is asked for. */
typedef struct fleet_share {
    const char *address;
    int32_t *partitions;
    size_t partition_count;
} fleet_share;

typedef struct fleet_plan {
    fleet_share here;   /* address "" */
    fleet_share *there; /* one an instance */
    size_t there_count;
    sf_partition_metadata
        *missing; /* held by nobody that is known, or by this instance, which cannot
                                     * read them yet */
    size_t missing_count;
} fleet_plan;

/* own: the address of this instance, NULL if it has none. All of the plan is in the arena. */
void fleet_plan_make(fleet_plan *plan, const sf_partition_metadata *holders, size_t count,
                     const char *own, sf_arena *arena);

#endif
