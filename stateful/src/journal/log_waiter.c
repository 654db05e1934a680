#include "journal/log_waiter.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { SAFETY_MS = 500, LOOK_MS = 10 };

sf_status sf_log_waiter_init(sf_log_waiter *waiter, sf_log_storage *storage, sf_error *err)
{
    *waiter = (sf_log_waiter){.event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    if (waiter->event_fd < 0)
        return sf_fail(err, SF_IO, "cannot make an eventfd: %s", strerror(errno));
    waiter->watch_fd = storage->ops->watch(storage);
    waiter->needs_looks = storage->is_shared && waiter->watch_fd < 0;
    return SF_OK;
}

void sf_log_waiter_done(sf_log_waiter *waiter)
{
    (void)close(waiter->event_fd); /* nothing is written through these */
    if (waiter->watch_fd >= 0)
        (void)close(waiter->watch_fd);
}

void sf_log_waiter_prepare(sf_log_waiter *waiter)
{
    atomic_store(&waiter->is_waiting, true);
}

void sf_log_waiter_leave(sf_log_waiter *waiter)
{
    atomic_store(&waiter->is_waiting, false);
}

static void drain(int fd)
{
    char events[4096];

    while (read(fd, events, sizeof(events)) == (ssize_t)sizeof(events))
        ;
}

static int timeout_of(const sf_log_waiter *waiter, int64_t timeout_ms)
{
    int64_t longest = waiter->needs_looks ? LOOK_MS : SAFETY_MS;

    return (int)(timeout_ms >= 0 && timeout_ms < longest ? timeout_ms : longest);
}

void sf_log_waiter_sleep(sf_log_waiter *waiter, int64_t timeout_ms)
{
    struct pollfd fds[2] = {
        {.fd = waiter->event_fd, .events = POLLIN},
        {.fd = waiter->watch_fd, .events = POLLIN}, /* -1 is passed over */
    };

    if (poll(fds, 2, timeout_of(waiter, timeout_ms)) > 0) {
        if (fds[0].revents)
            drain(waiter->event_fd);
        if (fds[1].revents)
            drain(waiter->watch_fd);
    }
    sf_log_waiter_leave(waiter);
}

bool sf_log_waiter_take_wake(sf_log_waiter *waiter)
{
    return atomic_exchange(&waiter->is_woken, false);
}

static void ring(sf_log_waiter *waiter)
{
    uint64_t one = 1;

    (void)!write(waiter->event_fd, &one, sizeof(one)); /* a full counter rings as well */
}

void sf_log_waiter_wake(sf_log_waiter *waiter)
{
    atomic_store(&waiter->is_woken, true);
    ring(waiter);
}

void sf_log_waiter_notify(sf_log_waiter *waiter)
{
    if (atomic_load(&waiter->is_waiting))
        ring(waiter);
}
