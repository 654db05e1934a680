#include "service/json_log.h"

#include <string.h>

#include "check.h"

static const char *written(const char *line)
{
    static sf_buffer out;
    sf_json_log_line of = {
        .service = "query-service",
        .time_ms = 1500,
        .level = SF_LOG_WARN,
        .line = line,
    };

    sf_buffer_clear(&out);
    sf_json_log_write(&of, &out);
    return sf_buffer_text(&out);
}

#define BEGIN \
    "{\"ts\":\"1970-01-01T00:00:01.500Z\",\"level\":\"warn\",\"service\":\"query-service\","

static void pairs_become_members_and_numbers_stay_numbers(void **state)
{
    (void)state;
    assert_string_equal(written("task restored task=0_3 records=1200 ms=-87 share=0.5 id=007"),
                        BEGIN "\"msg\":\"task restored\",\"task\":\"0_3\",\"records\":1200,"
                              "\"ms\":-87,\"share\":\"0.5\",\"id\":\"007\"}");
    assert_string_equal(written("nothing more"), BEGIN "\"msg\":\"nothing more\"}");
    assert_string_equal(written("route=/x code=200"),
                        BEGIN "\"msg\":\"\",\"route\":\"/x\",\"code\":200}");
    assert_string_equal(written(""), BEGIN "\"msg\":\"\"}");
}

static void a_value_reaches_to_the_next_key(void **state)
{
    (void)state;
    assert_string_equal(written("cannot open err=no such file: a = b path=/x y z "),
                        BEGIN "\"msg\":\"cannot open\",\"err\":\"no such file: a = b\","
                              "\"path\":\"/x y z\"}");
    assert_string_equal(written("a url=http://h/?q=1&r=2 n="),
                        BEGIN "\"msg\":\"a\",\"url\":\"http://h/?q=1&r=2\",\"n\":\"\"}");
}

static void a_key_that_is_taken_gets_another_name(void **state)
{
    (void)state;
    assert_string_equal(written("x level=3 a=1 a=2 a=3"),
                        BEGIN "\"msg\":\"x\",\"level_\":3,\"a\":1,\"a_\":2,\"a__\":3}");
}

static void a_line_cannot_break_out_of_its_object(void **state)
{
    (void)state;
    assert_string_equal(written("bad \"quote\"\n\x1b[31m who=\"x\",\xff"),
                        BEGIN "\"msg\":\"bad \\\"quote\\\"\\n\\u001b[31m\","
                              "\"who\":\"\\\"x\\\",\xef\xbf\xbd\"}");
}

static void many_pairs_end_in_one(void **state)
{
    sf_buffer line = SF_BUFFER_EMPTY;
    const char *json;

    (void)state;
    sf_buffer_add_text(&line, "many");
    for (int i = 0; i < 40; i++)
        sf_buffer_printf(&line, " k%d=%d", i, i);
    json = written(sf_buffer_text(&line));
    assert_non_null(strstr(json, "\"k30\":30"));
    assert_non_null(strstr(json, "\"k31\":\"31 k32=32 k33=33"));
    assert_non_null(strstr(json, "k39=39\"}"));
    sf_buffer_done(&line);
}

static void a_terminal_gets_text_on_one_line(void **state)
{
    sf_json_log_line of = {
        .service = "s", .time_ms = 1000, .level = SF_LOG_INFO, .line = "a\n\x1b b"};
    sf_buffer out = SF_BUFFER_EMPTY;

    (void)state;
    sf_json_log_write_text(&of, &out);
    assert_string_equal(sf_buffer_text(&out), "1970-01-01 00:00:01 info  a?? b");
    sf_buffer_done(&out);
}

static void levels_have_names(void **state)
{
    (void)state;
    assert_int_equal(sf_json_log_level("debug"), SF_LOG_DEBUG);
    assert_int_equal(sf_json_log_level("error"), SF_LOG_ERROR);
    assert_int_equal(sf_json_log_level("loud"), SF_LOG_INFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_become_members_and_numbers_stay_numbers),
        cmocka_unit_test(a_value_reaches_to_the_next_key),
        cmocka_unit_test(a_key_that_is_taken_gets_another_name),
        cmocka_unit_test(a_line_cannot_break_out_of_its_object),
        cmocka_unit_test(many_pairs_end_in_one),
        cmocka_unit_test(a_terminal_gets_text_on_one_line),
        cmocka_unit_test(levels_have_names),
    };

    return run_tests(tests);
}
