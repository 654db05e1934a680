/* analytics.h - what the REST interface reads: the views of the running application, and how it
 * answers while they cannot be read. Any thread.
 */
#ifndef QUERY_SERVICE_HTTP_ANALYTICS_H
#define QUERY_SERVICE_HTTP_ANALYTICS_H

#include <stateful/clock.h>
#include <stateful/view.h>

#include "fleet/forward.h"
#include "http/answer_cache.h"
#include "state/sales_total.h"
#include "topology/query_topology.h"

typedef struct analytics_views {
    fleet *fleet;
    sf_streams *streams; /* the fleet's */
    sf_view *product_sales;
    sf_view *category_revenue;
    sf_view *hourly_sales;
    sf_view *products;
    sf_view *orders;
    sf_view *customers;
    answer_cache *hours;  /* of hourly_sales, without a limit */
    char *description;    /* of the topology */
    const char *currency; /* borrowed, "USD" */
    int currency_exponent;
    sf_clock *clock;                /* for which hours are over */
    const event_progress *progress; /* borrowed */
} analytics_views;

/* What views are made of; all is borrowed. */
typedef struct analytics_options {
    fleet *fleet;
    const query_topology *topology; /* that the application runs */
    const char *currency;           /* an ISO 4217 code */
    sf_clock *clock;
} analytics_options;

sf_status analytics_open(analytics_views *views, const analytics_options *options, sf_error *err);

/* Before the application is freed. */
void analytics_close(analytics_views *views);

/* Replies for a read that failed: 503 "state-store-restoring" when it may be asked again, else 500. */
void analytics_reply_failure(const analytics_views *views, sf_reply *reply, sf_status status,
                             const sf_error *err);

/* The same for a read of one key, which another instance may hold: then the request goes there. */
void analytics_reply_key_failure(const analytics_views *views, const sf_request *request,
                                 sf_reply *reply, const forwarding *key, sf_status status,
                                 const sf_error *err);

/* A view of the partition alone that the records of a key are in; to be freed. */
sf_status analytics_view_of_key(const analytics_views *views, const char *store,
                                sf_bytes record_key, sf_view **view, sf_error *err);

#endif
