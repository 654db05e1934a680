#include "service/json_reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "service/json_writer.h"

static sf_arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = sf_arena_new();
    return 0;
}

static int free_arena(void **state)
{
    (void)state;
    sf_arena_free(arena);
    return 0;
}

static sf_json_reader reader_of(sf_bytes text)
{
    sf_json_reader json;

    sf_json_reader_init(&json, text, arena);
    return json;
}

static sf_status check(sf_bytes text, sf_error *err)
{
    sf_json_reader json = reader_of(text);

    (void)sf_json_skip(&json, NULL);
    return sf_json_read_end(&json, err);
}

static void check_accepted(const char *text)
{
    sf_error err;

    if (check(sf_bytes_text(text), &err))
        fail_msg("%s: refused: %s", text, err.text);
}

static void check_refused(sf_bytes text, const char *why)
{
    sf_error err;

    if (check(text, &err) != SF_REJECT)
        fail_msg("%.*s: accepted", (int)text.size, (const char *)text.data);
    if (!strstr(err.text, why))
        fail_msg("%.*s: '%s' does not say '%s'", (int)text.size, (const char *)text.data, err.text,
                 why);
}

static void what_rfc_8259_allows_is_accepted(void **state)
{
    static const char *const right[] = {
        "{}",
        "[]",
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1e2",
        "1E+2",
        "0.5e-10",
        "\"\"",
        " \t\r\n{ \"a\" : [ 1 , 2 ] } \n",
        "[[],{}]",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\u00e4\\u20AC\\ud83d\\ude00\"",
        "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"",
        "\"\x7f\"",
        "{\"\":1,\" \":2}",
        "{\"a\":{\"a\":1},\"b\":{\"a\":1}}",
        "12345678901234567890123456789",
        "1e307",
        "-1.7976931348623157e+308",
        "0.17976931348623157e309",
        "1e-400",
        "0e999999",
        "[1,[2,[3,[4]]]]",
        "{\"a\":1,\"A\":2}",
    };

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(right); i++)
        check_accepted(right[i]);
}

static void what_is_not_json_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } wrong[] = {
        {"", "expected a value, but the text ends at byte 0"},
        {"  ", "the text ends at byte 2"},
        {"\xef\xbb\xbf{}", "byte order mark"},
        {"{\"a\":\"\\u0000b\"}", "\\u0000"},
        {"\"\xff\xfe\"", "not UTF-8"},
        {"\"\xc0\xaf\"", "not UTF-8"},
        {"\"\xed\xa0\x80\"", "not UTF-8"},
        {"\"\xf4\x90\x80\x80\"", "not UTF-8"},
        {"\"\xe2\x82\"", "not UTF-8"},
        {"\"a\tb\"", "raw control character"},
        {"\"a\nb\"", "raw control character"},
        {"{\"a\":1,\"a\":2}", "'a' stands twice"},
        {"{\"a\":1,\"\\u0061\":2}", "'a' stands twice"},
        {"[{\"x\":{\"b\":1,\"c\":2,\"b\":3}}]", "/0/x/b: the name 'b' stands twice"},
        {"01", "expected nothing more at byte 1"},
        {"[01]", "expected ',' or ']'"},
        {"-01", "expected nothing more"},
        {"1.", "a complete number"},
        {"[1.]", "a complete number"},
        {".5", "expected a value"},
        {"+1", "expected a value"},
        {"-", "a complete number"},
        {"1e", "a complete number"},
        {"1e400", "too large"},
        {"-1e400", "too large"},
        {"1.8e308", "too large"},
        {"123456789e301", "too large"},
        {"NaN", "expected a value"},
        {"Infinity", "expected a value"},
        {"tru", "true, false or null"},
        {"nulL", "true, false or null"},
        {"truefalse", "nothing more"},
        {"True", "expected a value"},
        {"{} x", "expected nothing more at byte 3"},
        {"{}{}", "expected nothing more"},
        {"{\"a\":1,}", "a name in quotes"},
        {"{,}", "a name in quotes"},
        {"{a:1}", "a name in quotes"},
        {"{'a':1}", "a name in quotes"},
        {"{\"a\" 1}", "expected ':'"},
        {"{\"a\"}", "expected ':'"},
        {"{\"a\":}", "expected a value"},
        {"{\"a\":1 \"b\":2}", "',' or '}'"},
        {"{\"a\":1", "',' or '}'"},
        {"{", "a name in quotes"},
        {"[1,]", "expected a value"},
        {"[,1]", "expected a value"},
        {"[1 2]", "',' or ']'"},
        {"[1", "',' or ']'"},
        {"[", "expected a value"},
        {"]", "expected a value"},
        {"}", "expected a value"},
        {"[1}", "',' or ']'"},
        {"\"abc", "an end within a text"},
        {"\"abc\\", "an end within a text"},
        {"\"abc\\\"", "an end within a text"},
        {"\"\\x41\"", "unknown escape"},
        {"\"\\u12\"", "four hexadecimal digits"},
        {"\"\\u12g4\"", "four hexadecimal digits"},
        {"\"\\ud800\"", "lone surrogate"},
        {"\"\\udc00\"", "lone surrogate"},
        {"\"\\ud800\\ud800\"", "lone surrogate"},
        {"\"\\ud800\\u0041\"", "lone surrogate"},
        {"\"\\uffff\"", "no character"},
        {"\"\xef\xbf\xbe\"", "no character"},
        {"// comment\n1", "expected a value"},
        {"{\"a\":1}/**/", "nothing more"},
        {"\v1", "found byte 0x0b"},
    };

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(wrong); i++)
        check_refused(sf_bytes_text(wrong[i].text), wrong[i].why);
    check_refused(sf_bytes_of("{}\0", 3), "nothing more");
    check_refused(sf_bytes_of("\0{}", 3), "expected a value");
    check_refused(sf_bytes_of("\"a\0b\"", 5), "raw control");
    check_refused(SF_NULL, "expected a value");
}

