/* The analytics over the whole runtime on a journal in memory: no sockets, else everything. */
#include "http/analytics_routes.h"

#include <stdio.h>
#include <string.h>

#include "support/query_house.h"

static void bodies_are_as_documented(void **state)
{
    (void)state;
    assert_get("/api/analytics/products/1/sales", "{\"productId\":1,\"totalSales\":1000.0}");
    assert_get("/api/analytics/categories/Electronics/revenue",
               "{\"category\":\"Electronics\",\"totalRevenue\":1000.0}");
    assert_get(HOURLY "?start=2026-02-27T09:00:00Z&end=2026-02-27T12:00:00Z&productId=1",
               "[{\"windowStart\":\"2026-02-27T09:00:00Z\",\"windowEnd\":\"2026-02-27T10:00:00Z\","
               "\"productId\":1,\"totalSales\":1000.0}]");
}

static void nothing_sold_is_zero(void **state)
{
    (void)state;
    assert_get("/api/analytics/products/5/sales", "{\"productId\":5,\"totalSales\":0.0}");
    assert_get("/api/analytics/products/9007199254740991/sales",
               "{\"productId\":9007199254740991,\"totalSales\":0.0}");
    assert_get("/api/analytics/categories/electronics/revenue",
               "{\"category\":\"electronics\",\"totalRevenue\":0.0}");
    assert_get(HOURLY "?start=2026-02-27T14:00:00Z&end=2026-02-27T18:00:00Z", "[]");
    assert_get(HOURLY "?start=1900-01-01T00:00:00Z&end=1960-01-01T00:00:00Z", "[]");
}

static void category_is_percent_decoded(void **state)
{
    (void)state;
    assert_get("/api/analytics/categories/Home%2FGarden/revenue",
               "{\"category\":\"Home/Garden\",\"totalRevenue\":6.1}");
    assert_get("/api/analytics/categories/B%C3%BCcher%20%26%20mehr/revenue",
               "{\"category\":\"B\xc3\xbc"
               "cher & mehr\",\"totalRevenue\":25.98}");
    assert_get("/api/analytics/categories/UNKNOWN/revenue",
               "{\"category\":\"UNKNOWN\",\"totalRevenue\":6.0}");
}

static void what_is_no_id_is_refused(void **state)
{
    static const char *const ids[] = {"abc", "0", "-1", "1.0", "01x", "9007199254740992", "%20"};

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        char target[128];

        (void)snprintf(target, sizeof target, "/api/analytics/products/%s/sales",
                       ids[i]); /* fits */
        assert_problem(target, 400, "\"parameter\":\"id\"");
    }
}

#define ROW(hour, next, product, sales)                                                \
    "{\"windowStart\":\"2026-02-27T" hour ":00:00Z\",\"windowEnd\":\"2026-02-27T" next \
    ":00:00Z\",\"productId\":" product ",\"totalSales\":" sales "}"
#define NINE                       \
    ROW("09", "10", "1", "1000.0") \
    "," ROW("09", "10", "2", "19.98") "," ROW("09", "10", "10", "2.0")
#define TEN ROW("10", "11", "2", "6.0") "," ROW("10", "11", "10", "0.1")
#define TWELVE ROW("12", "13", "99", "6.0")
#define THIRTEEN ROW("13", "14", "10", "4.0")

static void rows_are_sorted_by_hour_then_product(void **state)
{
    (void)state;
    assert_get(HOURLY "?start=2026-02-27T00:00:00Z&end=2026-02-28T00:00:00Z",
               "[" NINE "," TEN "," TWELVE "," THIRTEEN "]");
}

