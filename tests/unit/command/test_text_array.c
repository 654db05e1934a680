#include "text_array.h"

#include "check.h"

static void elements_are_quoted_and_null_is_not(void **state)
{
    sf_buffer array = SF_BUFFER_EMPTY;

    (void)state;
    text_array_add(&array, "a");
    text_array_add(&array, NULL);
    text_array_add(&array, "NULL");
    text_array_add(&array, "");

    assert_string_equal(text_array_end(&array), "{\"a\",NULL,\"NULL\",\"\"}");
    sf_buffer_done(&array);
}

static void quotes_and_backslashes_stay_what_they_are(void **state)
{
    sf_buffer array = SF_BUFFER_EMPTY;

    (void)state;
    text_array_add(&array, "{\"a\":\"b\\\\c\"}");

    assert_string_equal(text_array_end(&array), "{\"{\\\"a\\\":\\\"b\\\\\\\\c\\\"}\"}");
    sf_buffer_done(&array);
}

static void array_of_nothing_is_an_array(void **state)
{
    sf_buffer array = SF_BUFFER_EMPTY;

    (void)state;
    assert_string_equal(text_array_end(&array), "{}");
    sf_buffer_done(&array);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_quoted_and_null_is_not),
        cmocka_unit_test(quotes_and_backslashes_stay_what_they_are),
        cmocka_unit_test(array_of_nothing_is_an_array),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
