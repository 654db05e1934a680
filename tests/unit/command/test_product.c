#include "domain/product.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

static sf_status read_product(sf_arena *arena, const char *text, int exponent,
                              struct product *product, sf_error *err)
{
    sf_json_reader json;

    *product = (struct product){0};
    sf_json_reader_init(&json, sf_bytes_text(text), arena);
    product_read(&json, exponent, product);
    return sf_json_read_end(&json, err);
}

static void assert_refused(const char *text, const char *sentence)
{
    sf_arena *arena = sf_arena_new();
    struct product product;
    sf_error err = {0};

    assert_int_equal(read_product(arena, text, 2, &product, &err), SF_REJECT);
    if (!strstr(err.text, sentence))
        fail_msg("'%s' has no '%s'", err.text, sentence);
    sf_arena_free(arena);
}

static void a_product_is_read_trimmed_and_exact(void **state)
{
    sf_arena *arena = sf_arena_new();
    struct product product;

    (void)state;
    assert_ok(read_product(arena,
                           "{\"name\":\"  Lap\\u00e9top \",\"category\":\"Home/Garden\","
                           "\"price\":19.99,\"colour\":\"red\"}",
                           2, &product, err));
    assert_bytes(product.name, "Lap\xc3\xa9top");
    assert_bytes(product.category, "Home/Garden");
    assert_int_equal(product.price.minor, 1999);
    sf_arena_free(arena);
}

static void a_price_has_the_decimals_of_the_currency(void **state)
{
    static const char text[] = "{\"name\":\"a\",\"category\":\"b\",\"price\":1.234}";
    sf_arena *arena = sf_arena_new();
    struct product product;

    (void)state;
    assert_ok(read_product(arena, text, 3, &product, err));
    assert_int_equal(product.price.minor, 1234);
    assert_refused(text, "/price");
    sf_arena_free(arena);
}

static void a_wrong_field_is_named(void **state)
{
    (void)state;
    assert_refused("{\"category\":\"b\",\"price\":1}", "name");
    assert_refused("{\"name\":\"\",\"category\":\"b\",\"price\":1}", "/name");
    assert_refused("{\"name\":\"  \",\"category\":\"b\",\"price\":1}", "/name");
    assert_refused("{\"name\":\"a\\nb\",\"category\":\"b\",\"price\":1}", "/name");
    assert_refused("{\"name\":5,\"category\":\"b\",\"price\":1}", "/name");
    assert_refused("{\"name\":\"a\",\"category\":\"b\",\"price\":-0.01}", "/price");
    assert_refused("{\"name\":\"a\",\"category\":\"b\",\"price\":10000000000.01}", "/price");
    assert_refused("{\"name\":\"a\",\"category\":\"b\",\"price\":true}", "/price");
}

static void a_category_has_at_most_a_hundred_code_points(void **state)
{
    char text[600] = "{\"name\":\"a\",\"price\":1,\"category\":\"";
    sf_arena *arena = sf_arena_new();
    struct product product;
    size_t size = strlen(text);

    (void)state;
    for (int i = 0; i < 100; i++, size += 2)
        memcpy(text + size, "\xc3\xa9", 2);
    strcpy(text + size, "\"}");
    assert_ok(read_product(arena, text, 2, &product, err));
    strcpy(text + size, "x\"}");
    assert_refused(text, "/category");
    sf_arena_free(arena);
}

static void a_product_is_written_as_the_contract_has_it(void **state)
{
    struct product product = {
        .id = 1,
        .name = sf_bytes_text("Laptop"),
        .category = sf_bytes_text("Electronics"),
        .price = {50000},
    };
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_json_writer json;

    (void)state;
    sf_json_writer_init(&json, &text);
    product_write(&json, 2, &product);

    assert_string_equal(
        sf_buffer_text(&text),
        "{\"id\":1,\"name\":\"Laptop\",\"category\":\"Electronics\",\"price\":500.0}");
    sf_buffer_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_is_read_trimmed_and_exact),
        cmocka_unit_test(a_price_has_the_decimals_of_the_currency),
        cmocka_unit_test(a_wrong_field_is_named),
        cmocka_unit_test(a_category_has_at_most_a_hundred_code_points),
        cmocka_unit_test(a_product_is_written_as_the_contract_has_it),
    };

    return run_tests(tests);
}
