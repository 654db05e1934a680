#include "simulation/simulated_host.h"

#include <stdlib.h>

#include "base/memory.h"

static sf_simulated_host *of(sf_clock *clock)
{
    return (sf_simulated_host *)((char *)clock - offsetof(sf_simulated_host, clock));
}

static int64_t host_now_ms(sf_clock *clock)
{
    return sf_simulated_cluster_now_ms(of(clock)->cluster) + of(clock)->wall_skew_ms;
}

static int64_t host_monotonic_us(sf_clock *clock)
{
    return of(clock)->cluster->now_us;
}

static void host_pause(sf_clock *clock, int64_t ms)
{
    sf_simulated_host_wait(of(clock), ms);
}

void sf_simulated_host_init(sf_simulated_host *host, const sf_broker_ops *ops,
                            sf_simulated_cluster *cluster, const char *client_id)
{
    *host = (sf_simulated_host){
        .broker = {.ops = ops},
        .clock = {host_now_ms, host_monotonic_us, host_pause},
        .cluster = cluster,
        .client_id = sf_text_copy(client_id),
    };
}

void sf_simulated_host_done(sf_simulated_host *host)
{
    free(host->client_id);
}

void sf_simulated_host_wait(sf_simulated_host *host, int64_t ms)
{
    if (host->is_dead)
        return;
    if (host->meanwhile)
        host->meanwhile(host->user, host, ms);
    else
        sf_simulated_cluster_advance(host->cluster, ms * 1000);
}

static void die(sf_simulated_host *host)
{
    sf_trace_add(&host->cluster->trace, "%s is killed", host->client_id);
    host->is_dead = true;
}

static void stall(sf_simulated_host *host)
{
    sf_trace_add(&host->cluster->trace, "%s stands still for %lld ms", host->client_id,
                 (long long)host->strike_for_ms);
    host->is_stalled = true;
    sf_simulated_host_wait(host, host->strike_for_ms);
    host->is_stalled = false;
    sf_trace_add(&host->cluster->trace, "%s goes on", host->client_id);
}

/* What was armed, if it is due with this call. */
static sf_strike due_strike(sf_simulated_host *host)
{
    sf_strike strike = host->strike;

    if (strike == SF_STRIKE_NONE || host->strike_in-- > 0)
        return SF_STRIKE_NONE;
    host->strike = SF_STRIKE_NONE;
    return strike;
}

static bool is_away(const sf_simulated_host *host, bool coordinator)
{
    const sf_simulated_cluster *cluster = host->cluster;
    int64_t now_ms = sf_simulated_cluster_now_ms(cluster);

    return now_ms < cluster->away_until_ms ||
           (coordinator && now_ms < cluster->coordinator_back_ms);
}

static bool answer_is_lost(sf_simulated_host *host)
{
    sf_simulated_cluster *cluster = host->cluster;

    if (host->losing > 0) {
        host->losing--;
        return true;
    }
    return cluster->weather.unanswered_per_mille > 0 &&
           sf_random_below(&cluster->random, 1000) <
               (uint64_t)cluster->weather.unanswered_per_mille;
}

static void take_time(sf_simulated_host *host)
{
    sf_simulated_cluster *cluster = host->cluster;

    sf_simulated_cluster_advance(cluster, 50);
    if (cluster->weather.late_ms > 0 && sf_random_below(&cluster->random, 16) == 0)
        sf_simulated_host_wait(host, 1 + (int64_t)sf_random_below(
                                             &cluster->random, (uint64_t)cluster->weather.late_ms));
}

/* Does to the process what was armed. */
static sf_strike take_strike(sf_simulated_host *host)
{
    sf_strike strike = due_strike(host);

    if (strike == SF_STRIKE_STALL)
        stall(host);
    else if (strike == SF_STRIKE_LOSE)
        host->losing = 1 + (int)sf_random_below(&host->cluster->random, 4);
    else if (strike != SF_STRIKE_NONE)
        die(host);
    return strike;
}

sf_call_fate sf_simulated_host_call(sf_simulated_host *host, bool coordinator)
{
    sf_strike strike;

    if (host->is_dead)
        return SF_CALL_LOST;
    take_time(host);
    strike = take_strike(host);
    if (is_away(host, coordinator))
        return SF_CALL_LOST;
    if (host->is_dead)
        return strike == SF_STRIKE_KILL_AFTER ? SF_CALL_UNANSWERED : SF_CALL_LOST;
    if (!answer_is_lost(host))
        return SF_CALL_FINE;
    return sf_random_below(&host->cluster->random, 2) ? SF_CALL_LOST : SF_CALL_UNANSWERED;
}

sf_status sf_simulated_host_no_answer(const sf_simulated_host *host, sf_error *err)
{
    if (host->is_dead)
        return sf_fail(err, SF_CLOSED, "the process was killed");
    return sf_fail_with(err, SF_RETRY, SF_TIMED_OUT, "no answer came");
}

sf_call_fate sf_simulated_host_write(sf_simulated_host *host)
{
    sf_strike strike;

    if (host->is_dead)
        return SF_CALL_LOST;
    strike = take_strike(host);
    if (host->is_dead)
        return strike == SF_STRIKE_KILL_AFTER ? SF_CALL_UNANSWERED : SF_CALL_LOST;
    return SF_CALL_FINE;
}
