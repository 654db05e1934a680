/* latencies.h - how long things took, each of them kept, so that percentiles are exact. One thread. */
#ifndef TESTS_SUPPORT_LATENCIES_H
#define TESTS_SUPPORT_LATENCIES_H

#include <stddef.h>
#include <stdint.h>

typedef struct latencies {
    int64_t *us;
    size_t count;
    size_t room;
} latencies;

#define LATENCIES_EMPTY ((latencies){0})

void latencies_add(latencies *of, int64_t us);
void latencies_done(latencies *of);

/* The smallest that at least so large a part (0 to 1) of all does not exceed, in ms; 0 without any.
 * Sorts what is there. */
double latencies_ms(latencies *of, double part);

#endif
