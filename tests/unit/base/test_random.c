#include "base/random.h"

#include "check.h"

static void same_seed_gives_the_same_numbers(void **state)
{
    sf_random one, same, other;
    int equal = 0;

    (void)state;
    sf_random_init(&one, 1);
    sf_random_init(&same, 1);
    sf_random_init(&other, 2);
    for (int i = 0; i < 100; i++) {
        uint64_t number = sf_random_next(&one);

        assert_true(sf_random_next(&same) == number);
        equal += sf_random_next(&other) == number;
    }
    assert_int_equal(equal, 0);
}

static void numbers_are_those_of_splitmix64(void **state)
{
    sf_random random;

    (void)state;
    sf_random_init(&random, 1234567); /* the reference implementation's example */
    assert_true(sf_random_next(&random) == 6457827717110365317u);
    assert_true(sf_random_next(&random) == 3203168211198807973u);
}

static void numbers_below_a_bound_reach_all_of_it(void **state)
{
    int seen[7] = {0};
    sf_random random;

    (void)state;
    sf_random_init(&random, 3);
    for (int i = 0; i < 7000; i++)
        seen[sf_random_below(&random, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], 800, 1200);
    assert_true(sf_random_seed_from_system() != sf_random_seed_from_system());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_gives_the_same_numbers),
        cmocka_unit_test(numbers_are_those_of_splitmix64),
        cmocka_unit_test(numbers_below_a_bound_reach_all_of_it),
    };

    return run_tests(tests);
}
