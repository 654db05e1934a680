#include <stateful/error.h>

#include <string.h>

#include "check.h"

static void failure_is_filled_in_and_stops(void **state)
{
    sf_error error = {0};

    (void)state;
    assert_int_equal(sf_fail(&error, SF_IO, "cannot open %s", "x"), SF_STOP);
    assert_int_equal(error.status, SF_STOP);
    assert_int_equal(error.code, SF_IO);
    assert_string_equal(error.text, "cannot open x");
    assert_int_equal(sf_fail_with(&error, SF_RETRY, SF_BUSY, "later"), SF_RETRY);
    assert_int_equal(error.status, SF_RETRY);
    assert_int_equal(sf_reject(&error, "no"), SF_REJECT);
    assert_int_equal(error.code, SF_BAD_DATA);
    assert_int_equal(sf_fail(NULL, SF_IO, "nobody listens"), SF_STOP);
}

static void prefix_goes_before_the_sentence(void **state)
{
    sf_error error = {0};
    sf_status status = sf_fail(&error, SF_IO, "cannot open x");

    (void)state;
    assert_int_equal(sf_error_prefix(&error, status, "task %d", 7), SF_STOP);
    assert_string_equal(error.text, "task 7: cannot open x");
    assert_int_equal(sf_error_prefix(NULL, SF_RETRY, "task"), SF_RETRY);
    assert_int_equal(sf_error_prefix(&error, SF_OK, "task"), SF_OK);
}

static void long_sentence_is_cut(void **state)
{
    char text[2 * SF_ERROR_TEXT_SIZE];
    sf_error error = {0};
    sf_status status;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = 0;
    status = sf_fail(&error, SF_IO, "%s", text);
    assert_int_equal(strlen(error.text), SF_ERROR_TEXT_SIZE - 1);
    (void)sf_error_prefix(&error, status, "%s", text);
    assert_int_equal(strlen(error.text), SF_ERROR_TEXT_SIZE - 1);
}

static void every_status_and_code_has_a_name(void **state)
{
    (void)state;
    for (int i = SF_OK; i <= SF_STOP; i++)
        assert_true(strlen(sf_status_name((sf_status)i)) > 0);
    for (int i = SF_NO_ERROR; i <= SF_CLOSED; i++)
        assert_true(strlen(sf_code_name((sf_code)i)) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failure_is_filled_in_and_stops),
        cmocka_unit_test(prefix_goes_before_the_sentence),
        cmocka_unit_test(long_sentence_is_cut),
        cmocka_unit_test(every_status_and_code_has_a_name),
    };

    return run_tests(tests);
}
