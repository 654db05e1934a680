/* The examples do what they say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "check.h"
#include "support/example_fixture.h"

static void words_are_counted_and_kept(void **state)
{
    char directory[] = "/tmp/stateful-example-XXXXXX";
    char arguments[128], output[256];

    (void)state;
    assert_non_null(mkdtemp(directory));
    (void)snprintf(arguments, sizeof(arguments), "file:%s/log %s/state 2>/dev/null", directory,
                   directory);
    example_run("word_count", arguments, "hello kafka  hello\\nhello\\n", output, sizeof(output));
    assert_string_equal(output, "hello 3\nkafka 1\n");
    example_run("word_count", arguments, "hello again\\n", output, sizeof(output));
    assert_string_equal(output, "again 1\nhello 4\nkafka 1\n");
    assert_ok(sf_directory_remove(directory, err));
}

static void assert_prints(const char *example, const char *expected)
{
    char output[1024];

    example_run(example, "", NULL, output, sizeof(output));
    assert_string_equal(output, expected);
}

static void views_are_placed_where_the_user_lives_at_the_time(void **state)
{
    (void)state;
    assert_prints("page_views", "ann: europe home\n"
                                "bob: nowhere home\n"
                                "bob: africa cart\n"
                                "ann: asia cart\n"
                                "ann: asia pay\n"
                                "europe has 1\n"
                                "nowhere has 1\n"
                                "africa has 1\n"
                                "asia has 1\n"
                                "asia has 2\n");
}

static void visits_are_told_once_they_are_over(void **state)
{
    (void)state;
    assert_prints("sessions", "ann from minute 0 to 34: 3 clicks\n"
                              "bob from minute 31 to 40: 2 clicks\n"
                              "ann from minute 120 to 120: 1 clicks\n");
}

static void the_best_are_told_every_hour(void **state)
{
    (void)state;
    assert_prints("top_n", "minute 1: tea 2\n" /* the first record sets the time */
                           "minute 61: milk 7\n"
                           "minute 61: tea 6\n"
                           "minute 61: bread 4\n"
                           "minute 121: salt 10\n"
                           "minute 121: milk 7\n"
                           "minute 121: tea 7\n");
}

static void orders_follow_their_customers(void **state)
{
    (void)state;
    assert_prints("foreign_key_join", "o1: tea for Ann\n"
                                      "o3: bread for Ann\n"
                                      "o2: milk for Bob\n"
                                      "o1: tea for Anna\n"
                                      "o3: bread for Anna\n"
                                      "o3: bread for Bob\n"
                                      "o1: gone\n");
}

static void a_simulated_topology_passes_as_many_histories_as_asked_for(void **state)
{
    char output[1024];

    (void)state;
    example_run("simulated_counts", "--seeds 50", NULL, output, sizeof(output));
    assert_non_null(strstr(output, "view-counts: 50 histories"));
    assert_non_null(strstr(output, "1 passed, 0 failed, 0 skipped"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_counted_and_kept),
        cmocka_unit_test(views_are_placed_where_the_user_lives_at_the_time),
        cmocka_unit_test(visits_are_told_once_they_are_over),
        cmocka_unit_test(the_best_are_told_every_hour),
        cmocka_unit_test(orders_follow_their_customers),
        cmocka_unit_test(a_simulated_topology_passes_as_many_histories_as_asked_for),
    };

    return run_tests(tests);
}
