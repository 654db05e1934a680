#include "domain/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Reads an order; the first error's text is in *err. */
static sf_status read_order(sf_arena *arena, const char *text, struct order *order, sf_error *err)
{
    sf_json_reader json;

    *order = (struct order){0};
    sf_json_reader_init(&json, sf_bytes_text(text), arena);
    order_read(&json, 2, order);
    return sf_json_read_end(&json, err);
}

static void assert_refused(const char *text, const char *sentence)
{
    sf_arena *arena = sf_arena_new();
    struct order order;
    sf_error err = {0};

    assert_int_equal(read_order(arena, text, &order, &err), SF_REJECT);
    if (!strstr(err.text, sentence))
        fail_msg("'%s' has no '%s'", err.text, sentence);
    sf_arena_free(arena);
}

static void an_order_is_read_with_its_lines_in_order(void **state)
{
    sf_arena *arena = sf_arena_new();
    struct order order;

    (void)state;
    assert_ok(read_order(arena,
                         "{\"customerId\":7,\"items\":[{\"productId\":2,\"quantity\":2.0,"
                         "\"price\":500.0},{\"productId\":2,\"quantity\":1,\"price\":\"19.99\"},"
                         "{\"productId\":3,\"quantity\":9},"
                         "{\"productId\":4,\"quantity\":1,\"price\":null},"
                         "{\"productId\":5,\"quantity\":1,\"price\":0}]}",
                         &order, err));

    assert_int_equal(order.customer_id, 7);
    assert_int_equal(order.line_count, 5);
    assert_int_equal(order.lines[0].quantity, 2);
    assert_int_equal(order.lines[0].price.minor, 50000);
    assert_int_equal(order.lines[1].product_id, 2);
    assert_int_equal(order.lines[1].price.minor, 1999);
    assert_false(order.lines[2].has_price);
    assert_false(order.lines[3].has_price);
    assert_true(order.lines[4].has_price);
    sf_arena_free(arena);
}

static void a_wrong_field_is_named(void **state)
{
    (void)state;
    assert_refused("{\"customerId\":1,\"items\":[{\"productId\":1,\"quantity\":-2,\"price\":1}]}",
                   "/items/0/quantity");
    assert_refused("{\"customerId\":1,\"items\":[{\"productId\":1,\"quantity\":1.5,\"price\":1}]}",
                   "/items/0/quantity");
    assert_refused("{\"customerId\":1,\"items\":[{\"productId\":1,\"quantity\":\"2\"}]}",
                   "/items/0/quantity");
    assert_refused("{\"customerId\":1,\"items\":[{\"productId\":1,\"quantity\":1000001}]}",
                   "/items/0/quantity");
    assert_refused("{\"customerId\":1,\"items\":[{\"productId\":1,\"quantity\":1},"
                   "{\"productId\":0,\"quantity\":1}]}",
                   "/items/1/productId");
    assert_refused(
        "{\"customerId\":1,\"items\":[{\"productId\":1,\"quantity\":1,\"price\":1.999}]}",
        "/items/0/price");
    assert_refused("{\"customerId\":1,\"items\":[{\"productId\":1,\"quantity\":1,\"price\":-1}]}",
                   "/items/0/price");
    assert_refused("{\"items\":[{\"productId\":1,\"quantity\":1}]}", "customerId");
    assert_refused("{\"customerId\":1}", "items");
}

static void an_order_has_at_least_one_line(void **state)
{
    (void)state;
    assert_refused("{\"customerId\":1,\"items\":[]}", "/items: must have from 1 to 1000 lines");
}

static char *order_of_lines(size_t count)
{
    static const char line[] = "{\"productId\":1,\"quantity\":1,\"price\":1},";
    char *text = malloc(64 + count * sizeof(line));
    size_t size = (size_t)sprintf(text, "{\"customerId\":1,\"items\":[");

    for (size_t i = 0; i < count; i++)
        size += (size_t)sprintf(text + size, "%s", line);
    sprintf(text + size - 1, "]}");
    return text;
}