static void depth_is_limited(void **state)
{
    char text[2 * SF_JSON_DEPTH_MAX + 3];

    (void)state;
    memset(text, '[', SF_JSON_DEPTH_MAX);
    memset(text + SF_JSON_DEPTH_MAX, ']', SF_JSON_DEPTH_MAX);
    text[2 * SF_JSON_DEPTH_MAX] = 0;
    check_accepted(text);

    memset(text, '[', SF_JSON_DEPTH_MAX + 1);
    memset(text + SF_JSON_DEPTH_MAX + 1, ']', SF_JSON_DEPTH_MAX + 1);
    text[2 * SF_JSON_DEPTH_MAX + 2] = 0;
    check_refused(sf_bytes_text(text), "more than 32 levels");
}

static void unknown_members_are_limited_and_told_apart(void **state)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    (void)state;
    sf_buffer_add_text(&text, "{");
    for (int i = 0; i < 256; i++)
        sf_buffer_printf(&text, "%s\"m%d\":%d", i ? "," : "", i, i);
    sf_buffer_add_text(&text, "}");
    check_accepted(sf_buffer_text(&text));
    text.size--;
    sf_buffer_add_text(&text, ",\"m200\":1}");
    check_refused(sf_buffer_bytes(&text), "'m200' stands twice");
    text.size -= strlen(",\"m200\":1}");
    sf_buffer_add_text(&text, ",\"n\":1}");
    check_refused(sf_buffer_bytes(&text), "more than 256 unknown members");
    sf_buffer_done(&text);
}

typedef struct order {
    int64_t customer_id;
    int64_t product_ids[4];
    int64_t quantities[4];
    sf_money prices[4];
    size_t item_count;
} order;

static void read_item(sf_json_reader *json, order *to, size_t index)
{
    static const sf_json_member members[] = {
        SF_JSON_REQUIRED("productId"), SF_JSON_REQUIRED("quantity"), SF_JSON_OPTIONAL("price")};
    sf_json_object object;
    int member;

    sf_json_read_object(json, &object, members, SF_ARRAY_LENGTH(members));
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == 0)
            sf_json_read_id(json, &to->product_ids[index]);
        else if (member == 1)
            sf_json_read_integer(json, (sf_json_bounds){1, 1000000}, &to->quantities[index]);
        else
            sf_json_read_money(json, 2, (sf_json_bounds){0, 100000000}, &to->prices[index]);
    }
}

