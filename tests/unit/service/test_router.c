#include "service/router.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "check.h"
#include "service/exchange.h"
#include "service/json_body.h"

static sf_router *router;

static void get_order(const sf_request *request, sf_reply *reply, void *user)
{
    sf_json_writer *json;
    int64_t id;

    if (!sf_request_part_as_id(request, reply, "id", &id))
        return;
    json = sf_reply_json(reply, 200);
    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "id", id);
    sf_json_write_text(json, "route", sf_request_route(request));
    sf_json_write_text(json, "user", user);
    sf_json_write_end_object(json);
}

static void get_mine(const sf_request *request, sf_reply *reply, void *user)
{
    (void)request, (void)user;
    sf_reply_text(reply, 200, "mine");
}

static void get_line(const sf_request *request, sf_reply *reply, void *user)
{
    char text[100];

    (void)user;
    (void)snprintf(text, sizeof(text), "%s|%s", sf_request_part(request, "line"),
                   sf_request_part(request, "id")); /* short enough here */
    sf_reply_text(reply, 200, text);
}

static void get_range(const sf_request *request, sf_reply *reply, void *user)
{
    int64_t start_ms = -1, limit = 10;
    sf_json_writer *json;

    (void)user;
    if (!sf_request_query_as_time(request, reply, "start", &start_ms) ||
        !sf_request_query_as_integer(request, reply, "limit", (sf_request_bounds){1, 1000}, &limit))
        return;
    json = sf_reply_json(reply, 200);
    sf_json_write_array(json, NULL);
    sf_json_write_integer(json, NULL, start_ms);
    sf_json_write_integer(json, NULL, limit);
    sf_json_write_end_array(json);
}

static void post_product(const sf_request *request, sf_reply *reply, void *user)
{
    static const sf_json_member members[] = {SF_JSON_REQUIRED("name"), SF_JSON_REQUIRED("price")};
    sf_json_object object;
    sf_json_reader json;
    sf_bytes name = SF_NULL;
    sf_money price = {0};
    int member;

    (void)user;
    if (!sf_json_body_begin(&json, request, reply))
        return;
    sf_json_read_object(&json, &object, members, SF_ARRAY_LENGTH(members));
    while ((member = sf_json_next_member(&json, &object)) >= 0) {
        if (member == 0)
            sf_json_read_line(&json, (sf_json_bounds){1, 255}, &name);
        else
            sf_json_read_money(&json, 2, (sf_json_bounds){0, 100000}, &price);
    }
    if (!sf_json_body_end(&json, reply))
        return;
    sf_reply_headerf(reply, "Location", "/api/products/%d", 1);
    sf_reply_header(reply, "X-Bad", "a\r\nSet-Cookie: b");
    sf_json_write_bytes(sf_reply_json(reply, 201), NULL, name);
}

static void post_conflict(const sf_request *request, sf_reply *reply, void *user)
{
    sf_json_writer *json;

    (void)request, (void)user;
    sf_reply_json(reply, 200);
    sf_reply_problem(reply, 409, "illegal-transition", "an order cannot go from %s to %s", "A",
                     "B");
    json = sf_reply_problem_members(reply);
    sf_json_write_text(json, "from", "A");
    sf_json_write_array(json, "allowed");
    sf_json_write_text(json, NULL, "C");
    sf_json_write_end_array(json);
    sf_reply_problem_at(reply, "/status", "is \"B\"");
}

static void *send_later(void *reply)
{
    sf_reply_text(reply, 202, "later");
    sf_reply_send(reply);
    return NULL;
}

static void post_later(const sf_request *request, sf_reply *reply, void *user)
{
    (void)request;
    sf_reply_defer(reply);
    assert_int_equal(pthread_create(user, NULL, send_later, reply), 0);
}

static const sf_route routes[] = {
    {"GET", "/api/orders/mine", get_mine},
    {"GET", "/api/orders/{id}", get_order},
    {"GET", "/api/orders/{id}/lines/{line}", get_line},
    {"GET", "/api/range", get_range},
    {"POST", "/api/products", post_product},
    {"POST", "/api/conflict", post_conflict},
};

static pthread_t sender;
static const sf_route later_routes[] = {{"POST", "/api/later", post_later}};

