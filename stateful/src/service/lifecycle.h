/* lifecycle.h - how a service lives: until SIGINT or SIGTERM, or until something inside asks for the
 * end. No signal handler does work; the main thread waits for the signal as for any event.
 */
#ifndef SF_SERVICE_LIFECYCLE_H
#define SF_SERVICE_LIFECYCLE_H

#include <stateful/error.h>

/* Blocks SIGINT and SIGTERM in this thread and in all it starts, and ignores SIGPIPE. First in
 * main(). */
sf_status sf_lifecycle_begin(sf_error *err);

/* Waits for the end and returns the signal, or 0 when sf_lifecycle_stop was called. From then on a
 * further signal ends the process at once. Main thread, once. */
int sf_lifecycle_wait(void);

/* Ends the wait, for when the service cannot go on. Any thread. */
void sf_lifecycle_stop(void);

#endif
