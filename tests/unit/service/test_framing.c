#include "service/framing.h"

#include <string.h>

#include "check.h"

/* Headers as "Name: value" lines, the value with all that stands behind ": ". */
static sf_framing_refusal judge(const char *const *lines)
{
    sf_framing framing = {0};

    for (; *lines; lines++) {
        const char *colon = strchr(*lines, ':');
        size_t size = (size_t)(colon - *lines);

        sf_framing_add(&framing, sf_bytes_of(*lines, size), sf_bytes_text(colon + 2));
    }
    return sf_framing_judge(&framing);
}

#define judge(...) judge((const char *const[]){__VA_ARGS__, NULL})

static void usual_headers_are_taken(void **state)
{
    (void)state;
    assert_int_equal(judge("Host: shop.example:8080", "Content-Length: 5").status, 0);
    assert_int_equal(judge("Host: [::1]:8080", "transfer-encoding: Chunked").status, 0);
    assert_int_equal(judge("Host: ", "X-Any_Token!: any\ttext, also \xc3\xa9").status, 0);
}

static void names_that_are_no_tokens_are_refused(void **state)
{
    static const char *const names[] = {
        "Content-Length ", "Transfer-Encoding\t", "A B", "", "A\"", "A(", "\xc3\xa9"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        sf_framing framing = {0};

        sf_framing_add(&framing, sf_bytes_text(names[i]), sf_bytes_text("5"));
        assert_string_equal(sf_framing_judge(&framing).slug, "malformed-request");
    }
}

static void control_characters_in_values_are_refused(void **state)
{
    static const sf_bytes values[] = {
        {(const uint8_t *)"5\0 9", 4}, {(const uint8_t *)"a\rb", 3}, {(const uint8_t *)"\x7f", 1}};

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        sf_framing framing = {0};

        sf_framing_add(&framing, sf_bytes_text("X-Any"), values[i]);
        assert_int_equal(sf_framing_judge(&framing).status, 400);
    }
}

static void a_host_is_one_and_a_name(void **state)
{
    (void)state;
    assert_string_equal(judge("Host: a", "host: a").detail, "there is more than one Host header");
    assert_int_equal(judge("Host: a b").status, 400);
    assert_int_equal(judge("Host: user@a").status, 400);
    assert_int_equal(judge("Host: a/b").status, 400);
}

static void what_could_be_read_in_two_ways_is_refused(void **state)
{
    (void)state;
    assert_int_equal(judge("Content-Length: 5", "Content-Length: 5").status, 400);
    assert_int_equal(judge("Content-Length: 5", "Transfer-Encoding: chunked").status, 400);
    assert_int_equal(judge("Transfer-Encoding: chunked", "Transfer-Encoding: chunked").status, 501);
    assert_int_equal(judge("Transfer-Encoding: gzip, chunked").status, 501);
    assert_int_equal(judge("Transfer-Encoding: ").status, 501);
}

static void a_length_beyond_all_numbers_is_the_largest(void **state)
{
    sf_framing framing = {0};

    (void)state;
    sf_framing_add(&framing, sf_bytes_text("Content-Length"),
                   sf_bytes_text("99999999999999999999999"));
    assert_true(framing.length == UINT64_MAX);
    framing = (sf_framing){0};
    sf_framing_add(&framing, sf_bytes_text("content-length"), sf_bytes_text("1048576"));
    assert_true(framing.length == 1048576);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_headers_are_taken),
        cmocka_unit_test(names_that_are_no_tokens_are_refused),
        cmocka_unit_test(control_characters_in_values_are_refused),
        cmocka_unit_test(a_host_is_one_and_a_name),
        cmocka_unit_test(what_could_be_read_in_two_ways_is_refused),
        cmocka_unit_test(a_length_beyond_all_numbers_is_the_largest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
