#include <stateful/arena.h>

#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "check.h"

static void pieces_are_aligned_and_do_not_overlap(void **state)
{
    sf_arena *arena = sf_arena_new();
    uint8_t *pieces[400];

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(pieces); i++) {
        pieces[i] = sf_arena_alloc(arena, i * 7);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)(i % 251), i * 7);
    }

    for (size_t i = 0; i < SF_ARRAY_LENGTH(pieces); i++)
        for (size_t j = 0; j < i * 7; j++)
            assert_int_equal(pieces[i][j], i % 251);
    sf_arena_free(arena);
}

static void copies_keep_null_and_empty_apart(void **state)
{
    sf_arena *arena = sf_arena_new();
    char text[] = "text";
    sf_bytes copy = sf_arena_copy(arena, sf_bytes_text(text));

    (void)state;
    text[0] = 'x';
    assert_bytes(copy, "text");
    assert_int_equal(copy.data[4], 0);
    assert_true(sf_bytes_is_null(sf_arena_copy(arena, SF_NULL)));
    assert_bytes(sf_arena_copy(arena, sf_bytes_of("", 0)), "");
    assert_string_equal(sf_arena_printf(arena, "%s-%d", "a", 7), "a-7");
    sf_arena_free(arena);
}

static void memory_is_used_again_after_a_reset(void **state)
{
    sf_arena *arena = sf_arena_new();
    void *first;

    (void)state;
    for (int i = 0; i < 100; i++)
        (void)sf_arena_alloc(arena, 1000); /* grows to its size */
    sf_arena_reset(arena);
    first = sf_arena_alloc(arena, 1000);
    for (int i = 0; i < 10; i++) {
        sf_arena_reset(arena);
        assert_ptr_equal(sf_arena_alloc(arena, 1000), first);
    }
    sf_arena_free(arena);
}

static void piece_larger_than_any_chunk_fits(void **state)
{
    sf_arena *arena = sf_arena_new();
    size_t size = 5 * 1024 * 1024;
    uint8_t *large = sf_arena_zalloc(arena, size);

    (void)state;
    assert_int_equal(large[0] | large[size - 1], 0);
    sf_arena_reset(arena);
    memset(sf_arena_alloc(arena, size), 1, size);
    sf_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_and_do_not_overlap),
        cmocka_unit_test(copies_keep_null_and_empty_apart),
        cmocka_unit_test(memory_is_used_again_after_a_reset),
        cmocka_unit_test(piece_larger_than_any_chunk_fits),
    };

    return run_tests(tests);
}
