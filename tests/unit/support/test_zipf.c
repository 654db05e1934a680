#include "support/zipf.h"

#include <math.h>

#include "check.h"

enum { COUNT = 50, DRAWS = 200000 };

/* Each number comes as often as the law says, to five standard deviations. */
static void numbers_come_as_often_as_the_law_says(void **state)
{
    static const double exponents[] = {0, 0.8, 1.0, 1.2};

    (void)state;
    for (size_t e = 0; e < sizeof(exponents) / sizeof(exponents[0]); e++) {
        int seen[COUNT] = {0};
        double all = 0;
        sf_random random;
        zipf law;

        zipf_init(&law, COUNT, exponents[e]);
        sf_random_init(&random, 7);
        for (int i = 0; i < DRAWS; i++)
            seen[zipf_next(&law, &random)]++;
        for (int i = 0; i < COUNT; i++)
            all += pow(i + 1, -exponents[e]);
        for (int i = 0; i < COUNT; i++) {
            double expected = DRAWS * pow(i + 1, -exponents[e]) / all;

            if (fabs(seen[i] - expected) > 5 * sqrt(expected))
                fail_msg("exponent %.1f: number %d came %d times, not about %.0f", exponents[e], i,
                         seen[i], expected);
        }
    }
}

static void one_number_is_always_drawn_of_one(void **state)
{
    sf_random random;
    zipf law;

    (void)state;
    sf_random_init(&random, 7);
    zipf_init(&law, 1, 1.0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(zipf_next(&law, &random), 0);
}

static void scattered_numbers_reach_the_whole_range(void **state)
{
    int seen[10] = {0};
    sf_random random;
    zipf law;

    (void)state;
    sf_random_init(&random, 7);
    zipf_init(&law, 10, 0.8);
    for (int i = 0; i < 10000; i++)
        seen[zipf_next_scattered(&law, &random)]++;
    for (int i = 0; i < 10; i++)
        assert_true(seen[i] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_as_often_as_the_law_says),
        cmocka_unit_test(one_number_is_always_drawn_of_one),
        cmocka_unit_test(scattered_numbers_reach_the_whole_range),
    };

    return run_tests(tests);
}
