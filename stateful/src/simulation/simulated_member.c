#include "simulation/simulated_member.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    HEARTBEAT_MS = 500,
    MAX_POLL_MS = 300000,
    USUAL_SESSION_MS = 6000,
};

sf_group_identity sf_simulated_member_identity(const sf_simulated_member *member)
{
    return (sf_group_identity){
        .member = member->number,
        .generation = member->generation,
        .instance = member->instance,
    };
}

/* ---- what goes on by itself ---- */

static void lose(sf_simulated_member *member)
{
    sf_trace_add(&member->host->cluster->trace, "member %" PRIu64 " of %s has lost its tasks",
                 member->number, member->host->client_id);
    member->is_lost = true;
    member->is_joining = false;
    member->has_news = false;
    member->is_to_join = false;
    member->number = 0;
}

static void note_answer(sf_simulated_member *member, sf_group_answer answer)
{
    if (answer == SF_GROUP_UNKNOWN_MEMBER || answer == SF_GROUP_ILLEGAL_GENERATION)
        lose(member);
    else if (answer == SF_GROUP_FENCED_INSTANCE)
        member->is_fenced = true;
    else if (answer == SF_GROUP_REBALANCE_IN_PROGRESS)
        member->is_to_join = true;
}

static void join(sf_simulated_member *member, int64_t now_ms)
{
    sf_group_answer answer =
        sf_simulated_group_join(member->group,
                                &(sf_group_join){
                                    .who = sf_simulated_member_identity(member),
                                    .client_id = member->host->client_id,
                                    .session_ms = member->session_ms,
                                    .owned = member->owned,
                                    .owned_count = member->owned_count,
                                    .now_ms = now_ms,
                                },
                                &member->number);

    member->is_to_join = false;
    if (answer)
        note_answer(member, answer);
    else
        member->is_joining = true;
}

static void take_assignment(sf_simulated_member *member)
{
    const int32_t *tasks;
    int32_t generation;
    size_t count;

    if (!sf_simulated_group_assignment(member->group, member->number, &generation, &tasks, &count))
        return;
    free(member->given);
    member->given = count ? sf_memory_copy(tasks, count * sizeof(tasks[0])) : NULL;
    member->given_count = count;
    member->generation = generation;
    member->is_joining = false;
    member->has_news = true;
    member->next_beat_ms = 0;
}

static void beat(sf_simulated_member *member, int64_t now_ms)
{
    sf_group_identity self = sf_simulated_member_identity(member);

    member->next_beat_ms = now_ms + HEARTBEAT_MS / 2 +
                           (int64_t)sf_random_below(&member->host->cluster->random, HEARTBEAT_MS);
    note_answer(member, sf_simulated_group_heartbeat(member->group, &self, now_ms));
}

static void background(void *user, int64_t now_ms)
{
    sf_simulated_member *member = user;

    if (member->host->is_dead || member->host->is_stalled || member->is_fenced || member->is_lost)
        return;
    if (member->number && now_ms - member->polled_ms > MAX_POLL_MS) {
        sf_simulated_group_leave(member->group, member->number);
        lose(member);
        return;
    }
    if (member->number && now_ms >= member->next_beat_ms)
        beat(member, now_ms);
    if (member->is_lost || member->is_fenced)
        return;
    if (member->is_joining)
        take_assignment(member);
    else if (!member->number || (member->is_to_join && !member->has_news))
        join(member, now_ms);
}

/* ---- what the application asks ---- */

void sf_simulated_member_init(sf_simulated_member *member, sf_simulated_host *host,
                              const sf_consumer_options *options)
{
    *member = (sf_simulated_member){.host = host};
    if (!options->group)
        return;
    member->group = sf_simulated_cluster_group(host->cluster, options->group);
    member->instance = sf_text_copy(options->instance);
    member->session_ms =
        options->session_timeout_ms ? options->session_timeout_ms : USUAL_SESSION_MS;
}

