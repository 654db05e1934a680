#include "service/deferral.h"

#include <stateful/clock.h>

void sf_deferral_init(sf_deferral *deferral, int64_t timeout_ms, sf_deferral_fn suspend,
                      sf_deferral_fn wake)
{
    *deferral = (sf_deferral){.timeout_ms = timeout_ms, .suspend = suspend, .wake = wake};
    pthread_mutex_init(&deferral->lock, NULL);
    pthread_cond_init(&deferral->is_empty, NULL);
}

void sf_deferral_done(sf_deferral *deferral)
{
    pthread_cond_destroy(&deferral->is_empty);
    pthread_mutex_destroy(&deferral->lock);
}

static void put_in(sf_deferral *deferral, sf_exchange *exchange)
{
    exchange->previous = NULL;
    exchange->next = deferral->first;
    if (exchange->next)
        exchange->next->previous = exchange;
    deferral->first = exchange;
    exchange->is_waiting = true;
}

static void take_out(sf_deferral *deferral, sf_exchange *exchange)
{
    if (exchange->previous)
        exchange->previous->next = exchange->next;
    else
        deferral->first = exchange->next;
    if (exchange->next)
        exchange->next->previous = exchange->previous;
    exchange->is_waiting = false;
    if (!deferral->first)
        pthread_cond_broadcast(&deferral->is_empty);
}

void sf_deferral_add(sf_deferral *deferral, sf_exchange *exchange)
{
    pthread_mutex_lock(&deferral->lock);
    if (deferral->is_closed) {
        (void)sf_exchange_give_up(exchange); /* nobody else has it yet: it works */
    } else {
        exchange->deadline_us =
            sf_clock_monotonic_us(sf_clock_system()) + deferral->timeout_ms * 1000;
        deferral->suspend(exchange);
        put_in(deferral, exchange);
    }
    pthread_mutex_unlock(&deferral->lock);
}

void sf_deferral_end(sf_deferral *deferral, sf_exchange *exchange)
{
    pthread_mutex_lock(&deferral->lock);
    take_out(deferral, exchange);
    deferral->wake(exchange);
    pthread_mutex_unlock(&deferral->lock);
}

bool sf_deferral_has(sf_deferral *deferral, const sf_exchange *exchange)
{
    bool has;

    pthread_mutex_lock(&deferral->lock);
    has = exchange && exchange->is_waiting;
    pthread_mutex_unlock(&deferral->lock);
    return has;
}

void sf_deferral_give_up(sf_deferral *deferral, int64_t by_us)
{
    sf_exchange *next;

    pthread_mutex_lock(&deferral->lock);
    for (sf_exchange *at = deferral->first; at; at = next) {
        next = at->next;
        if (at->deadline_us > by_us || !sf_exchange_give_up(at))
            continue;
        take_out(deferral, at);
        deferral->wake(at);
    }
    pthread_mutex_unlock(&deferral->lock);
}

void sf_deferral_close(sf_deferral *deferral)
{
    pthread_mutex_lock(&deferral->lock);
    deferral->is_closed = true;
    pthread_mutex_unlock(&deferral->lock);
    sf_deferral_give_up(deferral, INT64_MAX);
    pthread_mutex_lock(&deferral->lock);
    while (deferral->first) /* somebody is just sending it */
        pthread_cond_wait(&deferral->is_empty, &deferral->lock);
    pthread_mutex_unlock(&deferral->lock);
}
