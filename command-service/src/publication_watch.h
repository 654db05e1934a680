/* publication_watch.h - says when an event is in its topic, to whoever waits for that.
 *
 * It looks into the table, where the active relay of all instances notes what it has published; a thread
 * with a connection of its own does so as long as somebody waits, and sleeps otherwise.
 */
#ifndef COMMAND_SERVICE_PUBLICATION_WATCH_H
#define COMMAND_SERVICE_PUBLICATION_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "postgres.h"

struct publication_watch;

/* Who waits for one event; the waiter's, until done is called. */
typedef struct awaited_publication {
    const char *aggregate_type; /* "order" */
    int64_t aggregate_id;
    int64_t version;
    int64_t until_us; /* monotonic; then it is told that it is not published yet */

    /* On the watch's thread, once. */
    void (*done)(struct awaited_publication *awaited, bool is_published);

    struct awaited_publication *next; /* the watch's own */
} awaited_publication;

/* Starts the thread; it connects when somebody waits. The texts of address are borrowed. */
struct publication_watch *publication_watch_start(const postgres_address *address);

/* Any thread; never waits. */
void publication_watch_add(struct publication_watch *watch, awaited_publication *awaited);

/* Tells those who still wait that theirs are not published yet, and ends. NULL is fine. */
void publication_watch_stop(struct publication_watch *watch);

#endif
