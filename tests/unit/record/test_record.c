#include <stateful/record.h>

#include <stdlib.h>
#include <string.h>

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

static void packed_headers_come_back_with_the_value(void **state)
{
    const sf_header items[] = {
        {"a", sf_bytes_text("1")}, {"", SF_NULL}, {"empty", sf_bytes_text("")}};
    sf_arena *arena = sf_arena_new();
    sf_bytes packed = sf_headers_pack((sf_headers){items, 3}, sf_bytes_text("value"), arena);
    sf_headers headers;
    sf_bytes value;

    (void)state;
    assert_true(sf_headers_unpack(packed, arena, &headers, &value));
    assert_bytes(value, "value");
    assert_int_equal(headers.count, 3);
    assert_string_equal(headers.items[0].name, "a");
    assert_bytes(headers.items[0].value, "1");
    assert_string_equal(headers.items[1].name, "");
    assert_null(headers.items[1].value.data);
    assert_string_equal(headers.items[2].name, "empty");
    assert_non_null(headers.items[2].value.data);
    sf_arena_free(arena);
}

static void packing_keeps_null_and_empty_values(void **state)
{
    sf_arena *arena = sf_arena_new();
    sf_headers headers;
    sf_bytes value;

    (void)state;
    assert_null(sf_headers_pack((sf_headers){0}, SF_NULL, arena).data);
    assert_true(sf_headers_unpack(SF_NULL, arena, &headers, &value));
    assert_null(value.data);
    assert_true(sf_headers_unpack(sf_headers_pack((sf_headers){0}, sf_bytes_text(""), arena), arena,
                                  &headers, &value));
    assert_non_null(value.data);
    assert_int_equal(value.size, 0);
    assert_int_equal(headers.count, 0);
    sf_arena_free(arena);
}

/* Cut anywhere within the headers it is refused, and nothing behind it is read. */
static void what_was_not_packed_is_refused(void **state)
{
    const sf_header items[] = {{"name", sf_bytes_text("value")}};
    sf_arena *arena = sf_arena_new();
    sf_bytes packed = sf_headers_pack((sf_headers){items, 1}, sf_bytes_text(""), arena);
    sf_headers headers;
    sf_bytes value;

    (void)state;
    for (size_t size = 0; size < packed.size; size++) {
        uint8_t *cut = malloc(size + 1); /* of that size, for the sanitizer */

        memcpy(cut, packed.data, size);
        assert_false(sf_headers_unpack(sf_bytes_of(cut, size), arena, &headers, &value));
        free(cut);
    }
    assert_false(sf_headers_unpack(sf_bytes_of("\xff\xff\xff", 3), arena, &headers, &value));
    assert_false(sf_headers_unpack(sf_bytes_of("\x01\x01xx\x00", 5), arena, &headers, &value));
    sf_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_owes_nothing_to_the_original),
        cmocka_unit_test(copy_keeps_null),
        cmocka_unit_test(last_header_of_a_name_counts),
        cmocka_unit_test(header_is_added_behind_without_touching_the_others),
        cmocka_unit_test(packed_headers_come_back_with_the_value),
        cmocka_unit_test(packing_keeps_null_and_empty_values),
        cmocka_unit_test(what_was_not_packed_is_refused),
    };

    return run_tests(tests);
}