static int make_router(void **state)
{
    static char user[] = "u";

    (void)state;
    router = sf_router_new();
    sf_router_add(router, routes, SF_ARRAY_LENGTH(routes), user);
    sf_router_add(router, later_routes, 1, &sender);
    return 0;
}

static int free_router(void **state)
{
    (void)state;
    sf_router_free(router);
    return 0;
}

static sf_exchange *ask(const char *method, const char *target, const char *body)
{
    sf_exchange *exchange = sf_exchange_new(method, target, sf_bytes_text(body));

    sf_router_handle(router, exchange);
    sf_exchange_wait(exchange);
    return exchange;
}

static void check_answer(sf_exchange *exchange, int status, const char *body)
{
    if (sf_exchange_status(exchange) != status)
        fail_msg("status %d: %s", sf_exchange_status(exchange), sf_exchange_body(exchange));
    assert_string_equal(sf_exchange_body(exchange), body);
    sf_exchange_free(exchange);
}

static void check_has(sf_exchange *exchange, int status, const char *part)
{
    if (sf_exchange_status(exchange) != status || !strstr(sf_exchange_body(exchange), part))
        fail_msg("status %d: %s", sf_exchange_status(exchange), sf_exchange_body(exchange));
    sf_exchange_free(exchange);
}

static void the_first_route_that_fits_wins(void **state)
{
    (void)state;
    check_answer(ask("GET", "/api/orders/mine", NULL), 200, "mine");
    check_answer(ask("GET", "/api/orders/7?x=1", NULL), 200,
                 "{\"id\":7,\"route\":\"/api/orders/{id}\",\"user\":\"u\"}");
    check_answer(ask("GET", "/api/orders/7/lines/a%2Fb", NULL), 200, "a/b|7");
    check_answer(ask("HEAD", "/api/orders/mine", NULL), 200, "mine");
    check_answer(ask("GET", "/%61pi/orders/mine", NULL), 200, "mine");
}

static void what_fits_no_route_is_404_or_405(void **state)
{
    sf_exchange *exchange = ask("PATCH", "/api/products", NULL);

    (void)state;
    assert_int_equal(sf_exchange_status(exchange), 405);
    assert_string_equal(sf_exchange_header(exchange, "allow"), "POST, OPTIONS");
    assert_string_equal(sf_exchange_header(exchange, "Content-Type"), "application/problem+json");
    sf_exchange_free(exchange);
    check_has(ask("GET", "/", NULL), 404, "no-such-route");
    check_has(ask("GET", "/api/orders", NULL), 404, "no-such-route");
    check_has(ask("GET", "/api/orders/", NULL), 404, "no-such-route");
    check_has(ask("GET", "/api/orders/7/", NULL), 404, "no-such-route");
    check_has(ask("GET", "/API/orders/7", NULL), 404, "no-such-route");
    check_has(ask("GET", "/api%2Forders/7", NULL), 404, "no-such-route");
    check_has(ask("GET", "*", NULL), 400, "malformed-path");
    check_has(ask("GET", "", NULL), 400, "malformed-path");
    check_has(ask("GET", "/api?a=%", NULL), 400, "malformed-path");
    exchange = ask("OPTIONS", "/api/orders/7", NULL);
    assert_string_equal(sf_exchange_header(exchange, "Allow"), "GET, HEAD, OPTIONS");
    check_answer(exchange, 204, "");
}

static void ids_in_paths_are_whole_numbers_from_1(void **state)
{
    static const char *const wrong[] = {"0",    "-1",
                                        "x",    "1.0",
                                        "1e3",  "9007199254740992",
                                        "007",  "%2B1",
                                        "%201", "99999999999999999999999"};

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(wrong); i++) {
        char target[100];

        sprintf(target, "/api/orders/%s", wrong[i]);
        check_has(ask("GET", target, NULL), 400,
                  "\"errors\":[{\"parameter\":\"id\",\"detail\":\"must be a whole number from 1 to "
                  "9007199254740991\"}]");
    }
    check_has(ask("GET", "/api/orders/9007199254740991", NULL), 200, "\"id\":9007199254740991");
}

