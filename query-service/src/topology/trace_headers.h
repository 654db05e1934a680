/* trace_headers.h - the headers that follow an event through the graph, so that what comes of it can be
 * told to belong to one trace: traceparent and tracestate (W3C trace context). */
#ifndef QUERY_SERVICE_TOPOLOGY_TRACE_HEADERS_H
#define QUERY_SERVICE_TOPOLOGY_TRACE_HEADERS_H

#include <stateful/record.h>

/* Those of all; the list is in the arena, names and values are borrowed from all. */
sf_headers trace_headers(sf_headers all, sf_arena *arena);

#endif
