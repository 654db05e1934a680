/* http_options.h - how an HTTP server listens, what bounds it, and who sees its requests. */
#ifndef SF_SERVICE_HTTP_OPTIONS_H
#define SF_SERVICE_HTTP_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

/* A request that is over. Texts are borrowed for the call. */
typedef struct sf_http_observation {
    const char *method;
    const char *route;    /* "/api/orders/{id}"; NULL: none took it */
    const char *trace_id; /* NULL: none was sent */
    int status;           /* 499: the client went away before there was an answer */
    int64_t duration_us;  /* from its first line to the end of the answer */
} sf_http_observation;

/* Called behind each request, on a thread of the server; must not wait. */
typedef void (*sf_http_observe_fn)(void *user, const sf_http_observation *seen);

/* Zeros are the usual case. */
typedef struct sf_http_options {
    const char *address;        /* numeric, IPv4 or IPv6; NULL: 127.0.0.1; "0.0.0.0" for all */
    uint16_t port;              /* 0: any free one */
    const char *port_setting;   /* the variable to name when the port is taken; NULL: none */
    unsigned threads;           /* 0: one a core, from 2 to 8 */
    unsigned connections_max;   /* 0: 1000 */
    unsigned per_address_max;   /* connections of one client address; 0: no limit */
    int64_t idle_timeout_ms;    /* silence on a connection; 0: 60 s; counted in whole seconds */
    int64_t request_timeout_ms; /* to send a whole request, and to take the whole answer; 0: 15 s */
    int64_t reply_timeout_ms;   /* to answer a deferred request; 0: 10 s */
    size_t body_size_max;       /* in bytes; 0: 1 MiB */
    size_t connection_memory;   /* headers of one connection, in bytes; 0: 32 KiB */
    sf_http_observe_fn observe; /* NULL: nobody looks */
    void *observe_user;
} sf_http_options;

/* The same with the usual values in place of zeros. */
sf_http_options sf_http_options_whole(const sf_http_options *given);

#endif
