#include "order_routes.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"
#include "order_model.h"
#include "service/json_body.h"

static void reply_order(struct http_command *http, int status)
{
    const struct order *order = &http->command.order;

    order_write(sf_reply_json(http->reply, status), http->command.model->currency_exponent, order);
    http_command_reply_version(http, (struct http_version){"order", order->id, order->version});
}

static void reply_unknown_products(struct http_command *http)
{
    const struct write_command *command = &http->command;
    const order_line *lines = command->order.lines;
    char pointer[64];

    sf_reply_problem(http->reply, 422, "unknown-product", "there is no product %" PRId64,
                     lines[command->refused_lines[0]].product_id);
    for (size_t i = 0; i < command->refused_line_count; i++) {
        size_t line = command->refused_lines[i];

        snprintf(pointer, sizeof(pointer), "/items/%zu/productId", line);
        sf_reply_problem_at(http->reply, pointer, "there is no product %" PRId64,
                            lines[line].product_id);
    }
}

static void reply_unknown_customer(struct http_command *http)
{
    int64_t id = http->command.order.customer_id;

    sf_reply_problem(http->reply, 422, "unknown-customer", "there is no customer %" PRId64, id);
    sf_reply_problem_at(http->reply, "/customerId", "there is no customer %" PRId64, id);
}

static void reply_price_changed(struct http_command *http)
{
    const struct write_command *command = &http->command;
    char pointer[64];

    snprintf(pointer, sizeof(pointer), "/items/%zu/price", command->refused_lines[0]);
    sf_reply_problem(http->reply, 409, "price-changed", "the price of product %" PRId64 " is %s",
                     command->order.lines[command->refused_lines[0]].product_id,
                     command->list_price);
    sf_reply_problem_at(http->reply, pointer, "must be %s", command->list_price);
}

static void reply_total_too_large(struct http_command *http)
{
    sf_reply_problem(http->reply, 422, "invalid-field", "the order comes to too much");
    sf_reply_problem_at(http->reply, "/items",
                        "must not come to more than %" PRId64 " minor units of the currency",
                        ORDER_TOTAL_MAX);
}

void order_routes_answer_create(struct http_command *http)
{
    switch (http->command.verdict) {
    case WRITE_DONE:
        reply_order(http, 201);
        sf_reply_headerf(http->reply, "Location", "/api/orders/%" PRId64, http->command.order.id);
        return;
    case WRITE_UNKNOWN_PRODUCTS:
        reply_unknown_products(http);
        return;
    case WRITE_UNKNOWN_CUSTOMER:
        reply_unknown_customer(http);
        return;
    case WRITE_PRICE_CHANGED:
        reply_price_changed(http);
        return;
    case WRITE_TOTAL_TOO_LARGE:
        reply_total_too_large(http);
        return;
    default:
        http_command_reply_failure(http, "order", 0);
    }
}

static void create_order(const sf_request *request, sf_reply *reply, void *user)
{
    struct write_model *model = user;
    struct http_command *http = http_command_new(request, reply, order_routes_answer_create);
    sf_json_reader json;

    if (!http || !sf_json_body_begin(&json, request, reply))
        return;
    order_read(&json, model->currency_exponent, &http->command.order);
    if (!sf_json_body_end(&json, reply))
        return;
    http_command_submit(http, model, order_model_create);
}

static void reply_illegal_step(struct http_command *http)
{
    order_status from = http->command.order.status, to = http->command.wanted_status;
    sf_json_writer *json;

    sf_reply_problem(http->reply, 409, "illegal-transition", "an order that is %s cannot become %s",
                     order_status_name(from), order_status_name(to));
    json = sf_reply_problem_members(http->reply);
    sf_json_write_text(json, "from", order_status_name(from));
    sf_json_write_text(json, "to", order_status_name(to));
    sf_json_write_array(json, "allowed");
    for (int status = 0; status < ORDER_STATUS_COUNT; status++)
        if (order_status_may_become(from, (order_status)status))
            sf_json_write_text(json, NULL, order_status_name((order_status)status));
    sf_json_write_end_array(json);
}

void order_routes_answer_change(struct http_command *http)
{
    switch (http->command.verdict) {
    case WRITE_DONE:
    case WRITE_UNCHANGED:
        reply_order(http, 200);
        return;
    case WRITE_ILLEGAL_STEP:
        reply_illegal_step(http);
        return;
    default:
        http_command_reply_failure(http, "order", http->command.order.id);
    }
}

static void change_status(const sf_request *request, sf_reply *reply, void *user)
{
    struct write_model *model = user;
    struct http_command *http = http_command_new(request, reply, order_routes_answer_change);
    sf_json_reader json;

    if (!http || !sf_request_part_as_id(request, reply, "id", &http->command.order.id) ||
        !sf_json_body_begin(&json, request, reply))
        return;
    order_status_read(&json, &http->command.wanted_status);
    if (!sf_json_body_end(&json, reply))
        return;
    http_command_submit(http, model, order_model_change_status);
}

static void write_event(sf_json_writer *json, const struct event *event)
{
    sf_json_write_object(json, NULL);
    sf_json_write_text(json, "eventId", event->event_id);
    sf_json_write_text(json, "eventType", event->event_type);
    sf_json_write_integer(json, "version", event->version);
    sf_json_write_timestamp(json, "occurredAt", event->occurred_at_ms);
    sf_json_write_integer(json, "schema", event->schema);
    sf_json_write_raw(json, "payload", event->payload);
    sf_json_write_boolean(json, "published", event->is_published);
    sf_json_write_end_object(json);
}

static void answer_events(struct http_command *http)
{
    const struct write_command *command = &http->command;
    sf_json_writer *json;

    if (command->verdict != WRITE_DONE) {
        http_command_reply_failure(http, "order", command->order.id);
        return;
    }
    json = sf_reply_json(http->reply, 200);
    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "orderId", command->order.id);
    sf_json_write_array(json, "items");
    for (size_t i = 0; i < command->event_count; i++)
        write_event(json, &command->events[i]);
    sf_json_write_end_array(json);
    sf_json_write_end_object(json);
    http_command_reply_version(
        http, (struct http_version){"order", command->order.id,
                                    command->events[command->event_count - 1].version});
}

static void read_events(const sf_request *request, sf_reply *reply, void *user)
{
    struct write_model *model = user;
    struct http_command *http = http_command_new(request, reply, answer_events);

    if (http && sf_request_part_as_id(request, reply, "id", &http->command.order.id))
        http_command_submit(http, model, order_model_read_events);
}

void order_routes_add(sf_router *router, struct write_model *model)
{
    static const sf_route orders[] = {{"POST", "/api/orders", create_order}};
    static const sf_route steps[] = {{"PUT", "/api/orders/{id}/status", change_status}};
    static const sf_route history[] = {{"GET", "/api/orders/{id}/events", read_events}};

    sf_router_add_for(router, SF_ROLE_ADMIN | SF_ROLE_SALES | SF_ROLE_CUSTOMER, orders, 1, model);
    sf_router_add_for(router, SF_ROLE_ADMIN | SF_ROLE_SALES, steps, 1, model);
    sf_router_add_for(router, SF_ROLE_ADMIN | SF_ROLE_SALES | SF_ROLE_VIEWER, history, 1, model);
}
