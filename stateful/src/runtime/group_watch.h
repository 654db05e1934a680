/* group_watch.h - looks at what other instances and operators do, on a thread of its own: which address
 * holds which task, and whether an input topic has been given more partitions.
 *
 * Only on a broker with groups. _start, _join and _free belong to the application's thread.
 */
#ifndef SF_RUNTIME_GROUP_WATCH_H
#define SF_RUNTIME_GROUP_WATCH_H

#include <stateful/broker.h>
#include <stateful/topology.h>

#include "runtime/retry.h"

enum { SF_GROUP_ADDRESS_SIZE = 64 };

typedef struct sf_group_watch sf_group_watch;

typedef struct sf_group_watch_options {
    sf_broker *broker;
    const char *application_id;
    const sf_topology *topology;
    const int32_t *counts; /* partitions of the topology's topics */
    size_t task_count;
    bool follows_group; /* asks who holds what; else only the inputs are looked at */
    sf_clock *clock;
    void (*failed)(void *user, const sf_error *error); /* on its thread, which goes on */
    void *user;
} sf_group_watch_options;

/* Everything in options is borrowed. */
sf_group_watch *sf_group_watch_new(const sf_group_watch_options *options);
void sf_group_watch_free(sf_group_watch *watch); /* stops it; NULL is fine */

sf_status sf_group_watch_start(sf_group_watch *watch, sf_error *err);

/* Tells it to end; does not wait. Any thread. */
void sf_group_watch_stop(sf_group_watch *watch);

/* Tasks have moved, or somebody was sent to the wrong place: looks now. Any thread; NULL is fine. */
void sf_group_watch_nudge(sf_group_watch *watch);

/* The address of the instance that holds a task, as far as is known; "" if it is not. Any thread. */
void sf_group_watch_address(sf_group_watch *watch, size_t task,
                            char address[SF_GROUP_ADDRESS_SIZE]);

#endif