sf_status sf_simulated_member_subscribe(sf_simulated_member *member, const char *name,
                                        const sf_rebalance_listener *listener, sf_error *err)
{
    sf_simulated_cluster *cluster = member->host->cluster;
    const sf_simulated_topic *topic = sf_simulated_cluster_topic(cluster, name);

    if (member->host->is_dead)
        return sf_simulated_host_no_answer(member->host, err);
    if (!member->group)
        return sf_fail(err, SF_INVALID, "a consumer without a group cannot subscribe to %s", name);
    if (!topic)
        return sf_fail(err, SF_NOT_FOUND, "there is no topic %s to subscribe to", name);
    sf_simulated_group_set_tasks(member->group, topic->partitions);
    member->listener = *listener;
    member->is_subscribed = true;
    member->polled_ms = sf_simulated_cluster_now_ms(cluster);
    sf_simulated_cluster_add_background(cluster, (sf_simulated_background){background, member});
    return SF_OK;
}

static bool has(const int32_t *tasks, size_t count, int32_t task)
{
    for (size_t i = 0; i < count; i++) {
        if (tasks[i] == task)
            return true;
    }
    return false;
}

/* Those of one list that are not in the other; to be freed. */
static int32_t *difference(const int32_t *from, size_t from_count, const int32_t *without,
                           size_t without_count, size_t *count)
{
    int32_t *left = sf_zalloc((from_count + 1) * sizeof(left[0]));

    *count = 0;
    for (size_t i = 0; i < from_count; i++) {
        if (!has(without, without_count, from[i]))
            left[(*count)++] = from[i];
    }
    return left;
}

static void set_owned(sf_simulated_member *member, const int32_t *tasks, size_t count)
{
    free(member->owned);
    member->owned = count ? sf_memory_copy(tasks, count * sizeof(tasks[0])) : NULL;
    member->owned_count = count;
}

static void tell_revoked(sf_simulated_member *member, const int32_t *tasks, size_t count, bool lost)
{
    if (!member->host->is_dead && member->listener.revoked)
        member->listener.revoked(member->listener.user, tasks, count, lost);
}

static void tell_lost(sf_simulated_member *member)
{
    int32_t *gone = member->owned;
    size_t count = member->owned_count;

    member->owned = NULL;
    member->owned_count = 0;
    if (count > 0)
        tell_revoked(member, gone, count, true);
    free(gone);
    member->is_lost = false;
}

static void tell_news(sf_simulated_member *member)
{
    size_t given_count = member->given_count;
    int32_t *given = sf_memory_copy(member->given, given_count * sizeof(given[0]));
    size_t gone_count;
    size_t new_count;
    int32_t *gone = difference(member->owned, member->owned_count, given, given_count, &gone_count);
    int32_t *added = difference(given, given_count, member->owned, member->owned_count, &new_count);

    if (gone_count > 0)
        tell_revoked(member, gone, gone_count, false);
    if (!member->host->is_dead && !member->is_lost) {
        member->has_news = false;
        member->is_to_join = member->is_to_join || gone_count > 0;
        set_owned(member, given, given_count);
        if (member->listener.assigned)
            member->listener.assigned(member->listener.user, added, new_count);
    } else if (member->is_lost) { /* meanwhile: what stayed is lost, what went is gone */
        int32_t *left =
            difference(member->owned, member->owned_count, gone, gone_count, &new_count);

        set_owned(member, left, new_count);
        free(left);
    }
    free(given);
    free(gone);
    free(added);
}

sf_status sf_simulated_member_poll(sf_simulated_member *member, sf_error *err)
{
    if (member->host->is_dead)
        return sf_simulated_host_no_answer(member->host, err);
    member->polled_ms = sf_simulated_cluster_now_ms(member->host->cluster);
    if (member->is_fenced)
        return sf_fail(err, SF_FENCED, "a newer member has the instance id %s", member->instance);
    if (member->is_lost)
        tell_lost(member);
    if (member->has_news)
        tell_news(member);
    return SF_OK;
}

void sf_simulated_member_done(sf_simulated_member *member)
{
    if (member->is_subscribed) {
        sf_simulated_cluster_remove_background(member->host->cluster, member);
        if (member->owned_count > 0 && !member->is_fenced)
            tell_revoked(member, member->owned, member->owned_count, member->is_lost);
        if (!member->host->is_dead && !member->instance && member->number)
            sf_simulated_group_leave(member->group, member->number);
    }
    free(member->instance);
    free(member->owned);
    free(member->given);
}
