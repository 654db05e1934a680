#include <stateful/bytes.h>

#include "base/memory.h"
#include "check.h"

static void null_equals_only_null(void **state)
{
    sf_bytes empty = sf_bytes_of("", 0);

    (void)state;
    assert_true(sf_bytes_equal(SF_NULL, sf_bytes_text(NULL)));
    assert_false(sf_bytes_equal(SF_NULL, empty));
    assert_true(sf_bytes_equal(empty, sf_bytes_text("")));
    assert_false(sf_bytes_equal(sf_bytes_text("a"), sf_bytes_text("ab")));
}

static void order_is_that_of_unsigned_bytes_with_null_first(void **state)
{
    const sf_bytes sorted[] = {SF_NULL,
                               sf_bytes_of("", 0),
                               sf_bytes_of("\0", 1),
                               sf_bytes_text("a"),
                               sf_bytes_text("ab"),
                               sf_bytes_text("b"),
                               sf_bytes_text("\xff")};

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(sorted); i++)
        for (size_t j = 0; j < SF_ARRAY_LENGTH(sorted); j++) {
            int order = sf_bytes_compare(sorted[i], sorted[j]);

            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_equals_only_null),
        cmocka_unit_test(order_is_that_of_unsigned_bytes_with_null_first),
    };

    return run_tests(tests);
}
