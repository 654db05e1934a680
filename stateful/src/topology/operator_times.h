/* operator_times.h - the times that operators keep: the stream time an operator has seen, where it
 * last emitted. They belong to the task, so that an abort or a restart takes them back with the
 * state. Stream thread only. */
#ifndef SF_TOPOLOGY_OPERATOR_TIMES_H
#define SF_TOPOLOGY_OPERATOR_TIMES_H

#include <stddef.h>
#include <stdint.h>

/* What fits into the 4 KB that a committed offset carries. */
#define SF_OPERATOR_TIMES_MAX 150

typedef struct sf_operator_time {
    uint32_t id;    /* hash of the name */
    int64_t value;  /* ms, -1: none yet */
    int64_t marked; /* at the savepoint */
} sf_operator_time;

typedef struct sf_operator_times {
    sf_operator_time slots[SF_OPERATOR_TIMES_MAX];
    size_t count;
} sf_operator_times;

/* The place of a time; the same name or id gives the same place, which stays where it is. NULL: there
 * are too many. */
int64_t *sf_operator_times_slot(sf_operator_times *times, uint32_t id);

/* kind says what time it is: "seen", "emitted", "partition", "store"; name: of a store or topic. */
uint32_t sf_operator_times_id(const char *kind, const char *name);

void sf_operator_times_mark(sf_operator_times *times);
void sf_operator_times_undo(sf_operator_times *times);

#endif
