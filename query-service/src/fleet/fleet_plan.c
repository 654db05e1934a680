#include "fleet/fleet_plan.h"

#include <string.h>

static bool is_reachable(const sf_partition_metadata *holder, const char *own)
{
    return holder->address[0] && !(own && !strcmp(holder->address, own));
}

static fleet_share new_share(const char *address, size_t most, sf_arena *arena)
{
    return (fleet_share){
        .address = sf_arena_text(arena, address),
        .partitions = sf_arena_alloc(arena, (most + 1) * sizeof(int32_t)),
    };
}

static void add(fleet_share *share, int32_t partition)
{
    share->partitions[share->partition_count++] = partition;
}

/* The share of that instance; a new one if it has none. */
static fleet_share *share_of(fleet_plan *plan, const char *address, size_t most, sf_arena *arena)
{
    for (size_t i = 0; i < plan->there_count; i++) {
        if (!strcmp(plan->there[i].address, address))
            return &plan->there[i];
    }
    plan->there[plan->there_count] = new_share(address, most, arena);
    return &plan->there[plan->there_count++];
}

void fleet_plan_make(fleet_plan *plan, const sf_partition_metadata *holders, size_t count,
                     const char *own, sf_arena *arena)
{
    *plan = (fleet_plan){
        .here = new_share("", count, arena),
        .there = sf_arena_zalloc(arena, (count + 1) * sizeof(plan->there[0])),
        .missing = sf_arena_zalloc(arena, (count + 1) * sizeof(plan->missing[0])),
    };
    for (size_t i = 0; i < count; i++) {
        const sf_partition_metadata *holder = &holders[i];

        if (holder->is_local)
            add(&plan->here, holder->partition);
        else if (is_reachable(holder, own))
            add(share_of(plan, holder->address, count, arena), holder->partition);
        else
            plan->missing[plan->missing_count++] = *holder;
    }
}
