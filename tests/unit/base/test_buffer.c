#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static void contents_survive_growing(void **state)
{
    sf_buffer buffer = SF_BUFFER_EMPTY;

    (void)state;
    for (int i = 0; i < 10000; i++)
        sf_buffer_add(&buffer, &i, sizeof(i));

    assert_int_equal(buffer.size, 10000 * sizeof(int));
    for (int i = 0; i < 10000; i++)
        assert_memory_equal(buffer.data + (size_t)i * sizeof(i), &i, sizeof(i));
    sf_buffer_done(&buffer);
    assert_null(buffer.data);
}

static void texts_are_put_one_behind_the_other(void **state)
{
    sf_buffer buffer = SF_BUFFER_EMPTY;

    (void)state;
    sf_buffer_add_text(&buffer, "one");
    sf_buffer_add_bytes(&buffer, SF_NULL);
    sf_buffer_printf(&buffer, "-%05d-%s", 42,
                     "a longer text than the first room has, that is sure");
    sf_buffer_add_bytes(&buffer, sf_bytes_text("."));

    assert_string_equal(sf_buffer_text(&buffer),
                        "one-00042-a longer text than the first room has, that is sure.");
    assert_int_equal(strlen(sf_buffer_text(&buffer)), buffer.size);
    sf_buffer_done(&buffer);
}

static void empty_buffer_is_empty_and_not_null(void **state)
{
    sf_buffer buffer = SF_BUFFER_EMPTY;

    (void)state;
    assert_bytes(sf_buffer_bytes(&buffer), "");
    assert_string_equal(sf_buffer_text(&buffer), "");
    sf_buffer_done(&buffer);
}

static void detached_text_outlives_the_buffer(void **state)
{
    sf_buffer buffer = SF_BUFFER_EMPTY;
    char *text;

    (void)state;
    sf_buffer_add_text(&buffer, "kept");
    text = sf_buffer_detach(&buffer);
    sf_buffer_add_text(&buffer, "other");

    assert_string_equal(text, "kept");
    assert_bytes(sf_buffer_bytes(&buffer), "other");
    free(text);
    sf_buffer_done(&buffer);
}

static void reserved_bytes_count_once_added(void **state)
{
    sf_buffer buffer = SF_BUFFER_EMPTY;

    (void)state;
    memcpy(sf_buffer_reserve(&buffer, 100), "abc", 3);
    assert_int_equal(buffer.size, 0);
    buffer.size += 3;
    memcpy(sf_buffer_extend(&buffer, 2), "de", 2);

    assert_bytes(sf_buffer_bytes(&buffer), "abcde");
    sf_buffer_clear(&buffer);
    assert_int_equal(buffer.size, 0);
    sf_buffer_done(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contents_survive_growing),
        cmocka_unit_test(texts_are_put_one_behind_the_other),
        cmocka_unit_test(empty_buffer_is_empty_and_not_null),
        cmocka_unit_test(detached_text_outlives_the_buffer),
        cmocka_unit_test(reserved_bytes_count_once_added),
    };

    return run_tests(tests);
}