static sf_status read_order(const char *text, order *to, sf_json_reader *json, sf_error *err)
{
    static const sf_json_member members[] = {SF_JSON_REQUIRED("customerId"),
                                             SF_JSON_REQUIRED("items")};
    sf_json_object object;
    sf_json_array items;
    int member;

    memset(to, 0, sizeof(*to));
    sf_json_reader_init(json, sf_bytes_text(text), arena);
    sf_json_read_object(json, &object, members, SF_ARRAY_LENGTH(members));
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == 0) {
            sf_json_read_id(json, &to->customer_id);
            continue;
        }
        sf_json_read_array(json, &items);
        while (sf_json_next_item(json, &items))
            read_item(json, to, to->item_count++);
    }
    return sf_json_read_end(json, err);
}

static void a_document_is_read_into_structs(void **state)
{
    sf_json_reader json;
    order read;

    (void)state;
    assert_ok(read_order("{\"customerId\":1,\"extra\":{\"x\":[1,{}]},\"items\":[{\"productId\":7,"
                         "\"quantity\":2.0,\"price\":500.0},{\"quantity\":30e-1,\"note\":null,"
                         "\"price\":\"19.99\",\"productId\":9007199254740991}]}",
                         &read, &json, err));
    assert_int_equal(read.customer_id, 1);
    assert_int_equal(read.item_count, 2);
    assert_int_equal(read.product_ids[0], 7);
    assert_int_equal(read.quantities[0], 2);
    assert_int_equal(read.prices[0].minor, 50000);
    assert_int_equal(read.product_ids[1], SF_JSON_ID_MAX);
    assert_int_equal(read.quantities[1], 3);
    assert_int_equal(read.prices[1].minor, 1999);
}

static void check_error(const sf_json_reader *json, size_t index, const char *pointer,
                        const char *text)
{
    assert_true(index < json->error_count);
    assert_string_equal(json->errors[index].pointer, pointer);
    assert_string_equal(json->errors[index].text, text);
}

static void all_wrong_values_are_told_with_their_place(void **state)
{
    sf_json_reader json;
    sf_error err;
    order read;

    (void)state;
    assert_int_equal(
        read_order("{\"customerId\":\"1\",\"items\":[{\"productId\":0,\"quantity\":-2},"
                   "{\"price\":1.999,\"quantity\":2.5},5]}",
                   &read, &json, &err),
        SF_REJECT);

    assert_string_equal(err.text, "/customerId: must be a whole number, is a text");
    check_error(&json, 0, "/customerId", "must be a whole number, is a text");
    check_error(&json, 1, "/items/0/productId", "must be at least 1, is 0");
    check_error(&json, 2, "/items/0/quantity", "must be at least 1, is -2");
    check_error(&json, 3, "/items/1/price", "must have at most 2 decimals, is 1.999");
    check_error(&json, 4, "/items/1/quantity", "must be a whole number, is 2.5");
    check_error(&json, 5, "/items/1/productId", "is missing");
    check_error(&json, 6, "/items/2", "must be an object, is a number");
    assert_int_equal(json.error_count, 7);
    assert_false(json.is_broken);
}

static void a_missing_member_is_told(void **state)
{
    sf_json_reader json;
    sf_error err;
    order read;

    (void)state;
    assert_int_equal(read_order("{\"customerId\":1}", &read, &json, &err), SF_REJECT);
    assert_string_equal(err.text, "/items: is missing");
    assert_int_equal(read_order("[]", &read, &json, &err), SF_REJECT);
    assert_string_equal(err.text, "must be an object, is an array");
    assert_int_equal(read_order("{\"customerId\":null,\"items\":[]}", &read, &json, &err),
                     SF_REJECT);
    assert_string_equal(err.text, "/customerId: must be a whole number, is null");
}

static void names_are_matched_in_their_own_case(void **state)
{
    sf_json_reader json;
    sf_error err;
    order read;

    (void)state;
    assert_int_equal(read_order("{\"CustomerId\":1,\"items\":[]}", &read, &json, &err), SF_REJECT);
    assert_string_equal(err.text, "/customerId: is missing");
}

