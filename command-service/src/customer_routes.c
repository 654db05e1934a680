#include "customer_routes.h"

#include <inttypes.h>

#include "base/memory.h"
#include "customer_model.h"
#include "service/json_body.h"

/* False: a problem was replied. */
static bool read_body(const sf_request *request, sf_reply *reply, customer_id id,
                      struct customer *customer)
{
    sf_json_reader json;

    if (!sf_json_body_begin(&json, request, reply))
        return false;
    customer_read(&json, id, customer);
    return sf_json_body_end(&json, reply);
}

static void reply_customer(struct http_command *http, int status)
{
    const struct customer *customer = &http->command.customer;

    customer_write(sf_reply_json(http->reply, status), customer);
    http_command_reply_version(http,
                               (struct http_version){"customer", customer->id, customer->version});
}

static void reply_id_taken(struct http_command *http)
{
    int64_t id = http->command.customer.id;

    sf_reply_problem(http->reply, 409, "id-taken", "there is a customer %" PRId64 " already", id);
}

void customer_routes_answer_create(struct http_command *http)
{
    switch (http->command.verdict) {
    case WRITE_DONE:
        reply_customer(http, 201);
        sf_reply_headerf(http->reply, "Location", "/api/customers/%" PRId64,
                         http->command.customer.id);
        return;
    case WRITE_ID_TAKEN:
        reply_id_taken(http);
        return;
    default:
        http_command_reply_failure(http, "customer", 0);
    }
}

static void create_customer(const sf_request *request, sf_reply *reply, void *user)
{
    struct write_model *model = user;
    struct http_command *http = http_command_new(request, reply, customer_routes_answer_create);

    if (!http || !read_body(request, reply, CUSTOMER_ID_OPTIONAL, &http->command.customer))
        return;
    http_command_submit(http, model, customer_model_create);
}

void customer_routes_answer_update(struct http_command *http)
{
    if (http->command.verdict == WRITE_DONE || http->command.verdict == WRITE_UNCHANGED)
        reply_customer(http, 200);
    else
        http_command_reply_failure(http, "customer", http->command.customer.id);
}

static void update_customer(const sf_request *request, sf_reply *reply, void *user)
{
    struct write_model *model = user;
    struct http_command *http = http_command_new(request, reply, customer_routes_answer_update);

    if (!http || !sf_request_part_as_id(request, reply, "id", &http->command.customer.id) ||
        !read_body(request, reply, CUSTOMER_ID_ABSENT, &http->command.customer))
        return;
    http_command_submit(http, model, customer_model_update);
}

void customer_routes_add(sf_router *router, struct write_model *model)
{
    static const sf_route routes[] = {
        {"POST", "/api/customers", create_customer},
        {"PUT", "/api/customers/{id}", update_customer},
    };

    sf_router_add_for(router, SF_ROLE_ADMIN | SF_ROLE_SALES, routes, SF_ARRAY_LENGTH(routes),
                      model);
}
