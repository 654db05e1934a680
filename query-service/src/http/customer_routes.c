#include "http/customer_routes.h"

#include "base/memory.h"
#include "topology/customer_processor.h"

static sf_view *view(const analytics_views *views)
{
    return views->customers;
}

static sf_status decode(sf_bytes value, sf_arena *arena, entity *read, sf_error *err)
{
    sf_status status = customer_state_decode(sf_arena_copy(arena, value), &read->customer, err);

    read->version = read->customer.version;
    return status;
}

static void write(const entity *read, int currency_exponent, sf_json_writer *json)
{
    const customer_state *customer = &read->customer;

    (void)currency_exponent;
    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "id", read->id);
    sf_json_write_bytes(json, "name", customer->name);
    if (customer->email.size)
        sf_json_write_bytes(json, "email", customer->email);
    sf_json_write_integer(json, "version", customer->version);
    sf_json_write_end_object(json);
}

const entity_kind customer_kind = {
    .noun = "customer", .store = CUSTOMERS_STORE, .view = view, .decode = decode, .write = write};

static void get_customer(const sf_request *request, sf_reply *reply, void *user)
{
    entity_get(&customer_kind, request, reply, user);
}

static void get_customers(const sf_request *request, sf_reply *reply, void *user)
{
    entity_list(&customer_kind, request, reply, user, NULL, NULL);
}

static const sf_route routes[] = {
    {"GET", "/api/customers", get_customers},
    {"GET", "/api/customers/{id}", get_customer},
    {"GET", "/users", get_customers},
};

void customer_routes_add(sf_router *router, const entity_desk *desk)
{
    sf_router_add(router, routes, SF_ARRAY_LENGTH(routes), (void *)desk);
}
