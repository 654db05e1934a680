/* watchdog.h - closes connections that take too long: each has a deadline, and a thread that looks at
 * them from time to time while there are any.
 *
 * A connection is closed by shutting its socket down, which its own thread then notices; the watchdog
 * never touches anything else of it.
 */
#ifndef SF_SERVICE_WATCHDOG_H
#define SF_SERVICE_WATCHDOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct sf_watchdog sf_watchdog;

/* Inside another struct. */
typedef struct sf_watched {
    struct sf_watched *previous;
    struct sf_watched *next;
    int fd;
    _Atomic int64_t deadline_us; /* by the monotonic clock; 0: none. Any thread. */
} sf_watched;

/* Called at every look, on the watchdog's thread, with no lock held. */
typedef void (*sf_watchdog_fn)(void *user, int64_t now_us);

/* Looks every tick_ms while there is somebody to watch. */
sf_watchdog *sf_watchdog_new(int64_t tick_ms, sf_watchdog_fn on_look, void *user);

/* Ends the thread; nobody may be watched any more. */
void sf_watchdog_free(sf_watchdog *watchdog);

/* Begins and ends to watch; the socket must stay open in between. Any thread. */
void sf_watchdog_add(sf_watchdog *watchdog, sf_watched *watched);
void sf_watchdog_remove(sf_watchdog *watchdog, sf_watched *watched);

/* Waits until nobody is watched, at most until then. Any thread. */
bool sf_watchdog_wait_for_none(sf_watchdog *watchdog, int64_t until_us);

#endif
