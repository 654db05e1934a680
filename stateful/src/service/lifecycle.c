#include "service/lifecycle.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int signals_fd = -1;
static int stop_fd = -1;

static sigset_t ending_signals(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

sf_status sf_lifecycle_begin(sf_error *err)
{
    sigset_t signals = ending_signals();

    signal(SIGPIPE, SIG_IGN);
    if (pthread_sigmask(SIG_BLOCK, &signals, NULL))
        return sf_fail(err, SF_IO, "cannot block signals");
    signals_fd = signalfd(-1, &signals, SFD_CLOEXEC);
    stop_fd = eventfd(0, EFD_CLOEXEC);
    if (signals_fd < 0 || stop_fd < 0)
        return sf_fail(err, SF_IO, "cannot wait for signals: %s", strerror(errno));
    return SF_OK;
}

/* From now on the kernel ends the process at the next one, whatever we are doing. */
static void give_signals_back(void)
{
    sigset_t signals = ending_signals();

    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    (void)pthread_sigmask(SIG_UNBLOCK, &signals, NULL); /* as it blocked, it unblocks */
}

int sf_lifecycle_wait(void)
{
    struct pollfd events[] = {{.fd = signals_fd, .events = POLLIN},
                              {.fd = stop_fd, .events = POLLIN}};
    struct signalfd_siginfo info;
    int ended_by = 0;

    while (poll(events, 2, -1) < 0 && errno == EINTR)
        continue;
    if (events[0].revents && read(signals_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        ended_by = (int)info.ssi_signo;
    give_signals_back();
    return ended_by;
}

void sf_lifecycle_stop(void)
{
    uint64_t one = 1;

    (void)!write(stop_fd, &one, sizeof(one)); /* it only fails when the wait is over anyway */
}
