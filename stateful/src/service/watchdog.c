#include "service/watchdog.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <stateful/clock.h>

#include "base/memory.h"
#include "base/timed_condition.h"

struct sf_watchdog {
    pthread_mutex_t lock;
    pthread_cond_t has_changed;
    pthread_t thread;
    sf_watched *first;
    bool is_ending;
    int64_t tick_us;
    sf_watchdog_fn on_look;
    void *user;
};

static int64_t now_us(void)
{
    return sf_clock_monotonic_us(sf_clock_system());
}

static void wait_until(sf_watchdog *watchdog, int64_t until_us)
{
    struct timespec until = sf_moment_at_us(until_us);

    (void)pthread_cond_timedwait(&watchdog->has_changed, &watchdog->lock, &until); /* looks again */
}

static void close_late(sf_watchdog *watchdog, int64_t now)
{
    for (sf_watched *at = watchdog->first; at; at = at->next) {
        int64_t deadline = atomic_load(&at->deadline_us);

        if (deadline && deadline <= now)
            (void)shutdown(at->fd, SHUT_RDWR); /* it may be closing by itself */
    }
}

static void look(sf_watchdog *watchdog)
{
    int64_t now = now_us();

    close_late(watchdog, now);
    pthread_mutex_unlock(&watchdog->lock);
    watchdog->on_look(watchdog->user, now);
    pthread_mutex_lock(&watchdog->lock);
}

static void *run(void *argument)
{
    sf_watchdog *watchdog = argument;
    int64_t next_look = 0;

    pthread_mutex_lock(&watchdog->lock);
    while (!watchdog->is_ending) {
        if (!watchdog->first) {
            pthread_cond_wait(&watchdog->has_changed, &watchdog->lock);
        } else if (now_us() < next_look) {
            wait_until(watchdog, next_look);
        } else {
            look(watchdog);
            next_look = now_us() + watchdog->tick_us;
        }
    }
    pthread_mutex_unlock(&watchdog->lock);
    return NULL;
}

sf_watchdog *sf_watchdog_new(int64_t tick_ms, sf_watchdog_fn on_look, void *user)
{
    sf_watchdog *watchdog = sf_zalloc(sizeof(*watchdog));

    watchdog->tick_us = tick_ms * 1000;
    watchdog->on_look = on_look;
    watchdog->user = user;
    pthread_mutex_init(&watchdog->lock, NULL);
    sf_timed_condition_init(&watchdog->has_changed);
    if (pthread_create(&watchdog->thread, NULL, run, watchdog))
        abort(); /* as with memory: without threads there is no way on */
    return watchdog;
}

void sf_watchdog_free(sf_watchdog *watchdog)
{
    if (!watchdog)
        return;
    pthread_mutex_lock(&watchdog->lock);
    watchdog->is_ending = true;
    pthread_cond_broadcast(&watchdog->has_changed);
    pthread_mutex_unlock(&watchdog->lock);
    pthread_join(watchdog->thread, NULL);
    pthread_cond_destroy(&watchdog->has_changed);
    pthread_mutex_destroy(&watchdog->lock);
    free(watchdog);
}

void sf_watchdog_add(sf_watchdog *watchdog, sf_watched *watched)
{
    pthread_mutex_lock(&watchdog->lock);
    watched->previous = NULL;
    watched->next = watchdog->first;
    if (watched->next)
        watched->next->previous = watched;
    watchdog->first = watched;
    if (!watched->next) /* the thread waits for the first one */
        pthread_cond_broadcast(&watchdog->has_changed);
    pthread_mutex_unlock(&watchdog->lock);
}

void sf_watchdog_remove(sf_watchdog *watchdog, sf_watched *watched)
{
    pthread_mutex_lock(&watchdog->lock);
    if (watched->previous)
        watched->previous->next = watched->next;
    else
        watchdog->first = watched->next;
    if (watched->next)
        watched->next->previous = watched->previous;
    if (!watchdog->first)
        pthread_cond_broadcast(&watchdog->has_changed);
    pthread_mutex_unlock(&watchdog->lock);
}

bool sf_watchdog_wait_for_none(sf_watchdog *watchdog, int64_t until_us)
{
    bool is_empty;

    pthread_mutex_lock(&watchdog->lock);
    while (watchdog->first && now_us() < until_us)
        wait_until(watchdog, until_us);
    is_empty = !watchdog->first;
    pthread_mutex_unlock(&watchdog->lock);
    return is_empty;
}
