#include "simulation/simulated_group.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { REBALANCE_TIMEOUT_MS = 300000 };

typedef struct task_list {
    int32_t *items;
    size_t count;
} task_list;

typedef struct member {
    uint64_t number;
    char *instance; /* NULL: dynamic */
    char *client_id;
    int64_t session_ms;
    int64_t heard_ms;
    bool has_joined; /* the round under way */
    int32_t generation;
    task_list owned;    /* as it said when it joined */
    task_list assigned; /* in its generation */
} member;

struct sf_simulated_group {
    sf_simulated_group_options options;
    int32_t generation;
    bool is_preparing;
    int64_t round_ends_ms;
    uint64_t last_number;
    member **members;
    size_t member_count;
    sf_simulated_positions positions;
};

/* ---- life ---- */

sf_simulated_group *sf_simulated_group_new(const sf_simulated_group_options *options)
{
    sf_simulated_group *group = sf_zalloc(sizeof(*group));

    group->options = *options;
    group->options.name = sf_text_copy(options->name);
    sf_simulated_positions_init(&group->positions);
    return group;
}

static void free_member(member *one)
{
    free(one->instance);
    free(one->client_id);
    free(one->owned.items);
    free(one->assigned.items);
    free(one);
}

void sf_simulated_group_free(sf_simulated_group *group)
{
    for (size_t i = 0; i < group->member_count; i++)
        free_member(group->members[i]);
    free(group->members);
    sf_simulated_positions_done(&group->positions);
    free((char *)group->options.name);
    free(group);
}

const char *sf_simulated_group_name(const sf_simulated_group *group)
{
    return group->options.name;
}

void sf_simulated_group_set_tasks(sf_simulated_group *group, int32_t tasks)
{
    group->options.tasks = tasks;
}

/* ---- members ---- */

static member *find(const sf_simulated_group *group, uint64_t number)
{
    for (size_t i = 0; i < group->member_count; i++) {
        if (group->members[i]->number == number)
            return group->members[i];
    }
    return NULL;
}

static member *find_instance(const sf_simulated_group *group, const char *instance)
{
    for (size_t i = 0; instance && i < group->member_count; i++) {
        if (group->members[i]->instance && !strcmp(group->members[i]->instance, instance))
            return group->members[i];
    }
    return NULL;
}

static void set_tasks(task_list *list, const int32_t *tasks, size_t count)
{
    free(list->items);
    list->items = count ? sf_memory_copy(tasks, count * sizeof(tasks[0])) : NULL;
    list->count = count;
}

static bool has_task(const task_list *list, int32_t task)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == task)
            return true;
    }
    return false;
}

static void prepare_round(sf_simulated_group *group, int64_t now_ms, const char *why)
{
    if (group->is_preparing)
        return;
    sf_trace_add(group->options.trace, "group %s rebalances: %s", group->options.name, why);
    group->is_preparing = true;
    group->round_ends_ms = now_ms + REBALANCE_TIMEOUT_MS;
    for (size_t i = 0; i < group->member_count; i++)
        group->members[i]->has_joined = false;
}

static member *add_member(sf_simulated_group *group, const sf_group_join *join)
{
    member *added = sf_zalloc(sizeof(*added));

    added->number = ++group->last_number;
    added->instance = sf_text_copy(join->who.instance);
    added->client_id = sf_text_copy(join->client_id);
    group->members =
        sf_realloc_array(group->members, group->member_count + 1, sizeof(group->members[0]));
    group->members[group->member_count++] = added;
    return added;
}

static void remove_member(sf_simulated_group *group, member *gone, int64_t now_ms, const char *why)
{
    size_t i = 0;

    while (group->members[i] != gone)
        i++;
    sf_trace_add(group->options.trace, "member %" PRIu64 " is out: %s", gone->number, why);
    free_member(gone);
    memmove(&group->members[i], &group->members[i + 1],
            (--group->member_count - i) * sizeof(group->members[0]));
    prepare_round(group, now_ms, why);
}

