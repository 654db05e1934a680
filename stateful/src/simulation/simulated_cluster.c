#include "simulation/simulated_cluster.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Where time begins: wall clocks show this. */
#define BEGIN_US INT64_C(1750000000000000)

#define DAY_MS \
    (INT64_C(24) * 3600 * 1000) /* how long deletions stay, unless a topic says otherwise */

void sf_simulated_cluster_init(sf_simulated_cluster *cluster, uint64_t seed, FILE *lines)
{
    *cluster = (sf_simulated_cluster){.now_us = BEGIN_US};
    sf_trace_init(&cluster->trace, lines);
    sf_random_init(&cluster->random, seed);
    cluster->transactions = sf_simulated_transactions_new(&cluster->trace, &cluster->random,
                                                          &cluster->weather.marker_ms);
}

void sf_simulated_cluster_done(sf_simulated_cluster *cluster)
{
    for (size_t i = 0; i < cluster->request_count; i++)
        cluster->requests[i].arrive(cluster->requests[i].user, true);
    for (size_t i = 0; i < cluster->topic_count; i++) {
        for (int32_t p = 0; p < cluster->topics[i]->partitions; p++) {
            sf_simulated_log_done(cluster->topics[i]->logs[p]);
            free(cluster->topics[i]->logs[p]);
        }
        free(cluster->topics[i]->logs);
        free(cluster->topics[i]->name);
        free(cluster->topics[i]);
    }
    for (size_t i = 0; i < cluster->group_count; i++)
        sf_simulated_group_free(cluster->groups[i]);
    sf_simulated_transactions_free(cluster->transactions);
    free(cluster->topics);
    free(cluster->groups);
    free(cluster->backgrounds);
    free(cluster->requests);
    free(cluster->complaint);
}

/* ---- time ---- */

int64_t sf_simulated_cluster_now_ms(const sf_simulated_cluster *cluster)
{
    return cluster->now_us / 1000;
}

static bool answers(const sf_simulated_cluster *cluster, int64_t now_ms)
{
    return now_ms >= cluster->away_until_ms && now_ms >= cluster->coordinator_back_ms;
}

static void let_requests_arrive(sf_simulated_cluster *cluster, int64_t now_ms)
{
    size_t left = 0;

    for (size_t i = 0; i < cluster->request_count; i++) {
        sf_simulated_request request = cluster->requests[i];

        if (request.due_ms <= now_ms)
            request.arrive(request.user, false);
        else
            cluster->requests[left++] = request;
    }
    cluster->request_count = left;
}

/* Clients first: whoever still sends heartbeats is heard before sessions are judged. */
static void tick(sf_simulated_cluster *cluster)
{
    int64_t now_ms = sf_simulated_cluster_now_ms(cluster);

    cluster->trace.now_ms = now_ms - BEGIN_US / 1000;
    if (!answers(cluster, now_ms)) {
        for (size_t i = 0; i < cluster->group_count; i++)
            sf_simulated_group_renew(cluster->groups[i], now_ms);
        return;
    }
    let_requests_arrive(cluster, now_ms);
    for (size_t i = 0; i < cluster->background_count; i++)
        cluster->backgrounds[i].run(cluster->backgrounds[i].user, now_ms);
    for (size_t i = 0; i < cluster->group_count; i++)
        sf_simulated_group_tick(cluster->groups[i], now_ms);
    sf_simulated_transactions_tick(cluster->transactions, now_ms);
}

void sf_simulated_cluster_advance(sf_simulated_cluster *cluster, int64_t us)
{
    enum { STRIDE_US = 250 * 1000 };

    if (cluster->is_ticking)
        return;
    cluster->is_ticking = true;
    while (us > 0) { /* long times in strides, so that heartbeats are not missed */
        int64_t stride = us < STRIDE_US ? us : STRIDE_US;

        cluster->now_us += stride;
        us -= stride;
        tick(cluster);
    }
    cluster->is_ticking = false;
}

void sf_simulated_cluster_jump(sf_simulated_cluster *cluster, int64_t ms)
{
    if (cluster->is_ticking)
        return;
    cluster->slept_from_ms = sf_simulated_cluster_now_ms(cluster);
    cluster->now_us += ms * 1000;
}

void sf_simulated_cluster_post(sf_simulated_cluster *cluster, sf_simulated_request request)
{
    cluster->requests = sf_realloc_array(cluster->requests, cluster->request_count + 1,
                                         sizeof(cluster->requests[0]));
    cluster->requests[cluster->request_count++] = request;
}

void sf_simulated_cluster_add_background(sf_simulated_cluster *cluster,
                                         sf_simulated_background background)
{
    cluster->backgrounds = sf_realloc_array(cluster->backgrounds, cluster->background_count + 1,
                                            sizeof(cluster->backgrounds[0]));
    cluster->backgrounds[cluster->background_count++] = background;
}

