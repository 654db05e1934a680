#include "http/analytics.h"

#include <stdlib.h>

#include <stateful/log.h>

#include "topology/query_topology.h"

sf_status analytics_open(analytics_views *views, sf_streams *streams, const sf_topology *topology,
                         int currency_exponent, sf_clock *clock, sf_error *err)
{
    sf_status status;

    *views = (struct analytics_views){
        .streams = streams,
        .description = sf_topology_describe(topology),
        .currency_exponent = currency_exponent,
        .clock = clock,
    };
    status = sf_streams_view(streams, PRODUCT_SALES_STORE, &views->product_sales, err);
    if (!status)
        status = sf_streams_view(streams, CATEGORY_REVENUE_STORE, &views->category_revenue, err);
    if (!status)
        status = sf_streams_view(streams, HOURLY_SALES_STORE, &views->hourly_sales, err);
    if (status)
        analytics_close(views);
    return status;
}

void analytics_close(analytics_views *views)
{
    sf_view_free(views->product_sales);
    sf_view_free(views->category_revenue);
    sf_view_free(views->hourly_sales);
    free(views->description);
    *views = (struct analytics_views){0};
}

bool analytics_read_total(const analytics_views *views, sf_view *view, sf_bytes key,
                          const sf_request *request, sf_reply *reply, sales_total *total)
{
    sf_stored stored;
    sf_error err = {0};
    sf_status status = sf_view_get(view, key, sf_request_arena(request), &stored, &err);

    if (!status)
        status = sales_total_decode(stored.value, total, &err);
    if (status)
        analytics_reply_failure(views, reply, status, &err);
    return !status;
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
