#include "service/uri.h"

#include <string.h>

#include "base/buffer.h"
#include "check.h"

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

static sf_uri parsed(const char *target)
{
    const char *wrong;
    sf_uri uri;

    wrong = sf_uri_parse(target, arena, &uri);
    if (wrong)
        fail_msg("%s: %s", target, wrong);
    return uri;
}

static void check_refused(const char *target, const char *why)
{
    const char *wrong;
    sf_uri uri;

    wrong = sf_uri_parse(target, arena, &uri);
    if (!wrong || !strstr(wrong, why))
        fail_msg("%s: %s", target, wrong ? wrong : "taken");
    assert_non_null(uri.path);
}

static void segments_are_what_lies_between_slashes(void **state)
{
    sf_uri uri = parsed("/a//b%2Fc%25/");

    (void)state;
    assert_string_equal(uri.path, "/a//b%2Fc%25/");
    assert_int_equal(uri.segment_count, 4);
    assert_string_equal(uri.segments[0], "a");
    assert_string_equal(uri.segments[1], "");
    assert_string_equal(uri.segments[2], "b/c%");
    assert_string_equal(uri.segments[3], "");
    uri = parsed("/");
    assert_int_equal(uri.segment_count, 1);
    assert_string_equal(uri.segments[0], "");
}

static void a_query_is_a_list_of_pairs(void **state)
{
    sf_uri uri = parsed("/p?a=1&b&&=x&c=d=e+f%20g?h&a=2&=");

    (void)state;
    assert_string_equal(uri.path, "/p");
    assert_int_equal(uri.parameter_count, 6);
    assert_string_equal(uri.parameters[0].name, "a");
    assert_string_equal(uri.parameters[0].value, "1");
    assert_string_equal(uri.parameters[1].name, "b");
    assert_string_equal(uri.parameters[1].value, "");
    assert_string_equal(uri.parameters[2].name, "");
    assert_string_equal(uri.parameters[2].value, "x");
    assert_string_equal(uri.parameters[3].value, "d=e+f g?h");
    assert_string_equal(uri.parameters[4].value, "2");
    assert_int_equal(parsed("/p?").parameter_count, 0);
    assert_int_equal(parsed("/p").parameter_count, 0);
}

static void the_host_of_an_absolute_target_is_left_out(void **state)
{
    (void)state;
    assert_string_equal(parsed("http://h:80/a/b?c=d").path, "/a/b");
    assert_string_equal(parsed("HTTPS://h?c=d").path, "/");
    assert_string_equal(parsed("http://h").path, "/");
    assert_int_equal(parsed("http://h?c=d").parameter_count, 1);
}

static void what_cannot_be_decoded_is_refused(void **state)
{
    (void)state;
    check_refused("", "no path");
    check_refused("*", "no path");
    check_refused("a/b", "no path");
    check_refused("ftp://h/a", "no path");
    check_refused("?a=b", "no path");
    check_refused("/%", "hexadecimal");
    check_refused("/%4", "hexadecimal");
    check_refused("/%4g", "hexadecimal");
    check_refused("/a?%4g=1", "hexadecimal");
    check_refused("/a?b=%4", "hexadecimal");
    check_refused("/%00", "NUL");
    check_refused("/a?b=%00", "NUL");
    check_refused("/%c3%28", "not UTF-8");
    check_refused("/\xff", "not UTF-8");
    check_refused("/a\tb", "control");
}

static void the_number_of_parts_is_bounded(void **state)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    (void)state;
    for (int i = 0; i < SF_URI_SEGMENTS_MAX; i++)
        sf_buffer_add_text(&text, "/a");
    assert_int_equal(parsed(sf_buffer_text(&text)).segment_count, SF_URI_SEGMENTS_MAX);
    sf_buffer_add_text(&text, "/a");
    check_refused(sf_buffer_text(&text), "too many segments");

    sf_buffer_clear(&text);
    sf_buffer_add_text(&text, "/?a");
    for (int i = 1; i < SF_URI_PARAMETERS_MAX; i++)
        sf_buffer_add_text(&text, "&a");
    assert_int_equal(parsed(sf_buffer_text(&text)).parameter_count, SF_URI_PARAMETERS_MAX);
    sf_buffer_add_text(&text, "&a");
    check_refused(sf_buffer_text(&text), "too many query parameters");
    sf_buffer_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_are_what_lies_between_slashes),
        cmocka_unit_test(a_query_is_a_list_of_pairs),
        cmocka_unit_test(the_host_of_an_absolute_target_is_left_out),
        cmocka_unit_test(what_cannot_be_decoded_is_refused),
        cmocka_unit_test(the_number_of_parts_is_bounded),
    };

    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
