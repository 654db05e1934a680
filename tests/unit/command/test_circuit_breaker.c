#include "circuit_breaker.h"

#include "check.h"

static circuit_breaker closed_one(void)
{
    circuit_breaker breaker;

    circuit_breaker_init(&breaker, 3);
    circuit_breaker_note_answer(&breaker);
    return breaker;
}

static void nothing_is_asked_before_the_first_answer(void **state)
{
    circuit_breaker breaker;

    (void)state;
    circuit_breaker_init(&breaker, 3);
    assert_false(circuit_breaker_allows(&breaker));
    assert_true(circuit_breaker_note_answer(&breaker));
    assert_true(circuit_breaker_allows(&breaker));
}

static void only_failures_in_a_row_open_it(void **state)
{
    circuit_breaker breaker = closed_one();

    (void)state;
    assert_false(circuit_breaker_note_failure(&breaker));
    assert_false(circuit_breaker_note_failure(&breaker));
    assert_false(circuit_breaker_note_answer(&breaker));
    assert_false(circuit_breaker_note_failure(&breaker));
    assert_false(circuit_breaker_note_failure(&breaker));
    assert_true(circuit_breaker_allows(&breaker));
    assert_true(circuit_breaker_note_failure(&breaker));
    assert_int_equal(breaker.state, CIRCUIT_OPEN);
    assert_false(circuit_breaker_allows(&breaker));
}

static void a_silence_opens_it_at_once(void **state)
{
    circuit_breaker breaker = closed_one();

    (void)state;
    assert_true(circuit_breaker_note_silence(&breaker));
    assert_false(circuit_breaker_note_silence(&breaker));
    assert_false(circuit_breaker_allows(&breaker));
}

static void a_trial_lets_nobody_through_until_it_went_well(void **state)
{
    circuit_breaker breaker = closed_one();

    (void)state;
    assert_false(circuit_breaker_note_trial(&breaker));
    circuit_breaker_note_silence(&breaker);
    assert_true(circuit_breaker_note_trial(&breaker));
    assert_false(circuit_breaker_allows(&breaker));
    assert_true(circuit_breaker_note_failure(&breaker));
    assert_int_equal(breaker.state, CIRCUIT_OPEN);
    assert_true(circuit_breaker_note_trial(&breaker));
    assert_true(circuit_breaker_note_answer(&breaker));
    assert_true(circuit_breaker_allows(&breaker));
}

static void a_late_answer_closes_it(void **state)
{
    circuit_breaker breaker = closed_one();

    (void)state;
    circuit_breaker_note_silence(&breaker);
    assert_true(circuit_breaker_note_answer(&breaker));
    assert_true(circuit_breaker_allows(&breaker));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_asked_before_the_first_answer),
        cmocka_unit_test(only_failures_in_a_row_open_it),
        cmocka_unit_test(a_silence_opens_it_at_once),
        cmocka_unit_test(a_trial_lets_nobody_through_until_it_went_well),
        cmocka_unit_test(a_late_answer_closes_it),
    };

    return run_tests(tests);
}
