/* request_implementation.h - the insides of a request, for who makes one. */
#ifndef SF_SERVICE_REQUEST_IMPLEMENTATION_H
#define SF_SERVICE_REQUEST_IMPLEMENTATION_H

#include "base/buffer.h"
#include "service/header_list.h"
#include "service/request.h"
#include "service/uri.h"

struct sf_request {
    sf_arena *arena;
    const char *method;
    const char *target; /* as sent, "/path?query" */
    sf_uri uri;
    const char *route;       /* NULL before routing */
    const char **part_names; /* the route's; ends with NULL */
    const char **parts;
    sf_header_list headers;
    const sf_caller *caller; /* NULL: callers are not told apart */
    sf_buffer body;
};

void sf_request_init(sf_request *request);
void sf_request_done(sf_request *request);

/* Forgets all, for the next one; what was large is given back. */
void sf_request_clear(sf_request *request);

#endif
