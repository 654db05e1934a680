#include "http/analytics_routes.h"

#include "base/encoding.h"
#include "base/memory.h"
#include "http/hourly_sales.h"

static void get_product_sales(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    sf_json_writer *json;
    sales_total total;
    uint8_t key[8];
    int64_t id;

    if (!sf_request_part_as_id(request, reply, "id", &id))
        return;
    sf_put_be64(key, (uint64_t)id);
    if (!analytics_read_total(views, views->product_sales, sf_bytes_of(key, sizeof key), request,
                              reply, &total))
        return;
    json = sf_reply_json(reply, 200);
    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "productId", id);
    sf_json_write_money(json, "totalSales", total.amount, views->currency_exponent);
    sf_json_write_end_object(json);
}

static void get_category_revenue(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    const char *category = sf_request_part(request, "category");
    sf_json_writer *json;
    sales_total total;

    if (!analytics_read_total(views, views->category_revenue, sf_bytes_text(category), request,
                              reply, &total))
        return;
    json = sf_reply_json(reply, 200);
    sf_json_write_object(json, NULL);
    sf_json_write_text(json, "category", category);
    sf_json_write_money(json, "totalRevenue", total.amount, views->currency_exponent);
    sf_json_write_end_object(json);
}

static void get_topology(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;

    (void)request;
    sf_reply_text(reply, 200, views->description);
}

static const sf_route routes[] = {
    {"GET", "/api/analytics/products/{id}/sales", get_product_sales},
    {"GET", "/api/analytics/categories/{category}/revenue", get_category_revenue},
    {"GET", "/api/analytics/hourly-sales", hourly_sales_get},
    {"GET", "/api/analytics/topology", get_topology},
};

void analytics_routes_add(sf_router *router, const analytics_views *views)
{
    sf_router_add(router, routes, SF_ARRAY_LENGTH(routes), (void *)views);
}
