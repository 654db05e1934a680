#include "command_routes.h"

#include <string.h>

#include "base/memory.h"
#include "customer_model.h"
#include "customer_routes.h"
#include "http_command.h"
#include "order_model.h"
#include "order_routes.h"
#include "product_model.h"
#include "product_routes.h"
#include "service/json_body.h"

typedef void (*read_fn)(sf_json_reader *json, int currency_exponent, struct write_command *command);

static void read_new_product(sf_json_reader *json, int currency_exponent,
                             struct write_command *command)
{
    product_read(json, currency_exponent, &command->product);
}

static void read_product(sf_json_reader *json, int currency_exponent, struct write_command *command)
{
    product_read_with_id(json, currency_exponent, &command->product);
}

static void read_new_customer(sf_json_reader *json, int currency_exponent,
                              struct write_command *command)
{
    (void)currency_exponent;
    customer_read(json, CUSTOMER_ID_OPTIONAL, &command->customer);
}

static void read_customer(sf_json_reader *json, int currency_exponent,
                          struct write_command *command)
{
    (void)currency_exponent;
    customer_read(json, CUSTOMER_ID_REQUIRED, &command->customer);
}

static void read_order(sf_json_reader *json, int currency_exponent, struct write_command *command)
{
    order_read(json, currency_exponent, &command->order);
}

static void read_status(sf_json_reader *json, int currency_exponent, struct write_command *command)
{
    (void)currency_exponent;
    order_status_read_with_id(json, &command->order.id, &command->wanted_status);
}

enum {
    STAFF = SF_ROLE_ADMIN | SF_ROLE_SALES,
    BUYERS = STAFF | SF_ROLE_CUSTOMER,
};

typedef struct command_type {
    const char *name;
    unsigned roles; /* as of the command's own route */
    read_fn read;   /* the payload */
    write_fn write;
    void (*answer)(struct http_command *http);
} command_type;

static const command_type types[] = {
    {"createProduct", STAFF, read_new_product, product_model_create, product_routes_answer_create},
    {"updateProduct", STAFF, read_product, product_model_update, product_routes_answer_update},
    {"createCustomer", STAFF, read_new_customer, customer_model_create,
     customer_routes_answer_create},
    {"createUser", STAFF, read_new_customer, customer_model_create, customer_routes_answer_create},
    {"updateCustomer", STAFF, read_customer, customer_model_update, customer_routes_answer_update},
    {"updateUser", STAFF, read_customer, customer_model_update, customer_routes_answer_update},
    {"createOrder", BUYERS, read_order, order_model_create, order_routes_answer_create},
    {"updateOrderStatus", STAFF, read_status, order_model_change_status,
     order_routes_answer_change},
};

static const command_type *find_type(sf_bytes name)
{
    for (size_t i = 0; i < SF_ARRAY_LENGTH(types); i++)
        if (name.size == strlen(types[i].name) && !memcmp(name.data, types[i].name, name.size))
            return &types[i];
    return NULL;
}

enum { TYPE, PAYLOAD, MEMBERS };

static const sf_json_member members[MEMBERS] = {
    [TYPE] = SF_JSON_REQUIRED("type"),
    [PAYLOAD] = SF_JSON_REQUIRED("payload"),
};

/* The whole body is read twice, first for the type: it may stand behind the payload. */
static bool read_type(const sf_request *request, sf_reply *reply, sf_bytes *name)
{
    sf_json_reader json;
    sf_json_object object;
    int member;

    if (!sf_json_body_begin(&json, request, reply))
        return false;
    sf_json_read_object(&json, &object, members, MEMBERS);
    while ((member = sf_json_next_member(&json, &object)) >= 0) {
        if (member == TYPE)
            sf_json_read_line(&json, (sf_json_bounds){1, 100}, name);
        else
            sf_json_skip(&json, NULL);
    }
    return sf_json_body_end(&json, reply);
}

static bool read_payload(const sf_request *request, sf_reply *reply, const command_type *type,
                         int currency_exponent, struct write_command *command)
{
    sf_json_reader json;
    sf_json_object object;
    int member;

    if (!sf_json_body_begin(&json, request, reply))
        return false;
    sf_json_read_object(&json, &object, members, MEMBERS);
    while ((member = sf_json_next_member(&json, &object)) >= 0) {
        if (member == PAYLOAD)
            type->read(&json, currency_exponent, command);
        else
            sf_json_skip(&json, NULL);
    }
    return sf_json_body_end(&json, reply);
}

static void reply_unknown_type(sf_reply *reply, sf_bytes name)
{
    sf_json_writer *json;

    sf_reply_problem(reply, 422, "unknown-command", "there is no command '%.*s'", (int)name.size,
                     (const char *)name.data);
    sf_reply_problem_at(reply, "/type", "must be one of those in 'known'");
    json = sf_reply_problem_members(reply);
    sf_json_write_array(json, "known");
    for (size_t i = 0; i < SF_ARRAY_LENGTH(types); i++)
        sf_json_write_text(json, NULL, types[i].name);
    sf_json_write_end_array(json);
}

static void take_command(const sf_request *request, sf_reply *reply, void *user)
{
    struct write_model *model = user;
    struct http_command *http = http_command_new(request, reply, NULL);
    const command_type *type;
    sf_bytes name;

    if (!http || !read_type(request, reply, &name))
        return;
    type = find_type(name);
    if (!type) {
        reply_unknown_type(reply, name);
        return;
    }
    if (!(sf_request_caller(request)->roles & type->roles)) {
        sf_reply_problem(reply, 403, "not-allowed", "none of the token's roles may do this");
        return;
    }
    http->answer = type->answer;
    if (read_payload(request, reply, type, model->currency_exponent, &http->command))
        http_command_submit(http, model, type->write);
}

void command_routes_add(sf_router *router, struct write_model *model)
{
    static const sf_route routes[] = {
        {"POST", "/commands", take_command},
    };

    sf_router_add_for(router, BUYERS, routes, SF_ARRAY_LENGTH(routes), model);
}