/* The old one is fenced; what it had is the new one's. */
static sf_group_answer replace(sf_simulated_group *group, member *old, const sf_group_join *join,
                               uint64_t *number)
{
    old->number = ++group->last_number;
    old->session_ms = join->session_ms;
    old->heard_ms = join->now_ms;
    *number = old->number;
    sf_trace_add(group->options.trace, "instance %s comes again as member %" PRIu64, old->instance,
                 old->number);
    if (!group->is_preparing && sf_simulated_group_is_settled(group))
        return SF_GROUP_FINE;
    prepare_round(group, join->now_ms, "an instance comes again and tasks are not given out");
    set_tasks(&old->owned, NULL, 0);
    old->has_joined = true;
    return SF_GROUP_FINE;
}

sf_group_answer sf_simulated_group_join(sf_simulated_group *group, const sf_group_join *join,
                                        uint64_t *number)
{
    member *one = join->who.member ? find(group, join->who.member) : NULL;
    member *same = find_instance(group, join->who.instance);

    if (join->who.member && !one)
        return same ? SF_GROUP_FENCED_INSTANCE : SF_GROUP_UNKNOWN_MEMBER;
    if (!one && same)
        return replace(group, same, join, number);
    prepare_round(group, join->now_ms, one ? "a member asks" : "a member comes");
    if (!one)
        one = add_member(group, join);
    one->session_ms = join->session_ms;
    one->heard_ms = join->now_ms;
    one->has_joined = true;
    set_tasks(&one->owned, join->owned, join->owned_count);
    *number = one->number;
    return SF_GROUP_FINE;
}

bool sf_simulated_group_assignment(const sf_simulated_group *group, uint64_t number,
                                   int32_t *generation, const int32_t **tasks, size_t *count)
{
    const member *one = find(group, number);

    if (!one || (group->is_preparing && one->has_joined) || one->generation == 0)
        return false;
    *generation = one->generation;
    *tasks = one->assigned.items;
    *count = one->assigned.count;
    return true;
}

void sf_simulated_group_leave(sf_simulated_group *group, uint64_t number)
{
    member *one = find(group, number);

    if (one)
        remove_member(group, one, one->heard_ms, "it leaves");
}

/* ---- a round ---- */

static member *holder_of(const sf_simulated_group *group, int32_t task)
{
    for (size_t i = 0; i < group->member_count; i++) {
        if (has_task(&group->members[i]->owned, task))
            return group->members[i];
    }
    return NULL;
}

/* Shares are even; who has more than its share gives up what comes last. */
static void share_out(const sf_simulated_group *group, member **target)
{
    size_t members = group->member_count;
    size_t tasks = (size_t)group->options.tasks;
    size_t *shares = sf_zalloc(members * sizeof(shares[0]));
    size_t larger = tasks % members;

    for (size_t t = 0; t < tasks; t++) {
        member *holder = holder_of(group, (int32_t)t);
        size_t i = 0;

        while (i < members && group->members[i] != holder)
            i++;
        if (i == members || shares[i] >= tasks / members + (larger > 0))
            continue;
        target[t] = holder;
        if (++shares[i] > tasks / members)
            larger--;
    }
    for (size_t t = 0; t < tasks; t++) {
        size_t least = (size_t)sf_random_below(group->options.random, members);

        if (target[t])
            continue;
        for (size_t i = 0; i < members; i++)
            least = shares[i] < shares[least] ? i : least;
        target[t] = group->members[least];
        shares[least]++;
    }
    free(shares);
}