static void broken_json_ends_all_reading_and_comes_first(void **state)
{
    sf_json_reader json;
    sf_error err;
    order read;

    (void)state;
    assert_int_equal(read_order("{\"customerId\":0,\"items\":[{\"productId\":1},{\"productId\":x",
                                &read, &json, &err),
                     SF_REJECT);
    assert_true(json.is_broken);
    assert_string_equal(err.text, "/items/1/productId: expected a value at byte 54, found 'x'");
}

static void errors_are_noted_up_to_a_bound(void **state)
{
    sf_json_reader json;
    sf_json_array array;
    sf_error err;

    (void)state;
    json = reader_of(sf_bytes_text("[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1}"));
    sf_json_read_array(&json, &array);
    while (sf_json_next_item(&json, &array))
        (void)sf_json_read_boolean(&json, &(bool){false}); /* always wrong */
    assert_int_equal(sf_json_read_end(&json, &err), SF_REJECT);
    assert_int_equal(json.error_count, 17);
    assert_non_null(strstr(err.text, "',' or ']'"));
}

static void pointers_escape_names_and_cut_long_ones(void **state)
{
    char text[400] = "{\"a/b~c\":";
    sf_error err;

    (void)state;
    strcat(text, "{\"");
    memset(text + strlen(text), 'x', 200);
    strcat(text, "\":?}}");
    check(sf_bytes_text(text), &err);
    assert_int_equal(strncmp(err.text, "/a~1b~0c/xxxx", 13), 0);
    assert_true(strcspn(err.text, ":") < 80);
}

static bool read_whole(const char *text, int64_t *value)
{
    sf_json_reader json = reader_of(sf_bytes_text(text));

    return sf_json_read_integer(&json, (sf_json_bounds){INT64_MIN, INT64_MAX}, value) &&
           !sf_json_read_end(&json, NULL);
}

static void integers_are_exact_to_the_last_digit(void **state)
{
    int64_t value = 0;

    (void)state;
    assert_true(read_whole("9007199254740993", &value));
    assert_int_equal(value, INT64_C(9007199254740993));
    assert_true(read_whole("9223372036854775807", &value));
    assert_int_equal(value, INT64_MAX);
    assert_true(read_whole("-9223372036854775808", &value));
    assert_int_equal(value, INT64_MIN);
    assert_true(read_whole("999999999999999999", &value));
    assert_int_equal(value, INT64_C(999999999999999999));
    assert_true(read_whole("-0", &value));
    assert_int_equal(value, 0);
    assert_true(read_whole("12e2", &value));
    assert_int_equal(value, 1200);
    assert_false(read_whole("9223372036854775808", &value));
    assert_false(read_whole("2.7", &value));
    assert_false(read_whole("1e19", &value));
    assert_false(read_whole("\"1\"", &value));
    assert_int_equal(value, 1200);
    assert_false(read_whole("00", &value));
}

static sf_bytes line_of(const char *text)
{
    sf_json_reader json = reader_of(sf_bytes_text(text));
    sf_bytes line = SF_NULL;

    if (!sf_json_read_line(&json, (sf_json_bounds){1, 5}, &line))
        return sf_bytes_text(json.errors[0].text);
    assert_int_equal(line.data[line.size], 0);
    return line;
}

static void a_line_is_trimmed_and_bounded_in_code_points(void **state)
{
    (void)state;
    assert_bytes(line_of("\"  abc \\n\""), "abc");
    assert_bytes(line_of("\"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xe2\x82\xac\""),
                 "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xe2\x82\xac");
    assert_bytes(line_of("\"   \""), "must not be empty");
    assert_bytes(line_of("\"abcdef\""), "must have at most 5 characters, has 6");
    assert_bytes(line_of("\"a\\u0007b\""), "must not have control characters");
    assert_bytes(line_of("\"a\\u0085b\""), "must not have control characters");
    assert_bytes(line_of("\"a\\tb\""), "must not have control characters");
}

static void texts_are_unescaped_and_else_borrowed(void **state)
{
    static const char plain[] = "\"plain\"";
    sf_json_reader json = reader_of(sf_bytes_text(plain));
    sf_bytes text;

    (void)state;
    assert_true(sf_json_read_text(&json, (sf_json_bounds){0, 100}, &text));
    assert_ptr_equal(text.data, plain + 1);

    json = reader_of(sf_bytes_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00x\""));
    assert_true(sf_json_read_text(&json, (sf_json_bounds){0, 100}, &text));
    assert_bytes(text, "\"\\/\b\f\n\r\t\xc3\xa4\xf0\x9f\x98\x80x");
}