/* The second answer is the kept one. */
static void hours_asked_for_again_are_the_same(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_get(HOURLY "?start=2026-02-27T09:00:00Z&end=2026-02-27T10:00:00Z", "[" NINE "]");
        assert_get(HOURLY "?start=2026-02-27T09:00:00Z&end=2026-02-27T11:00:00Z",
                   "[" NINE "," TEN "]");
        assert_get(HOURLY "?start=2026-02-27T09:00:00Z&end=2026-02-27T11:00:00Z&productId=2",
                   "[" ROW("09", "10", "2", "19.98") "," ROW("10", "11", "2", "6.0") "]");
        assert_get(HOURLY "?start=2026-02-27T14:00:00Z&end=2026-02-27T18:00:00Z", "[]");
    }
}

static void hours_that_overlap_are_given(void **state)
{
    (void)state;
    assert_get(HOURLY "?start=2026-02-27T09:00:00Z&end=2026-02-27T10:00:00Z", "[" NINE "]");
    assert_get(HOURLY "?start=2026-02-27T09:59:59.999Z&end=2026-02-27T10:00:00.001Z",
               "[" NINE "," TEN "]");
    assert_get(HOURLY "?start=2026-02-27T10:20:00Z&end=2026-02-27T10:21:00Z", "[" TEN "]");
    assert_get(HOURLY "?start=2026-02-27T11:00:00Z&end=2026-02-27T12:00:00Z", "[]");
    assert_get(HOURLY "?start=2026-02-27T11:00:00+02:00&end=2026-02-27T12:00:00+02:00",
               "[" NINE "]");
    assert_get(HOURLY "?start=2026-02-27T11:00:00%2B02:00&end=2026-02-27T12:00:00%2B02:00",
               "[" NINE "]");
}

static void kafkas_rule_goes_by_starts(void **state)
{
    (void)state;
    assert_get(HOURLY "?start=2026-02-27T09:00:00Z&end=2026-02-27T10:00:00Z&match=start",
               "[" NINE "," TEN "]");
    assert_get(HOURLY "?start=2026-02-27T09:01:00Z&end=2026-02-27T10:00:00Z&match=start",
               "[" TEN "]");
    assert_get(HOURLY "?start=2026-02-27T10:00:00Z&end=2026-02-27T10:00:00Z&match=start",
               "[" TEN "]");
    assert_get(HOURLY "?start=2026-02-27T10:01:00Z&end=2026-02-27T10:59:00Z&match=start", "[]");
}

static void closed_hours_are_those_that_are_over(void **state)
{
    (void)state; /* the clock says 10:45 */
    assert_get(HOURLY "?start=2026-02-27T00:00:00Z&end=2026-02-28T00:00:00Z&closed=true",
               "[" NINE "]");
    assert_get(HOURLY "?start=2026-02-27T10:00:00Z&end=2026-02-27T11:00:00Z&closed=false",
               "[" TEN "]");
}

static void one_product_alone(void **state)
{
    (void)state;
    assert_get(HOURLY "?start=2026-02-27T00:00:00Z&end=2026-02-28T00:00:00Z&productId=2",
               "[" ROW("09", "10", "2", "19.98") "," ROW("10", "11", "2", "6.0") "]");
}

/* The target in a Link header, or false if there is none. */
static bool next_page(sf_exchange *exchange, char *target, size_t size)
{
    const char *link = sf_exchange_header(exchange, "Link");

    if (!link)
        return false;
    assert_int_equal(link[0], '<');
    assert_non_null(strstr(link, ">; rel=\"next\""));
    (void)snprintf(target, size, "%.*s", (int)strcspn(link + 1, ">"), link + 1); /* fits */
    return true;
}

static void pages_lead_through_all_rows(void **state)
{
    static const char *const rows[] = {
        "[" ROW("09", "10", "1", "1000.0") "," ROW("09", "10", "2", "19.98") "]",
        "[" ROW("09", "10", "10", "2.0") "," ROW("10", "11", "2", "6.0") "]",
        "[" ROW("10", "11", "10", "0.1") "," ROW("12", "13", "99", "6.0") "]",
        "[" ROW("13", "14", "10", "4.0") "]",
    };
    char target[512] = HOURLY "?start=2026-02-27T00:00:00Z&end=2026-02-28T00:00:00Z&limit=2";
    bool has_next = true;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        sf_exchange *exchange;

        assert_true(has_next);
        exchange = sf_exchange_new("GET", target, SF_NULL);
        sf_router_handle(query_house_router(), exchange);
        assert_string_equal(sf_exchange_body(exchange), rows[i]);
        has_next = next_page(exchange, target, sizeof target);
        sf_exchange_free(exchange);
    }
    assert_false(has_next);
}