static void an_order_has_at_most_a_thousand_lines(void **state)
{
    char *fits = order_of_lines(ORDER_LINES_MAX), *too_many = order_of_lines(ORDER_LINES_MAX + 1);
    sf_arena *arena = sf_arena_new();
    struct order order;

    (void)state;
    assert_ok(read_order(arena, fits, &order, err));
    assert_int_equal(order.line_count, ORDER_LINES_MAX);
    assert_int_equal(order.lines[ORDER_LINES_MAX - 1].product_id, 1);
    assert_refused(too_many, "/items: must have from 1 to 1000 lines");
    sf_arena_free(arena);
    free(fits);
    free(too_many);
}

static void the_total_of_an_order_is_bounded(void **state)
{
    (void)state;
    assert_refused("{\"customerId\":1,\"items\":[{\"productId\":1,\"quantity\":1000000,"
                   "\"price\":10000000.01}]}",
                   "/items: must not come to more than");
    assert_refused("{\"customerId\":1,\"items\":[{\"productId\":1,\"quantity\":1000000,"
                   "\"price\":9999999},{\"productId\":1,\"quantity\":1000000,\"price\":2}]}",
                   "/items: must not come to more than");
}

static void the_total_counts_lines_that_have_a_price(void **state)
{
    order_line lines[] = {
        {.product_id = 1, .quantity = 3, .has_price = true, .price = {1999}},
        {.product_id = 2, .quantity = 1000000},
        {.product_id = 3, .quantity = 1, .has_price = true, .price = {1}},
    };
    struct order order = {.lines = lines, .line_count = 3};
    sf_money total;

    (void)state;
    assert_true(order_total(&order, &total));
    assert_int_equal(total.minor, 3 * 1999 + 1);

    lines[0].price.minor = ORDER_TOTAL_MAX;
    assert_false(order_total(&order, &total));
    lines[0].price.minor = INT64_MAX;
    assert_false(order_total(&order, &total));
}

static void an_order_is_written_as_the_contract_has_it(void **state)
{
    order_line line = {.product_id = 1, .quantity = 2, .has_price = true, .price = {50000}};
    struct order order = {.id = 1, .customer_id = 1, .lines = &line, .line_count = 1};
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_json_writer json;

    (void)state;
    sf_json_writer_init(&json, &text);
    order_write(&json, 2, &order);

    assert_string_equal(
        sf_buffer_text(&text),
        "{\"id\":1,\"customerId\":1,\"status\":\"CREATED\",\"items\":[{\"productId\""
        ":1,\"quantity\":2,\"price\":500.0}]}");
    sf_buffer_done(&text);
}

static sf_status read_status(sf_arena *arena, const char *text, order_status *status, sf_error *err)
{
    sf_json_reader json;

    sf_json_reader_init(&json, sf_bytes_text(text), arena);
    order_status_read(&json, status);
    return sf_json_read_end(&json, err);
}

static void an_unknown_status_is_refused_with_those_there_are(void **state)
{
    sf_arena *arena = sf_arena_new();
    order_status status;
    sf_error why = {0};

    (void)state;
    assert_ok(read_status(arena, "{\"status\":\" shipped \"}", &status, err));
    assert_int_equal(status, ORDER_SHIPPED);
    assert_int_equal(read_status(arena, "{\"status\":\"LOST\"}", &status, &why), SF_REJECT);
    assert_non_null(strstr(why.text, "/status: must be one of CREATED, "));
    for (int i = 0; i < ORDER_STATUS_COUNT; i++)
        assert_non_null(strstr(why.text, order_status_name((order_status)i)));
    sf_arena_free(arena);
}

static void price_policies_have_names(void **state)
{
    price_policy policy;

    (void)state;
    assert_true(price_policy_parse("strict", &policy));
    assert_int_equal(policy, PRICE_STRICT);
    assert_string_equal(price_policy_name(PRICE_LIST), "list");
    assert_false(price_policy_parse("generous", &policy));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_read_with_its_lines_in_order),
        cmocka_unit_test(a_wrong_field_is_named),
        cmocka_unit_test(an_order_has_at_least_one_line),
        cmocka_unit_test(an_order_has_at_most_a_thousand_lines),
        cmocka_unit_test(the_total_of_an_order_is_bounded),
        cmocka_unit_test(the_total_counts_lines_that_have_a_price),
        cmocka_unit_test(an_order_is_written_as_the_contract_has_it),
        cmocka_unit_test(an_unknown_status_is_refused_with_those_there_are),
        cmocka_unit_test(price_policies_have_names),
    };

    return run_tests(tests);
}
