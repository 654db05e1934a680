/* repartition_value.c - the time inside, null and empty told apart, foreign bytes refused. */
#include "check.h"
#include "task/repartition_value.h"

static void goes_round(sf_bytes value, int64_t timestamp)
{
    sf_arena *arena = sf_arena_new();
    sf_bytes back;
    int64_t time = -1;

    assert_ok(sf_repartition_value_decode(sf_repartition_value_encode(value, timestamp, arena),
                                          &back, &time, err));
    assert_true(sf_bytes_equal(value, back));
    assert_int_equal(time, timestamp);
    sf_arena_free(arena);
}

static void values_go_round(void **state)
{
    (void)state;
    goes_round(sf_bytes_text("value"), 0);
    goes_round(sf_bytes_text(""), 1700000000000);
    goes_round(SF_NULL, INT64_MAX);
}

static void other_bytes_are_refused(void **state)
{
    static const char *const wrong[] = {"", "12345678", "\2xxxxxxxxyy"};
    static const uint8_t null_with_value[10] = {0};
    sf_bytes value;
    int64_t time;
    sf_error err;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(sf_repartition_value_decode(sf_bytes_text(wrong[i]), &value, &time, &err),
                         SF_REJECT);
    assert_int_equal(
        sf_repartition_value_decode(sf_bytes_of(null_with_value, sizeof(null_with_value)), &value,
                                    &time, &err),
        SF_REJECT);
    assert_int_equal(sf_repartition_value_decode(SF_NULL, &value, &time, &err), SF_REJECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_go_round),
        cmocka_unit_test(other_bytes_are_refused),
    };

    return run_tests(tests);
}
