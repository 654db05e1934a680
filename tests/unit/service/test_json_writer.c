#include "service/json_writer.h"

#include "check.h"

static void documents_are_compact_with_commas_where_due(void **state)
{
    sf_buffer out = SF_BUFFER_EMPTY;
    sf_json_writer json;

    (void)state;
    sf_json_writer_init(&json, &out);
    sf_json_write_object(&json, NULL);
    sf_json_write_integer(&json, "id", INT64_MIN);
    sf_json_write_money(&json, "price", (sf_money){50000}, 2);
    sf_json_write_array(&json, "empty");
    sf_json_write_end_array(&json);
    sf_json_write_array(&json, "items");
    sf_json_write_object(&json, NULL);
    sf_json_write_end_object(&json);
    sf_json_write_boolean(&json, NULL, true);
    sf_json_write_null(&json, NULL);
    sf_json_write_raw(&json, NULL, sf_bytes_text("{\"a\":1}"));
    sf_json_write_end_array(&json);
    sf_json_write_timestamp(&json, "at", 1500);
    sf_json_write_text(&json, "none", NULL);
    sf_json_write_end_object(&json);

    assert_bytes(sf_buffer_bytes(&out),
                 "{\"id\":-9223372036854775808,\"price\":500.0,\"empty\":[],"
                 "\"items\":[{},true,null,{\"a\":1}],\"at\":\"1970-01-01T00:00:01.500Z\","
                 "\"none\":null}");
    sf_buffer_done(&out);
}

static void texts_are_escaped_and_bad_bytes_replaced(void **state)
{
    static const char text[] = "a\"\\\b\f\n\r\t\x01\x7f/\0\xc3\xa4\xff\xe2\x82z";
    sf_buffer out = SF_BUFFER_EMPTY;
    sf_json_writer json;

    (void)state;
    sf_json_writer_init(&json, &out);
    sf_json_write_bytes(&json, NULL, sf_bytes_of(text, sizeof(text) - 1));

    assert_bytes(sf_buffer_bytes(&out),
                 "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7f/\\u0000\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd"
                 "\xef\xbf\xbdz\"");
    sf_buffer_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_compact_with_commas_where_due),
        cmocka_unit_test(texts_are_escaped_and_bad_bytes_replaced),
    };

    return run_tests(tests);
}
