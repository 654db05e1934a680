#include "runtime/wake_bell.h"

void sf_wake_bell_init(sf_wake_bell *bell)
{
    pthread_mutex_init(&bell->lock, NULL);
    bell->consumer = NULL;
}

void sf_wake_bell_done(sf_wake_bell *bell)
{
    pthread_mutex_destroy(&bell->lock);
}

void sf_wake_bell_hang(sf_wake_bell *bell, sf_consumer *consumer)
{
    pthread_mutex_lock(&bell->lock);
    bell->consumer = consumer;
    pthread_mutex_unlock(&bell->lock);
}

void sf_wake_bell_ring(sf_wake_bell *bell)
{
    pthread_mutex_lock(&bell->lock);
    if (bell->consumer)
        sf_consumer_wake(bell->consumer);
    pthread_mutex_unlock(&bell->lock);
}
