#include "service/health.h"

#include <string.h>

#include "check.h"
#include "service/exchange.h"

static bool is_database_up;

static bool check_database(void *user, sf_buffer *why)
{
    (void)user;
    if (!is_database_up)
        sf_buffer_add_text(why, "connection refused");
    return is_database_up;
}

static bool check_streams(void *user, sf_buffer *why)
{
    (void)why;
    return *(bool *)user;
}

static void check_answer(sf_router *router, const char *target, int status, const char *part)
{
    sf_exchange *exchange = sf_exchange_new("GET", target, SF_NULL);

    sf_router_handle(router, exchange);
    if (sf_exchange_status(exchange) != status || !strstr(sf_exchange_body(exchange), part))
        fail_msg("%s: %d %s", target, sf_exchange_status(exchange), sf_exchange_body(exchange));
    if (status == 503)
        assert_string_equal(sf_exchange_header(exchange, "Retry-After"), "1");
    sf_exchange_free(exchange);
}

static void ready_needs_every_check_and_live_needs_none(void **state)
{
    sf_health *health = sf_health_new();
    sf_router *router = sf_router_new();
    bool is_running = false;

    (void)state;
    is_database_up = false;
    sf_health_add_check(health, "postgres", check_database, NULL);
    sf_health_add_check(health, "streams", check_streams, &is_running);
    sf_health_add_routes(health, router);
    check_answer(router, "/health/live", 200, "{\"status\":\"UP\"}");
    check_answer(router, "/health/ready", 503,
                 "\"detail\":\"postgres: connection refused; streams: not well\"");

    is_database_up = is_running = true;
    check_answer(router, "/health/ready", 200,
                 "{\"status\":\"UP\",\"checks\":{\"postgres\":\"UP\",\"streams\":\"UP\"}}");

    sf_health_begin_stop(health);
    check_answer(router, "/health/ready", 503, "the service is stopping");
    check_answer(router, "/health/live", 200, "UP");
    sf_router_free(router);
    sf_health_free(health);
}

static void what_is_only_watched_leaves_it_ready(void **state)
{
    sf_health *health = sf_health_new();
    sf_router *router = sf_router_new();
    bool has_broker = false;

    (void)state;
    is_database_up = true;
    sf_health_add_check(health, "db", check_database, NULL);
    sf_health_add_watch(health, "events", check_streams, &has_broker);
    sf_health_add_routes(health, router);

    check_answer(router, "/health/ready", 200, "{\"status\":\"UP\",\"checks\":{\"db\":\"UP\"}}");
    check_answer(router, "/health", 200, "\"events\":{\"status\":\"DOWN\",\"latencyMs\":");
    check_answer(router, "/health/events", 503, "\"detail\":\"events: not well\"");
    check_answer(router, "/health/db", 200, "{\"status\":\"UP\"}");
    check_answer(router, "/health/nothing", 404, "not-found");

    is_database_up = false;
    check_answer(router, "/health", 503, "\"db\":{\"status\":\"DOWN\"");
    check_answer(router, "/health/db", 503, "db: connection refused");
    sf_router_free(router);
    sf_health_free(health);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ready_needs_every_check_and_live_needs_none),
        cmocka_unit_test(what_is_only_watched_leaves_it_ready),
    };

    return run_tests(tests);
}