static void amounts_are_bounded_in_words_of_the_currency(void **state)
{
    sf_json_reader json = reader_of(sf_bytes_text("-5"));
    sf_money money = {7};

    (void)state;
    assert_false(sf_json_read_money(&json, 2, (sf_json_bounds){0, 100}, &money));
    assert_string_equal(json.errors[0].text, "must be at least 0.0, is -5.0");
    json = reader_of(sf_bytes_text("\"1.01\""));
    assert_false(sf_json_read_money(&json, 2, (sf_json_bounds){0, 100}, &money));
    assert_string_equal(json.errors[0].text, "must be at most 1.0, is 1.01");
    json = reader_of(sf_bytes_text("true"));
    assert_false(sf_json_read_money(&json, 2, (sf_json_bounds){0, 100}, &money));
    assert_string_equal(json.errors[0].text, "must be an amount, is a boolean");
    assert_int_equal(money.minor, 7);
}

static void a_null_is_taken_only_when_it_is_one(void **state)
{
    sf_json_reader json = reader_of(sf_bytes_text("[null,5]"));
    sf_json_array array;
    int64_t value = 0;

    (void)state;
    assert_true(sf_json_read_array(&json, &array));
    assert_true(sf_json_next_item(&json, &array));
    assert_true(sf_json_read_null(&json));
    assert_true(sf_json_next_item(&json, &array));
    assert_false(sf_json_read_null(&json));
    assert_true(sf_json_read_id(&json, &value));
    assert_int_equal(value, 5);
    assert_false(sf_json_next_item(&json, &array));
    assert_int_equal(sf_json_read_end(&json, NULL), SF_OK);
}

static void raw_values_times_and_notes(void **state)
{
    static const sf_json_member members[] = {SF_JSON_OPTIONAL("at"), SF_JSON_OPTIONAL("raw"),
                                             SF_JSON_OPTIONAL("word")};
    sf_json_reader json = reader_of(sf_bytes_text(
        "{\"word\":\"LOST\",\"raw\":{\"a\":[1, 2]},\"at\":\"2026-02-27T09:00:00Z\"}"));
    sf_json_object object;
    sf_bytes raw = SF_NULL, word;
    int64_t time_ms = 0;
    sf_error err;
    int member;

    (void)state;
    sf_json_read_object(&json, &object, members, 3);
    while ((member = sf_json_next_member(&json, &object)) >= 0) {
        if (member == 0)
            sf_json_read_timestamp(&json, &time_ms);
        else if (member == 1)
            sf_json_skip(&json, &raw);
        else if (sf_json_read_text(&json, (sf_json_bounds){0, 10}, &word))
            sf_json_note(&json, "must be one of %s", "A, B");
    }
    assert_int_equal(sf_json_read_end(&json, &err), SF_REJECT);
    assert_string_equal(err.text, "/word: must be one of A, B");
    assert_int_equal(time_ms, INT64_C(1772182800000));
    assert_bytes(raw, "{\"a\":[1, 2]}");
    assert_true(sf_json_has_member(&object, 2));
}

/* Reads anything with the typed calls, chosen by what is there and by chance. */
static void read_anything(sf_json_reader *json, sf_random *random)
{
    static const sf_json_member members[] = {SF_JSON_REQUIRED("id"), SF_JSON_OPTIONAL("items")};
    sf_json_bounds bounds = {-5, 50};
    sf_json_object object;
    sf_json_array array;
    sf_money money;
    sf_bytes text;
    int64_t number;
    bool truth;

    switch (sf_random_below(random, 8)) {
    case 0:
        (void)sf_json_read_integer(json, bounds, &number);
        return;
    case 1:
        (void)sf_json_read_text(json, bounds, &text);
        return;
    case 2:
        (void)sf_json_read_money(json, 2, bounds, &money);
        return;
    case 3:
        (void)sf_json_read_boolean(json, &truth);
        return;
    case 4:
        (void)sf_json_read_line(json, bounds, &text);
        return;
    default:
        break;
    }
    if (sf_json_peek(json) == SF_JSON_ARRAY) {
        sf_json_read_array(json, &array);
        while (sf_json_next_item(json, &array))
            read_anything(json, random);
        return;
    }
    sf_json_read_object(json, &object, members, 2);
    while (sf_json_next_member(json, &object) >= 0)
        read_anything(json, random);
}

