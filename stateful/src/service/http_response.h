/* http_response.h - a reply as libmicrohttpd's response: headers, and the body as it lies or as a stream. */
#ifndef SF_SERVICE_HTTP_RESPONSE_H
#define SF_SERVICE_HTTP_RESPONSE_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "service/reply_implementation.h"

/* Who takes a streamed body block after block gets more time, up to a bound. */
typedef struct sf_http_pace {
    _Atomic int64_t
        *deadline_us; /* must outlive the response; by the monotonic clock, as all times */
    int64_t began_us; /* the request */
    int64_t more_ms;  /* for each block */
} sf_http_pace;

/* NULL when there is no memory for it. A body that lies in the reply stays there and must until the
 * response is gone; a source belongs to the response from now on. */
struct MHD_Response *sf_http_response_new(sf_reply *reply, sf_http_pace pace);

#endif
