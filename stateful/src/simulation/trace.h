/* trace.h - what happened in a history, as one number and, if asked for, as lines.
 *
 * Two runs are the same if their numbers are. Nothing goes in that another machine or build would have
 * otherwise: no addresses, no wall clock, no order of a hash table. One thread.
 */
#ifndef SF_SIMULATION_TRACE_H
#define SF_SIMULATION_TRACE_H

#include <stdio.h>

#include <stateful/bytes.h>

typedef struct sf_trace {
    uint64_t hash;
    int64_t now_ms; /* stands before each line */
    FILE *lines;    /* NULL: the number alone */
} sf_trace;

void sf_trace_init(sf_trace *trace, FILE *lines);

/* A word for what happened, with numbers and names. */
void sf_trace_add(sf_trace *trace, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes into the number alone. */
void sf_trace_add_bytes(sf_trace *trace, sf_bytes bytes);

#endif
