/* group_watch.c - a table of addresses by task.
 *
 * 1 While the group rebalances nobody is listed with tasks: the table stays as it was and the group is
 *   asked again soon.
 * 2 A broker that is away changes nothing: who held a task may still hold it, and whoever is sent to the
 *   wrong place is told so there.
 */
#include "runtime/group_watch.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stateful/broker_group.h>
#include <stateful/log.h>

#include "base/memory.h"
#include "base/timed_condition.h"
#include "runtime/advertised_address.h"
#include "runtime/app_topics.h"
#include "topology/topology_implementation.h"

enum {
    REFRESH_MS = 2000,
    REBALANCING_MS = 200,
    LEAST_MS = 50, /* between two looks, however many ask for one */
    INPUTS_MS = 10000,
};

typedef char address[SF_GROUP_ADDRESS_SIZE];

struct sf_group_watch {
    sf_group_watch_options options;
    char *tasks_topic;
    pthread_t id;
    bool has_thread;
    int64_t inputs_us; /* when the inputs were looked at */
    bool has_failed;

    pthread_mutex_t lock; /* around what follows */
    pthread_cond_t changed;
    bool is_stopping;
    bool is_nudged;
    address *addresses; /* by task */
};

sf_group_watch *sf_group_watch_new(const sf_group_watch_options *options)
{
    sf_group_watch *watch = sf_zalloc(sizeof(*watch));

    watch->options = *options;
    watch->tasks_topic = sf_app_topics_tasks_name(options->application_id);
    watch->addresses = sf_zalloc((options->task_count + 1) * sizeof(watch->addresses[0]));
    pthread_mutex_init(&watch->lock, NULL);
    sf_timed_condition_init(&watch->changed);
    return watch;
}

void sf_group_watch_stop(sf_group_watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->is_stopping = true;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
}

void sf_group_watch_free(sf_group_watch *watch)
{
    if (!watch)
        return;
    sf_group_watch_stop(watch);
    if (watch->has_thread)
        (void)pthread_join(watch->id, NULL); /* it was told to end */
    pthread_cond_destroy(&watch->changed);
    pthread_mutex_destroy(&watch->lock);
    free(watch->addresses);
    free(watch->tasks_topic);
    free(watch);
}

void sf_group_watch_nudge(sf_group_watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->is_nudged = true;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
}

void sf_group_watch_address(sf_group_watch *watch, size_t task, char found[SF_GROUP_ADDRESS_SIZE])
{
    pthread_mutex_lock(&watch->lock);
    if (task < watch->options.task_count)
        memcpy(found, watch->addresses[task], SF_GROUP_ADDRESS_SIZE);
    else
        found[0] = '\0';
    pthread_mutex_unlock(&watch->lock);
}

/* ---- who holds what ---- */

static void note_member(const sf_group_watch *watch, const sf_group_member *member,
                        address *addresses)
{
    const char *where = sf_advertised_address_of(member->client_id);

    for (size_t i = 0; where && i < member->assigned_count; i++) {
        size_t task = (size_t)member->assigned[i].partition;

        if (task < watch->options.task_count &&
            !strcmp(member->assigned[i].topic, watch->tasks_topic))
            snprintf(addresses[task], sizeof(address), "%s", where);
    }
}

static void replace_addresses(sf_group_watch *watch, const sf_group_description *group)
{
    address *found = sf_zalloc((watch->options.task_count + 1) * sizeof(found[0]));
    address *before;

    for (size_t i = 0; i < group->member_count; i++)
        note_member(watch, &group->members[i], found);
    pthread_mutex_lock(&watch->lock);
    before = watch->addresses;
    watch->addresses = found;
    pthread_mutex_unlock(&watch->lock);
    free(before);
}

/* In how many ms to look again. */
static int32_t look_at_group(sf_group_watch *watch)
{
    sf_arena *arena = sf_arena_new();
    sf_group_description group = {0};
    bool is_stable = !sf_broker_describe_group(watch->options.broker, watch->options.application_id,
                                               arena, &group, NULL) &&
                     !strcmp(group.state, "Stable");

    if (is_stable)
        replace_addresses(watch, &group);
    sf_arena_free(arena);
    return is_stable ? REFRESH_MS : REBALANCING_MS;
}

/* ---- the inputs ---- */

static sf_status check_input(const sf_group_watch *watch, size_t index, sf_error *err)
{
    const sf_topic *topic = &watch->options.topology->topics[index];
    int32_t before = watch->options.counts[index];
    int32_t now = 0;

    /* One that cannot be looked up now is looked up later; one that is gone is its readers' trouble. */
    if (!topic->is_source || topic->is_internal ||
        sf_broker_partition_count(watch->options.broker, topic->name, &now, NULL) || !now ||
        now == before)
        return SF_OK;
    return sf_fail(err, SF_INVALID,
                   "topic %s had %" PRId32 " partitions when the application started and has "
                   "%" PRId32 " now: its state is kept by partition, so this needs a reset",
                   topic->name, before, now);
}

static void look_at_inputs(sf_group_watch *watch)
{
    int64_t now_us = sf_clock_monotonic_us(watch->options.clock);
    sf_error error = {0};
    sf_status status = SF_OK;

    if (watch->has_failed || now_us - watch->inputs_us < INPUTS_MS * INT64_C(1000))
        return;
    watch->inputs_us = now_us;
    for (size_t i = 0; !status && i < watch->options.topology->topic_count; i++)
        status = check_input(watch, i, &error);
    watch->has_failed = status != SF_OK;
    if (status)
        watch->options.failed(watch->options.user, &error);
}

/* ---- the thread ---- */

/* Until it is time, or somebody asks for it; false: it is to end. */
static bool wait_for_turn(sf_group_watch *watch, int32_t ms)
{
    struct timespec least = sf_moment_in_ms(LEAST_MS), end = sf_moment_in_ms(ms);
    bool goes_on;

    pthread_mutex_lock(&watch->lock);
    while (!watch->is_stopping && !pthread_cond_timedwait(&watch->changed, &watch->lock, &least))
        continue;
    while (!watch->is_stopping && !watch->is_nudged &&
           !pthread_cond_timedwait(&watch->changed, &watch->lock, &end))
        continue;
    watch->is_nudged = false;
    goes_on = !watch->is_stopping;
    pthread_mutex_unlock(&watch->lock);
    return goes_on;
}

static void *run(void *user)
{
    sf_group_watch *watch = user;
    int32_t again_ms = LEAST_MS;

    (void)pthread_setname_np(pthread_self(), "group-watch"); /* for debuggers */
    while (wait_for_turn(watch, again_ms)) {
        again_ms = watch->options.follows_group ? look_at_group(watch) : INPUTS_MS;
        look_at_inputs(watch);
    }
    return NULL;
}

sf_status sf_group_watch_start(sf_group_watch *watch, sf_error *err)
{
    int code;

    watch->inputs_us = sf_clock_monotonic_us(watch->options.clock);
    code = pthread_create(&watch->id, NULL, run, watch);
    if (code)
        return sf_fail(err, SF_IO, "cannot start a thread: %s", strerror(code));
    watch->has_thread = true;
    return SF_OK;
}
