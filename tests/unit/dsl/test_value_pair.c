/* value_pair.c - both values go round, null and empty told apart; what nobody writes is refused. */
#include <string.h>

#include "check.h"
#include "dsl/operators/value_pair.h"

static void pairs_go_round(void **state)
{
    const sf_value_pair pairs[] = {
        {sf_bytes_text("new"), sf_bytes_text("old")},
        {sf_bytes_text(""), SF_NULL},
        {SF_NULL, sf_bytes_text("")},
        {SF_NULL, SF_NULL},
    };
    const sf_serde serde = sf_value_pair_serde(&sf_bytes_serde);
    sf_arena *arena = sf_arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        sf_bytes wire, value;

        assert_ok(sf_serde_encode(&serde, sf_value_pair_bytes(pairs[i], arena), arena, &wire, err));
        assert_ok(sf_serde_decode(&serde, wire, arena, &value, err));
        assert_true(sf_bytes_equal(sf_value_pair_of(value)->now, pairs[i].now));
        assert_true(sf_bytes_equal(sf_value_pair_of(value)->before, pairs[i].before));
    }
    sf_arena_free(arena);
}

static void bytes_that_nobody_writes_are_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } wrong[] = {
        {"\3\0\0", 3},             /* cut */
        {"\4\0\0\0\0", 5},         /* a flag that is none */
        {"\3\0\0\0\5abc", 8},      /* longer than there is */
        {"\2\0\0\0\1ab", 7},       /* a new value that is not there has bytes */
        {"\1\0\0\0\1ab", 7},       /* an old one */
        {"\0\0\0\0\0\0\0\0\1", 9}, /* neither is there */
    };
    const sf_serde serde = sf_value_pair_serde(&sf_bytes_serde);
    sf_arena *arena = sf_arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        sf_error error = {0};
        sf_bytes value;

        assert_int_equal(sf_serde_decode(&serde, sf_bytes_of(wrong[i].bytes, wrong[i].size), arena,
                                         &value, &error),
                         SF_REJECT);
        assert_non_null(strstr(error.text, "not a pair of a new and an old value"));
    }
    sf_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_go_round),
        cmocka_unit_test(bytes_that_nobody_writes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
