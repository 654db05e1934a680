/* sync_status.h - GET /api/analytics/sync-status: the time of the newest event that any instance has processed
 * since its start, and how long ago that is.
 */
#ifndef QUERY_SERVICE_HTTP_SYNC_STATUS_H
#define QUERY_SERVICE_HTTP_SYNC_STATUS_H

#include "http/analytics.h"

/* A handler; user is a const analytics_views. */
void sync_status_get(const sf_request *request, sf_reply *reply, void *user);

#endif