static void pages_keep_the_other_parameters(void **state)
{
    char target[512] = HOURLY "?start=2026-02-27T09:00:00Z&end=2026-02-27T10:00:00Z&match=start"
                              "&productId=10&closed=false&limit=1";
    sf_exchange *exchange = sf_exchange_new("GET", target, SF_NULL);

    (void)state;
    sf_router_handle(query_house_router(), exchange);
    assert_string_equal(sf_exchange_body(exchange), "[" ROW("09", "10", "10", "2.0") "]");
    assert_true(next_page(exchange, target, sizeof target));
    sf_exchange_free(exchange);

    assert_get(target, "[" ROW("10", "11", "10", "0.1") "]");
}

static void bad_parameters_are_named(void **state)
{
    (void)state;
    assert_problem(HOURLY, 400, "\"parameter\":\"start\"");
    assert_problem(HOURLY "?start=2026-02-27T00:00:00Z", 400, "\"parameter\":\"end\"");
    assert_problem(HOURLY "?start=2026-02-27T00:00:00&end=2026-02-28T00:00:00Z", 400,
                   "\"parameter\":\"start\"");
    assert_problem(HOURLY "?start=2026-02-27T00:00:00Z&end=tomorrow", 400, "\"parameter\":\"end\"");
    assert_problem(HOURLY "?start=2026-02-27T00:00:00Z&end=2026-02-27T00:00:00Z", 400,
                   "/problems/invalid-range");
    assert_problem(HOURLY "?start=2026-02-28T00:00:00Z&end=2026-02-27T00:00:00Z&match=start", 400,
                   "/problems/invalid-range");
    assert_problem(HOURLY ALL_DAY "&productId=x", 400, "\"parameter\":\"productId\"");
    assert_problem(HOURLY ALL_DAY "&limit=0", 400, "\"parameter\":\"limit\"");
    assert_problem(HOURLY ALL_DAY "&limit=1&cursor=7", 400, "\"parameter\":\"cursor\"");
    assert_problem(HOURLY ALL_DAY "&cursor=ffffffffffffffffffffffffffffffff", 400, "cursor");
    assert_problem(HOURLY ALL_DAY "&match=end", 400, "\"parameter\":\"match\"");
    assert_problem(HOURLY ALL_DAY "&closed=yes", 400, "\"parameter\":\"closed\"");
}

static void topology_is_described(void **state)
{
    char body[8192];

    (void)state;
    assert_int_equal(query_house_get("/api/analytics/topology", body, sizeof body), 200);
    assert_true(!strncmp(body, "Topologies:\n   Sub-topology: 0\n", 31));
    assert_non_null(strstr(body, "hourly-sales-store"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_as_documented),
        cmocka_unit_test(nothing_sold_is_zero),
        cmocka_unit_test(category_is_percent_decoded),
        cmocka_unit_test(what_is_no_id_is_refused),
        cmocka_unit_test(rows_are_sorted_by_hour_then_product),
        cmocka_unit_test(hours_asked_for_again_are_the_same),
        cmocka_unit_test(hours_that_overlap_are_given),
        cmocka_unit_test(kafkas_rule_goes_by_starts),
        cmocka_unit_test(closed_hours_are_those_that_are_over),
        cmocka_unit_test(one_product_alone),
        cmocka_unit_test(pages_lead_through_all_rows),
        cmocka_unit_test(pages_keep_the_other_parameters),
        cmocka_unit_test(bad_parameters_are_named),
        cmocka_unit_test(topology_is_described),
    };

    return cmocka_run_group_tests(tests, query_house_open, query_house_close);
}
