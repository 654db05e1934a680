#include "support/stopwatch.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

stopwatch stopwatch_now(void)
{
    return (stopwatch){seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID),
                       seconds(CLOCK_THREAD_CPUTIME_ID)};
}

stopwatch stopwatch_since(stopwatch began)
{
    stopwatch now = stopwatch_now();

    return (stopwatch){now.wall_s - began.wall_s, now.process_s - began.process_s,
                       now.thread_s - began.thread_s};
}

long stopwatch_peak_kib(void)
{
    struct rusage usage;

    return getrusage(RUSAGE_SELF, &usage) ? -1 : usage.ru_maxrss;
}

long stopwatch_resident_kib(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;

    if (!file || fscanf(file, "%*d %ld", &pages) != 1)
        pages = -1;
    if (file)
        (void)fclose(file); /* read only */
    return pages < 0 ? -1 : pages * (sysconf(_SC_PAGESIZE) / 1024);
}
