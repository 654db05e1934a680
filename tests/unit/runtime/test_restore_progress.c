/* How long a restore will take. */
#include "runtime/restore_progress_implementation.h"

#include "check.h"

static void the_rest_takes_as_long_as_the_part_before(void **test)
{
    sf_restore_progress progress = {.begin = 100, .position = 300, .end = 1100, .elapsed_ms = 50};

    (void)test;
    assert_int_equal(sf_restore_progress_left_ms(&progress), 200);
}

static void nothing_is_left_at_the_end_or_behind_it(void **test)
{
    sf_restore_progress at_end = {.position = 10, .end = 10, .elapsed_ms = 5};
    sf_restore_progress behind = {.position = 12, .end = 10, .elapsed_ms = 5};

    (void)test;
    assert_int_equal(sf_restore_progress_left_ms(&at_end), 0);
    assert_int_equal(sf_restore_progress_left_ms(&behind), 0);
}

static void without_progress_it_cannot_be_told(void **test)
{
    sf_restore_progress progress = {.begin = 5, .position = 5, .end = 10, .elapsed_ms = 5};

    (void)test;
    assert_int_equal(sf_restore_progress_left_ms(&progress), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rest_takes_as_long_as_the_part_before),
        cmocka_unit_test(nothing_is_left_at_the_end_or_behind_it),
        cmocka_unit_test(without_progress_it_cannot_be_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
