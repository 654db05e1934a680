/* What instances ask each other: parts of some partitions, from one that holds all of them. */
#include "fleet/gather.h"

#include <stdio.h>

#include "support/query_house.h"

/* To be freed. */
static sf_exchange *ask(const char *target, const char *part)
{
    sf_exchange *exchange = sf_exchange_new("GET", target, SF_NULL);

    sf_exchange_add_header(exchange, FLEET_PART_HEADER, part);
    sf_router_handle(query_house_router(), exchange);
    return exchange;
}

/* The items of all partitions' parts, merged, so many of them, with commas. */
static void merge_parts(const char *target, int limit, char *text, size_t size)
{
    sf_exchange *exchanges[QUERY_HOUSE_PARTITIONS];
    sf_bytes parts[QUERY_HOUSE_PARTITIONS], rank, item;
    sf_arena *arena = sf_arena_new();
    part_merge merge;

    for (int i = 0; i < QUERY_HOUSE_PARTITIONS; i++) {
        char number[16];

        (void)snprintf(number, sizeof number, "%d", i); /* fits */
        exchanges[i] = ask(target, number);
        assert_int_equal(sf_exchange_status(exchanges[i]), 200);
        parts[i] = sf_exchange_body_bytes(exchanges[i]);
    }
    assert_ok(part_merge_open(&merge, parts, QUERY_HOUSE_PARTITIONS, arena, err));
    text[0] = '\0';
    for (int i = 0; i < limit && part_merge_next(&merge, &rank, &item); i++)
        (void)snprintf(text + strlen(text), size - strlen(text), "%s%.*s", i ? "," : "",
                       (int)item.size, (const char *)item.data); /* fits */
    for (int i = 0; i < QUERY_HOUSE_PARTITIONS; i++)
        sf_exchange_free(exchanges[i]);
    sf_arena_free(arena);
}

static void parts_of_all_partitions_are_the_whole_list(void **state)
{
    static const struct {
        const char *target;
        int limit;
    } lists[] = {
        {HOURLY ALL_DAY, 1000},
        {HOURLY ALL_DAY "&limit=3", 3},
        {HOURLY ALL_DAY "&closed=true", 1000},
        {"/api/analytics/categories", 100},
        {"/api/analytics/categories?limit=2", 2},
        {"/api/analytics/top-products", 10},
        {"/api/analytics/top-products?limit=2", 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        char whole[8192], merged[8192];
        char *items;

        assert_int_equal(query_house_get(lists[i].target, whole, sizeof whole), 200);
        merge_parts(lists[i].target, lists[i].limit, merged, sizeof merged);
        items = strchr(whole, '[') + 1;
        *strrchr(items, ']') = '\0';
        assert_true(merged[0]);
        assert_string_equal(merged, items);
    }
}

static void a_part_is_of_all_partitions_that_are_asked_for_or_refused(void **state)
{
    sf_exchange *exchange = ask("/api/analytics/categories", "0,1,2");

    (void)state;
    assert_int_equal(sf_exchange_status(exchange), 200);
    assert_string_equal(sf_exchange_header(exchange, "Content-Type"),
                        "application/vnd.stateful.part");
    sf_exchange_free(exchange);

    exchange = ask("/api/analytics/categories", "0,7"); /* nobody has the latter */
    assert_int_equal(sf_exchange_status(exchange), 503);
    assert_non_null(strstr(sf_exchange_body(exchange), "state-store-restoring"));
    sf_exchange_free(exchange);
}

static void headers_that_name_no_partitions_are_refused(void **state)
{
    static const char *const wrong[] = {"",   "all",  "x",        "-1", "0,",
                                        ",0", "1,,2", "12345678", "0 1"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        sf_exchange *exchange = ask("/api/analytics/summary", wrong[i]);

        if (sf_exchange_status(exchange) != 400)
            fail_msg("'%s': %d", wrong[i], sf_exchange_status(exchange));
        sf_exchange_free(exchange);
    }
}

static void what_an_instance_is_itself_is_asked_for_as_all(void **state)
{
    sf_exchange *exchange = ask("/api/analytics/sync-status", "all");
    part_reader reader;
    sf_bytes rank, item;

    (void)state;
    assert_int_equal(sf_exchange_status(exchange), 200);
    assert_ok(part_reader_open(&reader, sf_exchange_body_bytes(exchange), err));
    assert_true(part_reader_next(&reader, &rank, &item));
    assert_int_equal(item.size, 8);
    sf_exchange_free(exchange);

    exchange = ask("/api/analytics/sync-status", "0");
    assert_int_equal(sf_exchange_status(exchange), 400);
    sf_exchange_free(exchange);
}

static void a_partial_answer_is_only_that_where_something_is_missing(void **state)
{
    char body[8192], partial[8192];

    (void)state;
    assert_int_equal(query_house_get("/api/analytics/categories", body, sizeof body), 200);
    assert_get("/api/analytics/categories?allowPartial=true", body);
    assert_int_equal(
        query_house_get("/api/analytics/summary?allowPartial=true", partial, sizeof partial), 200);
    assert_null(strstr(partial, "partial"));
    assert_problem("/api/analytics/categories?allowPartial=yes", 400,
                   "\"parameter\":\"allowPartial\"");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_all_partitions_are_the_whole_list),
        cmocka_unit_test(a_part_is_of_all_partitions_that_are_asked_for_or_refused),
        cmocka_unit_test(headers_that_name_no_partitions_are_refused),
        cmocka_unit_test(what_an_instance_is_itself_is_asked_for_as_all),
        cmocka_unit_test(a_partial_answer_is_only_that_where_something_is_missing),
    };

    return cmocka_run_group_tests(tests, query_house_open, query_house_close);
}