void sf_simulated_cluster_remove_background(sf_simulated_cluster *cluster, void *user)
{
    size_t left = 0;

    for (size_t i = 0; i < cluster->background_count; i++) {
        if (cluster->backgrounds[i].user != user)
            cluster->backgrounds[left++] = cluster->backgrounds[i];
    }
    cluster->background_count = left;
}

/* ---- topics ---- */

sf_simulated_topic *sf_simulated_cluster_topic(const sf_simulated_cluster *cluster,
                                               const char *name)
{
    for (size_t i = 0; i < cluster->topic_count; i++) {
        if (!cluster->topics[i]->is_deleted && !strcmp(cluster->topics[i]->name, name))
            return cluster->topics[i];
    }
    return NULL;
}

sf_simulated_log *sf_simulated_cluster_log(const sf_simulated_cluster *cluster, const char *name,
                                           int32_t partition)
{
    sf_simulated_topic *topic = sf_simulated_cluster_topic(cluster, name);

    return topic && partition >= 0 && partition < topic->partitions ? topic->logs[partition] : NULL;
}

void sf_simulated_topic_grow(sf_simulated_topic *topic, int32_t partitions)
{
    topic->logs = sf_realloc_array(topic->logs, (size_t)partitions, sizeof(topic->logs[0]));
    for (; topic->partitions < partitions; topic->partitions++) {
        topic->logs[topic->partitions] = sf_alloc(sizeof(*topic->logs[0]));
        sf_simulated_log_init(topic->logs[topic->partitions], topic->now_us);
    }
}

sf_simulated_topic *sf_simulated_cluster_create(sf_simulated_cluster *cluster, const char *name,
                                                int32_t partitions)
{
    sf_simulated_topic *topic = sf_zalloc(sizeof(*topic));

    topic->name = sf_text_copy(name);
    topic->deletions_stay_ms = DAY_MS;
    topic->now_us = &cluster->now_us;
    sf_simulated_topic_grow(topic, partitions);
    cluster->topics =
        sf_realloc_array(cluster->topics, cluster->topic_count + 1, sizeof(cluster->topics[0]));
    cluster->topics[cluster->topic_count++] = topic;
    sf_trace_add(&cluster->trace, "topic %s is made with %d partitions", name, (int)partitions);
    return topic;
}

void sf_simulated_cluster_delete(sf_simulated_cluster *cluster, const char *name)
{
    sf_simulated_topic *topic = sf_simulated_cluster_topic(cluster, name);

    if (!topic)
        return;
    sf_trace_add(&cluster->trace, "topic %s is deleted", name);
    topic->is_deleted = true;
}

sf_simulated_topic *sf_simulated_cluster_recreate(sf_simulated_cluster *cluster, const char *name)
{
    const sf_simulated_topic *before = sf_simulated_cluster_topic(cluster, name);
    sf_simulated_topic *topic;

    sf_simulated_cluster_delete(cluster, name);
    topic = sf_simulated_cluster_create(cluster, name, before->partitions);
    topic->is_compacted = before->is_compacted;
    topic->deletions_stay_ms = before->deletions_stay_ms;
    topic->cleaning_lag_ms = before->cleaning_lag_ms;
    topic->anew_ms = sf_simulated_cluster_now_ms(cluster);
    return topic;
}

/* ---- coordinators ---- */

sf_simulated_group *sf_simulated_cluster_find_group(const sf_simulated_cluster *cluster,
                                                    const char *name)
{
    for (size_t i = 0; i < cluster->group_count; i++) {
        if (!strcmp(sf_simulated_group_name(cluster->groups[i]), name))
            return cluster->groups[i];
    }
    return NULL;
}

sf_simulated_group *sf_simulated_cluster_group(sf_simulated_cluster *cluster, const char *name)
{
    sf_simulated_group *group = sf_simulated_cluster_find_group(cluster, name);

    if (group)
        return group;
    group = sf_simulated_group_new(&(sf_simulated_group_options){
        .name = name,
        .trace = &cluster->trace,
        .random = &cluster->random,
    });
    cluster->groups =
        sf_realloc_array(cluster->groups, cluster->group_count + 1, sizeof(cluster->groups[0]));
    cluster->groups[cluster->group_count++] = group;
    return group;
}

void sf_simulated_cluster_move_coordinators(sf_simulated_cluster *cluster, int64_t takes_ms)
{
    sf_trace_add(&cluster->trace, "coordinators move");
    cluster->coordinator_back_ms = sf_simulated_cluster_now_ms(cluster) + takes_ms;
}

void sf_simulated_cluster_complain(sf_simulated_cluster *cluster, const char *format, ...)
{
    char text[512];
    va_list arguments;

    if (cluster->complaint)
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments); /* a cut sentence is as good */
    va_end(arguments);
    cluster->complaint = sf_text_copy(text);
    sf_trace_add(&cluster->trace, "complaint: %s", text);
}
