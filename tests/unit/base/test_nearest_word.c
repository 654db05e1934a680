#include "base/nearest_word.h"

#include "base/memory.h"
#include "check.h"

static const char *const WORDS[] = {"groups", "topics", "consume", "produce", "commit.interval.ms",
                                    "a"};

static const char *near(const char *word)
{
    return sf_nearest_word(word, WORDS, SF_ARRAY_LENGTH(WORDS));
}

static void one_wrong_letter_is_forgiven(void **state)
{
    (void)state;
    assert_string_equal(near("group"), "groups");
    assert_string_equal(near("toppics"), "topics");
    assert_string_equal(near("cunsume"), "consume");
    assert_string_equal(near("prdouce"), "produce");
    assert_string_equal(near("GROUPS"), "groups");
}

static void nearer_word_wins(void **state)
{
    static const char *const words[] = {"produces", "produce", "producer"};

    (void)state;
    assert_string_equal(sf_nearest_word("produc", words, 3), "produce");
    assert_string_equal(sf_nearest_word("producr", words, 3), "produce");
}

static void long_names_forgive_more(void **state)
{
    (void)state;
    assert_string_equal(near("commit.intervall.m"), "commit.interval.ms");
    assert_string_equal(near("commit_interval_ms"), "commit.interval.ms");
}

static void strange_words_are_near_to_nothing(void **state)
{
    char endless[200];

    (void)state;
    assert_null(near("x"));
    assert_null(near(""));
    assert_null(near("elephant"));
    for (size_t i = 0; i + 1 < sizeof(endless); i++)
        endless[i] = 'a';
    endless[sizeof(endless) - 1] = 0;
    assert_null(near(endless));
    assert_null(sf_nearest_word("groups", WORDS, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_wrong_letter_is_forgiven),
        cmocka_unit_test(nearer_word_wins),
        cmocka_unit_test(long_names_forgive_more),
        cmocka_unit_test(strange_words_are_near_to_nothing),
    };

    return run_tests(tests);
}
