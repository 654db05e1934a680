/* forward.h - questions about one key: they go to the instance that holds it, which answers them whole. */
#ifndef QUERY_SERVICE_FLEET_FORWARD_H
#define QUERY_SERVICE_FLEET_FORWARD_H

#include "fleet/fleet.h"

/* A key that was not found to be here. */
typedef struct forwarding {
    const char *store;
    sf_bytes record_key; /* of the events that change it: says which partition it is in */
    int64_t wait_ms; /* that the holder may take to answer, because the caller asked it to wait */
} forwarding;

/* In a handler: hands request and reply over, and says true; they are not the handler's any more. Or replies
 * 503 because nobody else can be asked, and says true. False: whether it can be read is to be found out here,
 * since another instance asks, or the application has not started, or the key has just come. */
bool fleet_forward(fleet *fleet, const sf_request *request, sf_reply *reply,
                   const forwarding *forwarding);

#endif
