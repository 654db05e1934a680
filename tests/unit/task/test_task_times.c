/* task_times.c and operator_times.c - times as text, within what an offset may carry. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "task/task_times.h"

static void times_come_back_from_their_text(void **state)
{
    sf_operator_times times = {.count = 0}, back = {.count = 0};
    uint32_t id = sf_operator_times_id("seen", "hourly");
    sf_buffer text = SF_BUFFER_EMPTY;

    (void)state;
    *sf_operator_times_slot(&times, id) = 1700000000000;
    (void)sf_operator_times_slot(&times, sf_operator_times_id("seen", "never")); /* -1: left out */
    sf_task_times_write(&times, &text);
    sf_task_times_merge(&back, sf_buffer_text(&text));

    assert_int_equal(back.count, 1);
    assert_int_equal(*sf_operator_times_slot(&back, id), 1700000000000);
    sf_buffer_done(&text);
}

static void the_larger_time_wins(void **state)
{
    sf_operator_times times = {.count = 0};

    (void)state;
    *sf_operator_times_slot(&times, 1) = 50;
    *sf_operator_times_slot(&times, 2) = 5;
    sf_task_times_merge(&times, "1;00000001:a;00000002:a;");

    assert_int_equal(*sf_operator_times_slot(&times, 1), 50);
    assert_int_equal(*sf_operator_times_slot(&times, 2), 10);
}

static void foreign_texts_are_passed_over(void **state)
{
    static const char *const texts[] = {NULL,   "",      "2;00000001:a;", "1;nonsense",
                                        "1;1:", "1;1:a", "AgAAAAAAAAAB"};
    sf_operator_times times = {.count = 0};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        sf_task_times_merge(&times, texts[i]);

    assert_int_equal(times.count, 0);
}

static void as_many_times_as_there_may_be_fit_into_an_offset(void **state)
{
    sf_operator_times times = {.count = 0};
    sf_buffer text = SF_BUFFER_EMPTY;

    (void)state;
    for (uint32_t i = 0; i < SF_OPERATOR_TIMES_MAX; i++)
        *sf_operator_times_slot(&times, 0xf0000000 + i) = 4102444800000 * 4; /* the year 2489 */
    assert_null(sf_operator_times_slot(&times, 1));
    sf_task_times_write(&times, &text);

    assert_true(text.size <= 4096);
    sf_buffer_done(&text);
}

static void kinds_and_names_are_told_apart(void **state)
{
    (void)state;
    assert_true(sf_operator_times_id("seen", "a") != sf_operator_times_id("store", "a"));
    assert_true(sf_operator_times_id("seen", "a") != sf_operator_times_id("seen", "b"));
    assert_true(sf_operator_times_id("ab", "c") != sf_operator_times_id("a", "bc"));
}

static void undo_goes_back_to_the_mark(void **state)
{
    sf_operator_times times = {.count = 0};
    int64_t *time = sf_operator_times_slot(&times, 1);

    (void)state;
    *time = 5;
    sf_operator_times_mark(&times);
    *time = 9;
    sf_operator_times_undo(&times);

    assert_int_equal(*time, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_come_back_from_their_text),
        cmocka_unit_test(the_larger_time_wins),
        cmocka_unit_test(foreign_texts_are_passed_over),
        cmocka_unit_test(as_many_times_as_there_may_be_fit_into_an_offset),
        cmocka_unit_test(kinds_and_names_are_told_apart),
        cmocka_unit_test(undo_goes_back_to_the_mark),
    };

    return run_tests(tests);
}
