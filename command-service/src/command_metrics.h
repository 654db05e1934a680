/* command_metrics.h - what is told of the write side: connections and breaker of the database, and the
 * outbox as the active relay sees it. */
#ifndef COMMAND_SERVICE_COMMAND_METRICS_H
#define COMMAND_SERVICE_COMMAND_METRICS_H

#include "command_pool.h"
#include "relay.h"
#include "service/metrics.h"

struct command_metrics;

/* Adds them. Its memory is to be freed after metrics. */
struct command_metrics *command_metrics_new(sf_metrics *metrics, struct command_pool *pool,
                                            unsigned pool_size);
void command_metrics_free(struct command_metrics *metrics); /* NULL is fine */

/* The relay to ask from now on; NULL: none. Any thread. */
void command_metrics_follow(struct command_metrics *metrics, struct relay *relay);

#endif
