#include "service/log_limit.h"

#include "check.h"

static bool admits(sf_log_limit *limit, const char *key, int64_t now_ms, uint64_t *held)
{
    return sf_log_limit_admit(limit, sf_bytes_text(key), now_ms, held);
}

static void a_sentence_beyond_its_burst_is_held_back_and_counted(void **state)
{
    sf_log_limit *limit = sf_log_limit_new();
    uint64_t held;

    (void)state;
    for (int i = 0; i < SF_LOG_LIMIT_BURST; i++)
        assert_true(admits(limit, "error broker is away", 1000, &held));
    for (int i = 0; i < 7; i++)
        assert_false(admits(limit, "error broker is away", 1500, &held));
    assert_true(admits(limit, "error something else", 1500, &held));
    assert_int_equal(held, 0);

    assert_true(admits(limit, "error broker is away", 1000 + SF_LOG_LIMIT_WINDOW_MS, &held));
    assert_int_equal(held, 7);
    assert_true(admits(limit, "error broker is away", 1000 + SF_LOG_LIMIT_WINDOW_MS, &held));
    assert_int_equal(held, 0);
    sf_log_limit_free(limit);
}

static void a_clock_that_is_set_back_opens_a_new_window(void **state)
{
    sf_log_limit *limit = sf_log_limit_new();
    uint64_t held;

    (void)state;
    for (int i = 0; i <= SF_LOG_LIMIT_BURST; i++)
        (void)admits(limit, "x", 100000, &held);

    assert_true(admits(limit, "x", 5, &held));
    assert_int_equal(held, 1);
    sf_log_limit_free(limit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sentence_beyond_its_burst_is_held_back_and_counted),
        cmocka_unit_test(a_clock_that_is_set_back_opens_a_new_window),
    };

    return run_tests(tests);
}