static void random_changes_of_a_document_never_mislead_the_reader(void **state)
{
    static const char original[] =
        "{\"id\":12,\"items\":[{\"id\":1.5,\"name\":\"a\\u00e4\\n\",\"items\":[]},null,true,"
        "-1e5,\"\xe2\x82\xac\"],\"x\":{\"y\":{\"z\":[[1],[2,3]]}}}";
    uint64_t seed = sf_random_seed_from_system();
    sf_random random;

    (void)state;
    sf_random_init(&random, seed);
    for (int i = 0; i < 100000; i++) {
        size_t size = sizeof(original) - 1;
        uint8_t *copy = sf_memory_copy(original, size);
        sf_json_reader json;
        sf_error err;
        bool is_whole;

        for (uint64_t k = sf_random_below(&random, 4); k > 0; k--)
            copy[sf_random_below(&random, size)] = (uint8_t)sf_random_next(&random);
        if (sf_random_below(&random, 4) == 0)
            size = sf_random_below(&random, size + 1);
        is_whole = !check(sf_bytes_of(copy, size), &err);
        json = reader_of(sf_bytes_of(copy, size));
        read_anything(&json, &random);
        (void)sf_json_read_end(&json, &err);
        if (is_whole == json.is_broken)
            fail_msg("seed %" PRIu64 ": skipping and reading disagree on %.*s", seed, (int)size,
                     (const char *)copy);
        sf_arena_reset(arena);
        free(copy);
    }
}

static void what_the_writer_writes_the_reader_reads(void **state)
{
    uint64_t seed = sf_random_seed_from_system();
    sf_buffer out = SF_BUFFER_EMPTY;
    sf_random random;

    (void)state;
    sf_random_init(&random, seed);
    for (int i = 0; i < 20000; i++) {
        char text[20];
        size_t size = sf_random_below(&random, sizeof(text));
        sf_json_writer writer;
        sf_json_reader json;
        sf_bytes read;

        for (size_t k = 0; k < size; k++)
            text[k] = (char)(1 + sf_random_below(&random, 127));
        sf_buffer_clear(&out);
        sf_json_writer_init(&writer, &out);
        sf_json_write_bytes(&writer, NULL, sf_bytes_of(text, size));
        json = reader_of(sf_buffer_bytes(&out));
        if (!sf_json_read_text(&json, (sf_json_bounds){0, 100}, &read) ||
            !sf_bytes_equal(read, sf_bytes_of(text, size)))
            fail_msg("seed %" PRIu64 ": %s", seed, sf_buffer_text(&out));
        sf_arena_reset(arena);
    }
    sf_buffer_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_rfc_8259_allows_is_accepted),
        cmocka_unit_test(what_is_not_json_is_refused_with_the_reason),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(unknown_members_are_limited_and_told_apart),
        cmocka_unit_test(a_document_is_read_into_structs),
        cmocka_unit_test(all_wrong_values_are_told_with_their_place),
        cmocka_unit_test(a_missing_member_is_told),
        cmocka_unit_test(names_are_matched_in_their_own_case),
        cmocka_unit_test(broken_json_ends_all_reading_and_comes_first),
        cmocka_unit_test(errors_are_noted_up_to_a_bound),
        cmocka_unit_test(pointers_escape_names_and_cut_long_ones),
        cmocka_unit_test(integers_are_exact_to_the_last_digit),
        cmocka_unit_test(a_line_is_trimmed_and_bounded_in_code_points),
        cmocka_unit_test(texts_are_unescaped_and_else_borrowed),
        cmocka_unit_test(amounts_are_bounded_in_words_of_the_currency),
        cmocka_unit_test(a_null_is_taken_only_when_it_is_one),
        cmocka_unit_test(raw_values_times_and_notes),
        cmocka_unit_test(random_changes_of_a_document_never_mislead_the_reader),
        cmocka_unit_test(what_the_writer_writes_the_reader_reads),
    };

    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
