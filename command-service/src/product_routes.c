#include "product_routes.h"

#include <inttypes.h>

#include "base/memory.h"
#include "product_model.h"
#include "service/json_body.h"

/* False: a problem was replied. */
static bool read_body(const sf_request *request, sf_reply *reply, const struct write_model *model,
                      struct product *product)
{
    sf_json_reader json;

    if (!sf_json_body_begin(&json, request, reply))
        return false;
    product_read(&json, model->currency_exponent, product);
    return sf_json_body_end(&json, reply);
}

static void reply_product(struct http_command *http, int status)
{
    const struct product *product = &http->command.product;

    product_write(sf_reply_json(http->reply, status), http->command.model->currency_exponent,
                  product);
    http_command_reply_version(http,
                               (struct http_version){"product", product->id, product->version});
}

void product_routes_answer_create(struct http_command *http)
{
    if (http->command.verdict != WRITE_DONE) {
        http_command_reply_failure(http, "product", 0);
        return;
    }
    reply_product(http, 201);
    sf_reply_headerf(http->reply, "Location", "/api/products/%" PRId64, http->command.product.id);
}

static void create_product(const sf_request *request, sf_reply *reply, void *user)
{
    struct write_model *model = user;
    struct http_command *http = http_command_new(request, reply, product_routes_answer_create);

    if (!http || !read_body(request, reply, model, &http->command.product))
        return;
    http_command_submit(http, model, product_model_create);
}

void product_routes_answer_update(struct http_command *http)
{
    if (http->command.verdict == WRITE_DONE || http->command.verdict == WRITE_UNCHANGED)
        reply_product(http, 200);
    else
        http_command_reply_failure(http, "product", http->command.product.id);
}

static void update_product(const sf_request *request, sf_reply *reply, void *user)
{
    struct write_model *model = user;
    struct http_command *http = http_command_new(request, reply, product_routes_answer_update);

    if (!http || !sf_request_part_as_id(request, reply, "id", &http->command.product.id) ||
        !read_body(request, reply, model, &http->command.product))
        return;
    http_command_submit(http, model, product_model_update);
}

void product_routes_add(sf_router *router, struct write_model *model)
{
    static const sf_route routes[] = {
        {"POST", "/api/products", create_product},
        {"PUT", "/api/products/{id}", update_product},
    };

    sf_router_add_for(router, SF_ROLE_ADMIN | SF_ROLE_SALES, routes, SF_ARRAY_LENGTH(routes),
                      model);
}
