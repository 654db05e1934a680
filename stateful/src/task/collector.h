/* collector.h - output on its way to the port: copied, held until the record it comes from is whole,
 * then sent with that of many others. Stream thread only. */
#ifndef SF_TASK_COLLECTOR_H
#define SF_TASK_COLLECTOR_H

#include "task/output.h"

typedef struct sf_collector {
    sf_output_port port;
    sf_output *outputs;
    size_t count;
    size_t capacity;
    size_t marked;
    size_t bytes;
    sf_arena *arena;    /* of the copies; emptied with each sending */
    bool sends_at_once; /* when there is enough: while nothing has to be taken back */
} sf_collector;

void sf_collector_init(sf_collector *collector, const sf_output_port *port);
void sf_collector_done(sf_collector *collector);

/* Copies. SF_REJECT: larger than the port takes; else it fails only while sends_at_once. */
sf_status sf_collector_add(sf_collector *collector, const sf_output *output, sf_error *err);

static inline void sf_collector_mark(sf_collector *collector)
{
    collector->marked = collector->count;
}

/* Back to the mark. */
static inline void sf_collector_undo(sf_collector *collector)
{
    collector->count = collector->marked;
}

/* Enough for the port to be worth calling. */
bool sf_collector_is_full(const sf_collector *collector);

/* Everything to the port. After a failure all of it is still there. */
sf_status sf_collector_send(sf_collector *collector, sf_error *err);

void sf_collector_clear(sf_collector *collector);

#endif
