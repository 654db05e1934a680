#include "http/order_routes.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "topology/order_processor.h"

/* ---- an order ---- */

static sf_view *view(const analytics_views *views)
{
    return views->orders;
}

static sf_status decode(sf_bytes value, sf_arena *arena, entity *read, sf_error *err)
{
    sf_status status = order_state_decode(sf_arena_copy(arena, value), arena, &read->order, err);

    if (!status && read->order.is_known) /* else only a status was heard of */
        read->version = read->order.version;
    return status;
}

static void write_line(sf_json_writer *json, const sold_line *line, int currency_exponent)
{
    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "productId", line->product_id);
    sf_json_write_integer(json, "quantity", line->quantity);
    sf_json_write_money(json, "price", line->price, currency_exponent);
    sf_json_write_end_object(json);
}

static void write(const entity *read, int currency_exponent, sf_json_writer *json)
{
    const order_state *order = &read->order;

    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "id", read->id);
    sf_json_write_integer(json, "customerId", order->customer_id);
    sf_json_write_bytes(json, "status", order->status);
    sf_json_write_array(json, "items");
    for (uint32_t i = 0; i < order->line_count; i++)
        write_line(json, &order->lines[i], currency_exponent);
    sf_json_write_end_array(json);
    sf_json_write_integer(json, "version", order->version);
    sf_json_write_timestamp(json, "createdAt", order->sold_at);
    sf_json_write_end_object(json);
}

const entity_kind order_kind = {
    .noun = "order", .store = ORDERS_STORE, .view = view, .decode = decode, .write = write};

/* ---- the routes ---- */

static void get_order(const sf_request *request, sf_reply *reply, void *user)
{
    entity_get(&order_kind, request, reply, user);
}

typedef struct wanted_orders {
    int64_t customer_id; /* 0: any */
    const char *status;  /* NULL: any */
} wanted_orders;

static bool is_wanted(const entity *read, const void *wanted)
{
    const wanted_orders *of = wanted;
    sf_bytes status = read->order.status;

    if (of->customer_id && read->order.customer_id != of->customer_id)
        return false;
    return !of->status || (strlen(of->status) == status.size &&
                           !strncasecmp(of->status, (const char *)status.data, status.size));
}

static void get_orders(const sf_request *request, sf_reply *reply, void *user)
{
    sf_request_bounds ids = {1, SF_JSON_ID_MAX};
    wanted_orders *wanted = sf_arena_zalloc(sf_request_arena(request), sizeof(*wanted));

    wanted->status = sf_request_query(request, "status");
    if (sf_request_query_as_integer(request, reply, "customerId", ids, &wanted->customer_id))
        entity_list(&order_kind, request, reply, user, is_wanted, wanted);
}

static const sf_route routes[] = {
    {"GET", "/api/orders", get_orders},
    {"GET", "/api/orders/{id}", get_order},
};

void order_routes_add(sf_router *router, const entity_desk *desk)
{
    sf_router_add(router, routes, SF_ARRAY_LENGTH(routes), (void *)desk);
}
