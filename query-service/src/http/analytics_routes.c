#include "http/analytics_routes.h"

#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "http/category_list.h"
#include "http/hourly_sales.h"
#include "http/product_detail.h"
#include "http/sync_status.h"
#include "http/topology_json.h"
#include "state/product_sales.h"

static void get_product_sales(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    forwarding wanted = {.store = PRODUCT_SALES_STORE};
    sf_json_writer *json;
    product_sales sales;
    sf_stored stored;
    uint8_t key[8];
    int64_t id;
    sf_error err = {0};
    sf_status status;

    if (!sf_request_part_as_id(request, reply, "id", &id))
        return;
    sf_put_be64(key, (uint64_t)id);
    wanted.record_key = sf_bytes_text(sf_request_part(request, "id"));
    status = sf_view_get_of(views->product_sales, wanted.record_key, sf_bytes_of(key, sizeof key),
                            sf_request_arena(request), &stored, &err);
    if (!status)
        status = product_sales_decode(stored.value, &sales, &err);
    if (status) {
        analytics_reply_key_failure(views, request, reply, &wanted, status, &err);
        return;
    }
    json = sf_reply_json(reply, 200);
    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "productId", id);
    sf_json_write_money(json, "totalSales", sales.total.amount, views->currency_exponent);
    sf_json_write_end_object(json);
}

static void get_category_revenue(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    const char *category = sf_request_part(request, "category");
    const forwarding wanted = {.store = CATEGORY_REVENUE_STORE,
                               .record_key = sf_bytes_text(category)};
    sf_json_writer *json;
    sales_total total;
    sf_stored stored;
    sf_error err = {0};
    sf_status status = sf_view_get_of(views->category_revenue, wanted.record_key, wanted.record_key,
                                      sf_request_arena(request), &stored, &err);

    if (!status)
        status = sales_total_decode(stored.value, &total, &err);
    if (status) {
        analytics_reply_key_failure(views, request, reply, &wanted, status, &err);
        return;
    }
    json = sf_reply_json(reply, 200);
    sf_json_write_object(json, NULL);
    sf_json_write_text(json, "category", category);
    sf_json_write_money(json, "totalRevenue", total.amount, views->currency_exponent);
    sf_json_write_end_object(json);
}

/* JSON only for who names it: browsers and viewers take the text. */
static bool wants_json(const sf_request *request)
{
    const char *accept = sf_request_header(request, "Accept");
    const char *json = accept ? strstr(accept, "application/json") : NULL;
    const char *text = accept ? strstr(accept, "text/") : NULL;

    return json && (!text || json < text);
}

static void get_topology(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;

    if (wants_json(request))
        topology_json_write(views->description, sf_reply_json(reply, 200));
    else
        sf_reply_text(reply, 200, views->description);
    sf_reply_header(reply, "Vary", "Accept");
}

static const sf_route routes[] = {
    {"GET", "/api/analytics/products/{id}/sales", get_product_sales},
    {"GET", "/api/analytics/categories/{category}/revenue", get_category_revenue},
    {"GET", "/api/analytics/hourly-sales", hourly_sales_get},
    {"GET", "/api/analytics/products/{id}", product_detail_get},
    {"GET", "/api/analytics/top-products", top_products_get},
    {"GET", "/api/analytics/categories", category_list_get},
    {"GET", "/api/analytics/summary", summary_get},
    {"GET", "/api/analytics/topology", get_topology},
    {"GET", "/api/analytics/sync-status", sync_status_get},
};

void analytics_routes_add(sf_router *router, const analytics_views *views)
{
    sf_router_add(router, routes, SF_ARRAY_LENGTH(routes), (void *)views);
}
