#include <stateful/record.h>

#include "check.h"

static void copy_owes_nothing_to_the_original(void **state)
{
    char key[] = "key", value[] = "value", name[] = "name", text[] = "text";
    sf_header header = {name, sf_bytes_text(text)};
    sf_record record = {sf_bytes_text(key), sf_bytes_text(value), 7, {&header, 1}};
    sf_arena *arena = sf_arena_new();
    sf_record copy = sf_record_copy(&record, arena);

    (void)state;
    key[0] = value[0] = name[0] = text[0] = 'x';
    header = (sf_header){0};
    assert_bytes(copy.key, "key");
    assert_bytes(copy.value, "value");
    assert_int_equal(copy.timestamp, 7);
    assert_int_equal(copy.headers.count, 1);
    assert_string_equal(copy.headers.items[0].name, "name");
    assert_bytes(copy.headers.items[0].value, "text");
    sf_arena_free(arena);
}

static void copy_keeps_null(void **state)
{
    sf_record record = {.timestamp = 1};
    sf_arena *arena = sf_arena_new();
    sf_record copy = sf_record_copy(&record, arena);

    (void)state;
    assert_true(sf_bytes_is_null(copy.key));
    assert_true(sf_bytes_is_null(copy.value));
    assert_int_equal(copy.headers.count, 0);
    sf_arena_free(arena);
}

static void last_header_of_a_name_counts(void **state)
{
    const sf_header items[] = {
        {"a", sf_bytes_text("1")}, {"b", SF_NULL}, {"a", sf_bytes_text("2")}};
    sf_headers headers = {items, 3};

    (void)state;
    assert_bytes(sf_headers_last(headers, "a")->value, "2");
    assert_true(sf_bytes_is_null(sf_headers_last(headers, "b")->value));
    assert_null(sf_headers_last(headers, "c"));
}

static void header_is_added_behind_without_touching_the_others(void **state)
{
    const sf_header items[] = {{"a", sf_bytes_text("1")}};
    sf_headers headers = {items, 1};
    sf_arena *arena = sf_arena_new();
    sf_headers more = sf_headers_with(headers, "a", sf_bytes_text("2"), arena);

    (void)state;
    assert_int_equal(headers.count, 1);
    assert_int_equal(more.count, 2);
    assert_bytes(more.items[0].value, "1");
    assert_bytes(sf_headers_last(more, "a")->value, "2");
    assert_int_equal(sf_headers_with((sf_headers){0}, "a", SF_NULL, arena).count, 1);
    sf_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_owes_nothing_to_the_original),
        cmocka_unit_test(copy_keeps_null),
        cmocka_unit_test(last_header_of_a_name_counts),
        cmocka_unit_test(header_is_added_behind_without_touching_the_others),
    };

    return run_tests(tests);
}
