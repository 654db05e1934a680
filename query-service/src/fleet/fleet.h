/* fleet.h - the instances of query-service as one: any of them answers for all.
 *
 * Each holds some partitions of the stores. What this one cannot answer alone goes to the holders: a question
 * about one key is forwarded as it is (forward.h), one about many is answered from parts (gather.h). What
 * others send is answered from here or refused, so no question travels twice. Any thread.
 */
#ifndef QUERY_SERVICE_FLEET_FLEET_H
#define QUERY_SERVICE_FLEET_FLEET_H

#include <stateful/streams.h>

#include "fleet/courier.h"
#include "service/request.h"

/* Headers between instances: a question that may not travel on, and the partitions it is about. */
#define FLEET_FORWARDED_HEADER "Stateful-Forwarded"
#define FLEET_PART_HEADER "Stateful-Part"

typedef struct fleet fleet;

typedef struct fleet_options {
    sf_streams *streams; /* borrowed */
    const char *address; /* "host:port" where others reach this one; NULL: they cannot; copied */
    int64_t timeout_ms;  /* of a question to another instance */
} fleet_options;

/* Before there are other threads. */
sf_status fleet_new(const fleet_options *options, fleet **made, sf_error *err);

/* Ends what is under way; after the server has stopped and before its requests are gone. NULL is fine. */
void fleet_free(fleet *fleet);

sf_streams *fleet_streams(const fleet *fleet);
const char *fleet_address(const fleet *fleet); /* NULL: none */
courier_counters fleet_count(const fleet *fleet);

/* Whether another instance asks. */
bool fleet_is_forwarded(const sf_request *request);

/* Asks an instance what was asked here, on behalf of the same caller and trace. part: what of it, NULL: the
 * whole; wait_ms: how much longer than usual it may take. */
typedef struct fleet_question_to {
    const char *address;
    const char *part;
    int64_t wait_ms;
    courier_fn done;
    void *user;
} fleet_question_to;
void fleet_ask(fleet *fleet, const sf_request *request, const fleet_question_to *question);

#endif
