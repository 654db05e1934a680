#include "fleet/part_merge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "check.h"

enum { PARTS_MAX = 4 };

/* Parts of one-letter ranks: "ace" are three items; place: what follows is not in it. */
typedef struct parts {
    sf_buffer pages[PARTS_MAX];
    sf_bytes bytes[PARTS_MAX];
    size_t count;
} parts;

static void add_part(parts *of, const char *letters, const char *place)
{
    sf_buffer *page = &of->pages[of->count];
    part_writer writer;

    part_writer_init(&writer, page);
    for (; *letters; letters++)
        part_writer_add(&writer, sf_bytes_of(letters, 1), sf_bytes_of(letters, 1));
    part_writer_close(&writer, place != NULL, sf_bytes_text(place));
    of->bytes[of->count++] = sf_buffer_bytes(page);
}

static void free_parts(parts *of)
{
    for (size_t i = 0; i < of->count; i++)
        sf_buffer_done(&of->pages[i]);
}

/* So many items of the merged parts, then '+' and the place if more follow. */
static const char *merged(const parts *of, size_t limit)
{
    static char text[64];
    sf_arena *arena = sf_arena_new();
    sf_bytes rank, item, place;
    part_merge merge;
    size_t size = 0;

    assert_ok(part_merge_open(&merge, of->bytes, of->count, arena, err));
    while (size < limit && part_merge_next(&merge, &rank, &item)) {
        assert_true(sf_bytes_equal(rank, item));
        text[size++] = (char)item.data[0];
    }
    if (part_merge_has_more(&merge, &place)) {
        text[size++] = '+';
        memcpy(text + size, place.data, place.size);
        size += place.size;
    }
    text[size] = '\0';
    sf_arena_free(arena);
    return text;
}

static void items_come_in_the_order_of_their_ranks(void **state)
{
    parts of = {0};

    (void)state;
    add_part(&of, "aeg", NULL);
    add_part(&of, "", NULL);
    add_part(&of, "bcdf", NULL);
    assert_string_equal(merged(&of, 20), "abcdefg");
    assert_string_equal(merged(&of, 7), "abcdefg");
    free_parts(&of);
}

static void a_page_that_is_full_ends_at_its_last_item(void **state)
{
    parts of = {0};

    (void)state;
    add_part(&of, "ace", NULL);
    add_part(&of, "bd", NULL);
    assert_string_equal(merged(&of, 3), "abc+c");
    assert_string_equal(merged(&of, 4), "abcd+d");
    free_parts(&of);
}

static void nothing_is_given_behind_a_place_where_a_part_stopped(void **state)
{
    parts of = {0};

    (void)state;
    add_part(&of, "ac", "d"); /* more may follow from behind d on */
    add_part(&of, "bef", NULL);
    assert_string_equal(merged(&of, 20), "abc+d");
    add_part(&of, "", "b"); /* looked at all up to b, and found nothing */
    assert_string_equal(merged(&of, 20), "ab+b");
    free_parts(&of);
}

static void no_parts_are_an_empty_list(void **state)
{
    parts of = {0};

    (void)state;
    assert_string_equal(merged(&of, 20), "");
}

static void a_part_that_is_none_is_refused(void **state)
{
    sf_bytes bytes[] = {sf_bytes_text("nonsense")};
    sf_arena *arena = sf_arena_new();
    part_merge merge;
    sf_error error;

    (void)state;
    assert_int_equal(part_merge_open(&merge, bytes, 1, arena, &error), SF_STOP);
    assert_int_equal(error.code, SF_CORRUPT);
    sf_arena_free(arena);
}

/* Letters dealt out to parts, each of which gives a page of at most so many; followed from place to place
 * the pages are all letters in order. */
static void page_behind(const char *dealt, char after, size_t most, parts *of)
{
    char page[32] = "", place[2] = "";
    size_t count = 0, size = strlen(dealt);

    for (size_t i = 0; i < size; i++) {
        if (dealt[i] <= after)
            continue;
        if (count == most) {
            place[0] = page[count - 1];
            break;
        }
        page[count++] = dealt[i];
        page[count] = '\0';
    }
    add_part(of, page, place[0] ? place : NULL);
}

static void pages_of_random_parts_are_the_whole(void **state)
{
    const char *given = getenv("TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : sf_random_seed_from_system();
    sf_random random;

    (void)state;
    sf_random_init(&random, seed);
    for (int round = 0; round < 500; round++) {
        char dealt[PARTS_MAX][32] = {{0}}, all[32] = "", seen[64] = "";
        size_t part_count = 1 + sf_random_below(&random, PARTS_MAX);
        size_t most = 1 + sf_random_below(&random, 5), limit = 1 + sf_random_below(&random, 5);
        char after = 0;

        for (char letter = 'a'; letter <= 'z'; letter++) {
            char *to = dealt[sf_random_below(&random, part_count)];

            if (sf_random_below(&random, 3) == 0)
                continue;
            strncat(to, &letter, 1);
            strncat(all, &letter, 1);
        }
        for (bool goes_on = true; goes_on;) {
            parts of = {0};
            const char *page, *plus;

            for (size_t i = 0; i < part_count; i++)
                page_behind(dealt[i], after, most, &of);
            page = merged(&of, limit);
            plus = strchr(page, '+');
            (void)snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%.*s",
                           plus ? (int)(plus - page) : (int)strlen(page), page); /* fits */
            goes_on = plus != NULL;
            after = plus ? plus[1] : after;
            free_parts(&of);
        }
        if (strcmp(seen, all) != 0)
            fail_msg("'%s' instead of '%s' TEST_SEED=%" PRIu64, seen, all, seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_in_the_order_of_their_ranks),
        cmocka_unit_test(a_page_that_is_full_ends_at_its_last_item),
        cmocka_unit_test(nothing_is_given_behind_a_place_where_a_part_stopped),
        cmocka_unit_test(no_parts_are_an_empty_list),
        cmocka_unit_test(a_part_that_is_none_is_refused),
        cmocka_unit_test(pages_of_random_parts_are_the_whole),
    };

    return run_tests(tests);
}
