#include "http/analytics.h"

#include <stdlib.h>

#include <stateful/log.h>

#include "base/memory.h"
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
        .streams = options->streams,
        .description = sf_topology_describe(query_topology_graph(options->topology)),
        .currency = options->currency,
        .currency_exponent = sf_currency_exponent(options->currency),
        .clock = options->clock,
        .progress = query_topology_progress(options->topology),
    };
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
    free(views->description);
    *views = (struct analytics_views){0};
}

static void reply_restoring(const analytics_views *views, sf_reply *reply)
{
    sf_streams_counters counters;
    sf_json_writer *json;

    sf_streams_counters_get(views->streams, &counters);
    sf_reply_problem(reply, 503, "state-store-restoring",
                     "the state stores cannot be read now, ask again");
    sf_reply_header(reply, "Retry-After", "1");
    json = sf_reply_problem_members(reply);
    sf_json_write_text(json, "state", sf_run_state_name(sf_streams_state(views->streams)));
    sf_json_write_integer(json, "tasks", counters.tasks);
    sf_json_write_integer(json, "tasksRunning", counters.tasks_running);
    sf_json_write_integer(json, "restoreRemaining", (int64_t)counters.restore_remaining);
}

void analytics_reply_failure(const analytics_views *views, sf_reply *reply, sf_status status,
                             const sf_error *err)
{
    if (status == SF_RETRY) {
        reply_restoring(views, reply);
        return;
    }
    sf_log(SF_LOG_ERROR, "a view cannot be read err=%s", err->text);
    sf_reply_problem(reply, 500, "internal-error", "the state stores cannot be read");
}
