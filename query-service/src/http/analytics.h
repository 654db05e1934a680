/* analytics.h - what the REST interface reads: the views of the running application, and how it
 * answers while they cannot be read. Any thread.
 */
#ifndef QUERY_SERVICE_HTTP_ANALYTICS_H
#define QUERY_SERVICE_HTTP_ANALYTICS_H

#include <stateful/clock.h>
#include <stateful/view.h>

#include "service/request.h"
#include "state/sales_total.h"

typedef struct analytics_views {
    sf_streams *streams;
    sf_view *product_sales;
    sf_view *category_revenue;
    sf_view *hourly_sales;
    char *description; /* of the topology */
    int currency_exponent;
    sf_clock *clock; /* for which hours are over */
} analytics_views;

/* Opens the views of an application made from topology. streams and clock are borrowed. */
sf_status analytics_open(analytics_views *views, sf_streams *streams, const sf_topology *topology,
                         int currency_exponent, sf_clock *clock, sf_error *err);

/* Before the application is freed. */
void analytics_close(analytics_views *views);

/* The total of a key, zero if there is none. False: a problem was replied. */
bool analytics_read_total(const analytics_views *views, sf_view *view, sf_bytes key,
                          const sf_request *request, sf_reply *reply, sales_total *total);

/* Replies for a read that failed: 503 "state-store-restoring" when it may be asked again, else 500. */
void analytics_reply_failure(const analytics_views *views, sf_reply *reply, sf_status status,
                             const sf_error *err);

#endif
