#include "kafka/kafka_waker.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

sf_status sf_kafka_waker_init(sf_kafka_waker *waker, sf_error *err)
{
    waker->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (waker->fd < 0)
        return sf_fail(err, SF_IO, "no eventfd can be made: %s", strerror(errno));
    atomic_init(&waker->is_waiting, false);
    atomic_init(&waker->is_woken, false);
    return SF_OK;
}

void sf_kafka_waker_done(sf_kafka_waker *waker)
{
    close(waker->fd);
}

void sf_kafka_waker_ring(sf_kafka_waker *waker)
{
    const uint64_t one = 1;

    if (atomic_load(&waker->is_waiting) && write(waker->fd, &one, sizeof(one)) < 0)
        return; /* the counter is full: it will end the wait all the same */
}

void sf_kafka_waker_wake(sf_kafka_waker *waker)
{
    atomic_store(&waker->is_woken, true);
    sf_kafka_waker_ring(waker);
}

static void empty(sf_kafka_waker *waker)
{
    uint64_t count;

    if (read(waker->fd, &count, sizeof(count)) < 0)
        return; /* it was empty */
}

void sf_kafka_waker_wait(sf_kafka_waker *waker, int32_t timeout_ms,
                         bool (*has_something)(const void *user), const void *user)
{
    struct pollfd bell = {.fd = waker->fd, .events = POLLIN};

    atomic_store(&waker->is_waiting, true);
    if (!atomic_exchange(&waker->is_woken, false) && !has_something(user)) {
        (void)poll(&bell, 1, timeout_ms); /* a signal may end it early: the caller looks anyway */
        atomic_store(&waker->is_woken, false);
    }
    atomic_store(&waker->is_waiting, false);
    empty(waker);
}