static void hand_out(sf_simulated_group *group, member *const *target)
{
    int32_t *given = sf_zalloc(((size_t)group->options.tasks + 1) * sizeof(given[0]));

    for (size_t i = 0; i < group->member_count; i++) {
        member *one = group->members[i];
        size_t count = 0;

        for (int32_t t = 0; t < group->options.tasks; t++) {
            const member *holder = holder_of(group, t);

            if (target[t] == one && (!holder || holder == one))
                given[count++] = t;
        }
        set_tasks(&one->assigned, given, count);
        one->generation = group->generation;
        sf_trace_add(group->options.trace,
                     "generation %" PRId32 ": member %" PRIu64 " has %zu tasks", group->generation,
                     one->number, count);
    }
    free(given);
}

static void end_round(sf_simulated_group *group)
{
    member **target = sf_zalloc(((size_t)group->options.tasks + 1) * sizeof(target[0]));

    group->is_preparing = false;
    group->generation++;
    if (group->member_count > 0) {
        share_out(group, target);
        hand_out(group, target);
    }
    free(target);
}

static bool all_have_joined(const sf_simulated_group *group)
{
    for (size_t i = 0; i < group->member_count; i++) {
        if (!group->members[i]->has_joined)
            return false;
    }
    return true;
}

void sf_simulated_group_tick(sf_simulated_group *group, int64_t now_ms)
{
    for (size_t i = group->member_count; i-- > 0;) {
        member *one = group->members[i];

        if (now_ms - one->heard_ms > one->session_ms)
            remove_member(group, one, now_ms, "its session ended");
        else if (group->is_preparing && !one->has_joined && now_ms > group->round_ends_ms)
            remove_member(group, one, now_ms, "it did not join in time");
    }
    if (group->is_preparing && all_have_joined(group))
        end_round(group);
}

void sf_simulated_group_renew(sf_simulated_group *group, int64_t now_ms)
{
    for (size_t i = 0; i < group->member_count; i++)
        group->members[i]->heard_ms = now_ms;
}

/* ---- questions of members ---- */

sf_group_answer sf_simulated_group_check(const sf_simulated_group *group,
                                         const sf_group_identity *who, bool transactional)
{
    const member *one = find(group, who->member);

    if (!one)
        return find_instance(group, who->instance) ? SF_GROUP_FENCED_INSTANCE
                                                   : SF_GROUP_UNKNOWN_MEMBER;
    if (who->generation != group->generation)
        return SF_GROUP_ILLEGAL_GENERATION;
    return group->is_preparing && !transactional && one->has_joined ? SF_GROUP_REBALANCE_IN_PROGRESS
                                                                    : SF_GROUP_FINE;
}

sf_group_answer sf_simulated_group_heartbeat(sf_simulated_group *group,
                                             const sf_group_identity *who, int64_t now_ms)
{
    member *one = find(group, who->member);

    if (!one)
        return find_instance(group, who->instance) ? SF_GROUP_FENCED_INSTANCE
                                                   : SF_GROUP_UNKNOWN_MEMBER;
    one->heard_ms = now_ms;
    return group->is_preparing && !one->has_joined ? SF_GROUP_REBALANCE_IN_PROGRESS : SF_GROUP_FINE;
}

bool sf_simulated_group_is_settled(const sf_simulated_group *group)
{
    size_t given = 0;

    for (size_t i = 0; i < group->member_count; i++)
        given += group->members[i]->assigned.count;
    return !group->is_preparing && given == (size_t)group->options.tasks;
}

int32_t sf_simulated_group_task_count(const sf_simulated_group *group)
{
    return group->options.tasks;
}

size_t sf_simulated_group_member_count(const sf_simulated_group *group)
{
    return group->member_count;
}

void sf_simulated_group_each(const sf_simulated_group *group, sf_simulated_member_fn fn, void *user)
{
    for (size_t i = 0; i < group->member_count; i++) {
        const member *one = group->members[i];

        fn(user, one->number, one->instance, one->client_id, one->assigned.items,
           one->assigned.count);
    }
}

sf_simulated_positions *sf_simulated_group_positions(sf_simulated_group *group)
{
    return &group->positions;
}