static void query_parameters_are_checked_where_they_are_there(void **state)
{
    (void)state;
    check_answer(ask("GET", "/api/range", NULL), 200, "[-1,10]");
    check_answer(ask("GET", "/api/range?limit=5&start=1970-01-01T01:00:01+01:00", NULL), 200,
                 "[1000,5]");
    check_answer(ask("GET", "/api/range?start=1970-01-01T01:00:01%2B01:00&&", NULL), 200,
                 "[1000,10]");
    check_has(ask("GET", "/api/range?limit=0", NULL), 400, "limit must be a whole number from 1");
    check_has(ask("GET", "/api/range?limit=", NULL), 400, "\"parameter\":\"limit\"");
    check_has(ask("GET", "/api/range?start=2026-02-27T09:00:00", NULL), 400,
              "must be a date and time with a zone");
}

static void a_body_is_read_or_refused_with_its_fields(void **state)
{
    sf_exchange *exchange = ask("POST", "/api/products", "{\"name\":\" Desk \",\"price\":1.5}");

    (void)state;
    assert_string_equal(sf_exchange_header(exchange, "Location"), "/api/products/1");
    assert_null(sf_exchange_header(exchange, "X-Bad"));
    check_answer(exchange, 201, "\"Desk\"");
    check_answer(ask("POST", "/api/products", "{\"price\":-1}"), 422,
                 "{\"type\":\"/problems/invalid-field\",\"title\":\"Invalid field\",\"status\":422,"
                 "\"detail\":\"/price: must be at least 0.0, is -1.0\","
                 "\"instance\":\"/api/products\",\"errors\":[{\"pointer\":\"/price\",\"detail\":"
                 "\"must be at least 0.0, is -1.0\"},{\"pointer\":\"/name\",\"detail\":"
                 "\"is missing\"}]}");
    check_has(ask("POST", "/api/products", "{\"name\":"), 400, "malformed-json");
    check_has(ask("POST", "/api/products", ""), 400, "the body is empty");
}

static void only_json_content_types_are_taken(void **state)
{
    static const char *const right[] = {"application/json", "Application/JSON; charset=utf-8",
                                        "application/merge-patch+json"};
    static const char *const wrong[] = {"text/plain",  "application/x-www-form-urlencoded",
                                        "json",        "application/jsonx",
                                        "text/x+json", ""};

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(right) + SF_ARRAY_LENGTH(wrong); i++) {
        bool is_right = i < SF_ARRAY_LENGTH(right);
        sf_exchange *exchange =
            sf_exchange_new("POST", "/api/products", sf_bytes_text("{\"name\":\"a\",\"price\":0}"));

        sf_exchange_add_header(exchange, "content-type",
                               is_right ? right[i] : wrong[i - SF_ARRAY_LENGTH(right)]);
        sf_router_handle(router, exchange);
        assert_int_equal(sf_exchange_status(exchange), is_right ? 201 : 415);
        sf_exchange_free(exchange);
    }
}

static void a_problem_takes_further_members(void **state)
{
    (void)state;
    check_answer(ask("POST", "/api/conflict", NULL), 409,
                 "{\"type\":\"/problems/illegal-transition\",\"title\":\"Illegal transition\","
                 "\"status\":409,\"detail\":\"an order cannot go from A to B\",\"from\":\"A\","
                 "\"allowed\":[\"C\"],\"instance\":\"/api/conflict\",\"errors\":[{\"pointer\":"
                 "\"/status\",\"detail\":\"is \\\"B\\\"\"}]}");
}

static void a_deferred_reply_is_waited_for(void **state)
{
    sf_exchange *exchange = ask("POST", "/api/later", NULL);

    (void)state;
    pthread_join(sender, NULL);
    check_answer(exchange, 202, "later");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_route_that_fits_wins),
        cmocka_unit_test(what_fits_no_route_is_404_or_405),
        cmocka_unit_test(ids_in_paths_are_whole_numbers_from_1),
        cmocka_unit_test(query_parameters_are_checked_where_they_are_there),
        cmocka_unit_test(a_body_is_read_or_refused_with_its_fields),
        cmocka_unit_test(only_json_content_types_are_taken),
        cmocka_unit_test(a_problem_takes_further_members),
        cmocka_unit_test(a_deferred_reply_is_waited_for),
    };

    return cmocka_run_group_tests(tests, make_router, free_router);
}
