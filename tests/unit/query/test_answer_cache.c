#include "http/answer_cache.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "check.h"

static sf_view_version version_of(uint64_t changes)
{
    return (sf_view_version){.partitions = 7, .changes = changes, .times = 1};
}

static void keep(answer_cache *cache, const char *question, uint64_t changes, const char *answer)
{
    answer_cache_keep(cache, sf_bytes_text(question), version_of(changes), sf_bytes_text(answer));
}

/* Fails unless that is the answer; NULL: unless there is none. */
static void check(answer_cache *cache, const char *question, uint64_t changes, const char *expected)
{
    sf_buffer answer = SF_BUFFER_EMPTY;

    assert_int_equal(
        answer_cache_find(cache, sf_bytes_text(question), version_of(changes), &answer),
        expected != NULL);
    if (expected)
        assert_bytes(sf_buffer_bytes(&answer), expected);
    else
        assert_int_equal(answer.size, 0);
    sf_buffer_done(&answer);
}

static void an_answer_is_found_while_the_version_stays(void **state)
{
    answer_cache *cache = answer_cache_new();

    (void)state;
    check(cache, "nine", 1, NULL);
    keep(cache, "nine", 1, "[1]");
    check(cache, "nine", 1, "[1]");
    check(cache, "ten", 1, NULL);
    answer_cache_free(cache);
}

static void no_part_of_the_version_may_differ(void **state)
{
    answer_cache *cache = answer_cache_new();
    sf_buffer answer = SF_BUFFER_EMPTY;
    sf_view_version version = version_of(1);

    (void)state;
    keep(cache, "nine", 1, "[1]");
    check(cache, "nine", 2, NULL);
    version.partitions++;
    assert_false(answer_cache_find(cache, sf_bytes_text("nine"), version, &answer));
    version = version_of(1);
    version.times++;
    assert_false(answer_cache_find(cache, sf_bytes_text("nine"), version, &answer));
    sf_buffer_done(&answer);
    answer_cache_free(cache);
}

static void a_newer_answer_takes_the_place_of_the_older(void **state)
{
    answer_cache *cache = answer_cache_new();

    (void)state;
    keep(cache, "nine", 1, "[1]");
    keep(cache, "nine", 2, "[1,2]");
    check(cache, "nine", 2, "[1,2]");
    check(cache, "nine", 1, NULL);
    answer_cache_free(cache);
}

static void a_long_answer_is_not_kept(void **state)
{
    answer_cache *cache = answer_cache_new();
    char *text = sf_zalloc(ANSWER_CACHE_ANSWER_MAX + 2);

    (void)state;
    memset(text, 'x', ANSWER_CACHE_ANSWER_MAX + 1);
    keep(cache, "long", 1, text);
    check(cache, "long", 1, NULL);
    text[ANSWER_CACHE_ANSWER_MAX] = 0;
    keep(cache, "long", 1, text);
    check(cache, "long", 1, text);
    free(text);
    answer_cache_free(cache);
}

/* More questions than places: one that shares its place with another is forgotten, never confused with it. */
static void questions_that_share_a_place_are_told_apart(void **state)
{
    answer_cache *cache = answer_cache_new();
    char question[16];
    int found = 0;

    (void)state;
    for (int i = 0; i < 4 * ANSWER_CACHE_PLACES; i++) {
        (void)snprintf(question, sizeof(question), "q%d", i); /* fits */
        keep(cache, question, 1, question);
    }
    for (int i = 0; i < 4 * ANSWER_CACHE_PLACES; i++) {
        sf_buffer answer = SF_BUFFER_EMPTY;

        (void)snprintf(question, sizeof(question), "q%d", i); /* fits */
        if (answer_cache_find(cache, sf_bytes_text(question), version_of(1), &answer)) {
            assert_bytes(sf_buffer_bytes(&answer), question);
            found++;
        }
        sf_buffer_done(&answer);
    }
    assert_in_range(found, 1, ANSWER_CACHE_PLACES);
    answer_cache_free(cache);
}

static void *ask_and_keep(void *cache)
{
    for (uint64_t i = 0; i < 2000; i++) {
        char text[24];
        sf_buffer answer = SF_BUFFER_EMPTY;

        (void)snprintf(text, sizeof(text), "v%d", (int)(i / 100)); /* fits */
        keep(cache, "nine", i / 100, text);
        if (answer_cache_find(cache, sf_bytes_text("nine"), version_of(i / 100), &answer))
            assert_bytes(sf_buffer_bytes(&answer), text);
        sf_buffer_done(&answer);
    }
    return NULL;
}

static void threads_find_whole_answers_of_their_version(void **state)
{
    answer_cache *cache = answer_cache_new();
    pthread_t threads[3];

    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_and_keep, cache), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    answer_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_found_while_the_version_stays),
        cmocka_unit_test(no_part_of_the_version_may_differ),
        cmocka_unit_test(a_newer_answer_takes_the_place_of_the_older),
        cmocka_unit_test(a_long_answer_is_not_kept),
        cmocka_unit_test(questions_that_share_a_place_are_told_apart),
        cmocka_unit_test(threads_find_whole_answers_of_their_version),
    };

    return run_tests(tests);
}
