#include "http/analytics.h"

#include <stdlib.h>

#include <stateful/log.h>
#include <stateful/streams_metadata.h>

#include "base/memory.h"
#include "fleet/gaps.h"
#include "topology/booking_processor.h"
#include "topology/customer_processor.h"
#include "topology/order_processor.h"

static sf_status open_all(analytics_views *views, sf_error *err)
{
    const struct {
        const char *store;
        sf_view **view;
    } all[] = {
        {PRODUCT_SALES_STORE, &views->product_sales},
        {CATEGORY_REVENUE_STORE, &views->category_revenue},
        {HOURLY_SALES_STORE, &views->hourly_sales},
        {PRODUCTS_STORE, &views->products},
        {ORDERS_STORE, &views->orders},
        {CUSTOMERS_STORE, &views->customers},
    };
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < SF_ARRAY_LENGTH(all); i++)
        status = sf_streams_view(views->streams, all[i].store, all[i].view, err);
    return status;
}

sf_status analytics_open(analytics_views *views, const analytics_options *options, sf_error *err)
{
    sf_status status;

    *views = (struct analytics_views){
        .fleet = options->fleet,
        .streams = fleet_streams(options->fleet),
        .description = sf_topology_describe(query_topology_graph(options->topology)),
        .currency = options->currency,
        .currency_exponent = sf_currency_exponent(options->currency),
        .clock = options->clock,
        .progress = query_topology_progress(options->topology),
    };
    views->hours = answer_cache_new();
    status = open_all(views, err);
    if (status)
        analytics_close(views);
    return status;
}

void analytics_close(analytics_views *views)
{
    sf_view_free(views->product_sales);
    sf_view_free(views->category_revenue);
    sf_view_free(views->hourly_sales);
    sf_view_free(views->products);
    sf_view_free(views->orders);
    sf_view_free(views->customers);
    answer_cache_free(views->hours);
    free(views->description);
    *views = (struct analytics_views){0};
}

void analytics_reply_failure(const analytics_views *views, sf_reply *reply, sf_status status,
                             const sf_error *err)
{
    if (status == SF_RETRY) {
        gaps_refuse(&(gaps){0}, views->streams, reply);
        return;
    }
    sf_log(SF_LOG_ERROR, "a view cannot be read err=%s", err->text);
    sf_reply_problem(reply, 500, "internal-error", "the state stores cannot be read");
}

void analytics_reply_key_failure(const analytics_views *views, const sf_request *request,
                                 sf_reply *reply, const forwarding *key, sf_status status,
                                 const sf_error *err)
{
    if (status != SF_RETRY || !fleet_forward(views->fleet, request, reply, key))
        analytics_reply_failure(views, reply, status, err);
}

sf_status analytics_view_of_key(const analytics_views *views, const char *store,
                                sf_bytes record_key, sf_view **view, sf_error *err)
{
    sf_partition_metadata holder;
    sf_status status = sf_streams_key_metadata(views->streams, store, record_key, &holder, err);

    if (status)
        return status;
    return sf_streams_view_partitions(views->streams, store, &holder.partition, 1, view, err);
}
