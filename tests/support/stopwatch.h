/* stopwatch.h - wall and processor time of a piece of work, for benchmarks. */
#ifndef TESTS_SUPPORT_STOPWATCH_H
#define TESTS_SUPPORT_STOPWATCH_H

typedef struct stopwatch {
    double wall_s;
    double process_s; /* processor time of all threads */
    double thread_s;  /* of the calling one */
} stopwatch;

stopwatch stopwatch_now(void);

/* What has gone by since. */
stopwatch stopwatch_since(stopwatch began);

/* Peak resident memory of this process, in KiB. */
long stopwatch_peak_kib(void);

/* What is resident now, in KiB; -1 where the system does not say. */
long stopwatch_resident_kib(void);

#endif
