/* http_connection.h - one connection of an HTTP server: the way of its requests through libmicrohttpd's calls.
 *
 * The way of a request, on a thread of the library's pool:
 *   target       its first line is read       BEGUN: the exchange begins, the clock runs
 *   call         its headers are read         BODY, or refused and closed
 *   call …       pieces of its body           collected, or swallowed when it is too large
 *   call         all is there                 handled: ANSWERED, or SUSPENDED (deferred)
 *   call         after the resume             the deferred reply, or the 503 for a late one
 *   completed    the answer is out            IDLE
 *
 *   1 The library closes a connection whose answer is queued in the first call; so that is done
 *     only where closing is wanted.
 *   2 A connection's exchange is begun anew for each request when nobody else holds it; one that a
 *     late holder still has is left to him.
 *   3 Suspended connections are the deferral's business (deferral.h); it is closed before the library
 *     is stopped, which must not find any.
 */
#ifndef SF_SERVICE_HTTP_CONNECTION_H
#define SF_SERVICE_HTTP_CONNECTION_H

#include <microhttpd.h>

#include "service/deferral.h"
#include "service/http_options.h"
#include "service/in_flight.h"
#include "service/router.h"
#include "service/watchdog.h"

/* What the connections of a server share. */
typedef struct sf_http_shared {
    sf_exchange_host host;   /* first: it is a host */
    sf_http_options options; /* without zeros */
    const sf_router *router;
    sf_watchdog *watchdog;
    sf_deferral deferral;
    sf_in_flight in_flight;   /* connections with a request under way */
    _Atomic bool is_stopping; /* each answer closes its connection */
} sf_http_shared;

/* All but the watchdog, which is made when there is something to watch: at each look it is to call
 * sf_http_shared_look. */
void sf_http_shared_init(sf_http_shared *shared, const sf_http_options *options,
                         const sf_router *router);
void sf_http_shared_done(sf_http_shared *shared);
void sf_http_shared_look(void *shared, int64_t now_us);

/* The library's calls, each with the sf_http_shared that was given to it. */
void *sf_http_connection_target(void *shared, const char *target, struct MHD_Connection *mhd);
enum MHD_Result sf_http_connection_call(void *shared, struct MHD_Connection *mhd, const char *url,
                                        const char *method, const char *version,
                                        const char *upload_data, size_t *upload_data_size,
                                        void **context);
void sf_http_connection_completed(void *shared, struct MHD_Connection *mhd, void **context,
                                  enum MHD_RequestTerminationCode code);
void sf_http_connection_notified(void *shared, struct MHD_Connection *mhd, void **context,
                                 enum MHD_ConnectionNotificationCode code);

#endif
