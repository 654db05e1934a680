#include "service/utf8.h"

#include "base/memory.h"
#include "check.h"

static void every_code_point_survives_and_only_code_points_do(void **state)
{
    (void)state;
    for (uint32_t code_point = 0; code_point < 0x120000; code_point++) {
        bool is_surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
        bool is_right = code_point <= 0x10ffff && !is_surrogate;
        uint32_t decoded = 0;
        uint8_t bytes[4];
        size_t size = sf_utf8_encode(code_point, bytes);

        if (sf_utf8_decode(bytes, size, &decoded) != (is_right ? size : 0))
            fail_msg("U+%04X", code_point);
        if (is_right)
            assert_int_equal(decoded, code_point);
        for (size_t cut = 0; cut < size; cut++)
            assert_int_equal(sf_utf8_decode(bytes, cut, &decoded), 0);
    }
}

static void what_is_longer_than_need_be_is_refused(void **state)
{
    static const char *const wrong[] = {
        "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf8\x88\x80\x80",
        "\x80",     "a\xbf",    "\xc3(",        "\xe2\x82(",        "\xff"};

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(wrong); i++)
        assert_false(sf_utf8_is_valid(sf_bytes_text(wrong[i])));
    assert_true(sf_utf8_is_valid(sf_bytes_text("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80")));
    assert_int_equal(sf_utf8_count(sf_bytes_text("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80")), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_survives_and_only_code_points_do),
        cmocka_unit_test(what_is_longer_than_need_be_is_refused),
    };

    return run_tests(tests);
}
