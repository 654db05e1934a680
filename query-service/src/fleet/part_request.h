/* part_request.h - what instances ask each other for: partitions, as numbers in a header, or "all" of what
 * an instance is itself. One thread.
 */
#ifndef QUERY_SERVICE_FLEET_PART_REQUEST_H
#define QUERY_SERVICE_FLEET_PART_REQUEST_H

#include "fleet/fleet_plan.h"
#include "service/request.h"

#define PART_CONTENT_TYPE "application/vnd.stateful.part"

/* The header that asks for a share; in the arena. */
const char *part_request_text(const fleet_share *share, sf_arena *arena);

/* The share that a header asks for; has_partitions: of a store. False: a 400 problem was replied. */
bool part_request_read(const sf_request *request, const char *text, bool has_partitions,
                       sf_reply *reply, fleet_share *share);

#endif
