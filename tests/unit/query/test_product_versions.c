#include "check.h"

#include <string.h>

#include <stateful/arena.h>

#include "base/random.h"
#include "state/product_versions.h"

static int make_arena(void **state)
{
    *state = sf_arena_new();
    return 0;
}

static int free_arena(void **state)
{
    sf_arena_free(*state);
    return 0;
}

static bool add_named(product_versions *versions, sf_arena *arena, int64_t version,
                      const char *name)
{
    product_event *event = sf_arena_zalloc(arena, sizeof *event + 1 + strlen(name));
    time_span span;

    *event = (product_event){
        .version = version, .category_size = 1, .name_size = (uint32_t)strlen(name)};
    event->category[0] = 'A';
    memcpy(event->category + 1, name, strlen(name));
    return product_versions_add(versions, event, 10, arena, &span);
}

static void the_newest_name_is_kept_in_whatever_order_they_come(void **state)
{
    product_versions versions = {0}, read;

    assert_true(add_named(&versions, *state, 2, "Laptop 2"));
    assert_true(add_named(&versions, *state, 1, "Laptop"));
    assert_true(add_named(&versions, *state, 3, ""));
    assert_ok(
        product_versions_decode(product_versions_encode(&versions, *state), *state, &read, err));

    assert_bytes(read.name, "Laptop 2");
    assert_int_equal(read.name_version, 2);
    assert_bytes(product_versions_category(&read, 10), "A");
}

static product_event *event_with(sf_arena *arena, int64_t version, const char *category)
{
    product_event *event = sf_arena_zalloc(arena, sizeof *event + strlen(category));

    event->product_id = 1;
    event->version = version;
    event->is_creation = version == 1;
    event->category_size = (uint32_t)strlen(category);
    memcpy(event->category, category, strlen(category));
    return event;
}

static bool add(product_versions *versions, sf_arena *arena, int64_t version, int64_t valid_from,
                const char *category, time_span *span)
{
    return product_versions_add(versions, event_with(arena, version, category), valid_from, arena,
                                span);
}

#define assert_span(span, from, to)               \
    do {                                          \
        assert_int_equal((span).from_ms, (from)); \
        assert_true((span).to_ms == (to));        \
    } while (0)

static void unknown_product_has_the_category_unknown(void **state)
{
    product_versions versions = {0};

    (void)state;
    assert_bytes(product_versions_category(&versions, 5), "UNKNOWN");
}

static void category_is_that_of_the_time(void **state)
{
    product_versions versions = {0};
    time_span span;

    assert_true(add(&versions, *state, 1, 10, "A", &span));
    assert_span(span, 0, INT64_MAX);
    assert_true(add(&versions, *state, 2, 20, "B", &span));
    assert_span(span, 20, INT64_MAX);

    assert_bytes(product_versions_category(&versions, 0), "A"); /* older than the product */
    assert_bytes(product_versions_category(&versions, 19), "A");
    assert_bytes(product_versions_category(&versions, 20), "B");
    assert_bytes(product_versions_category(&versions, 1000), "B");
}

static void late_version_tells_the_time_it_decides(void **state)
{
    product_versions versions = {0};
    time_span span;

    add(&versions, *state, 3, 30, "C", &span);
    assert_true(add(&versions, *state, 1, 10, "A", &span));
    assert_span(span, 0, 30);
    assert_true(add(&versions, *state, 2, 20, "B", &span));
    assert_span(span, 20, 30);
    assert_int_equal(versions.count, 3);
}

static void repetition_is_no_news(void **state)
{
    product_versions versions = {0};
    time_span span;

    add(&versions, *state, 1, 10, "A", &span);
    add(&versions, *state, 2, 20, "B", &span);
    assert_false(add(&versions, *state, 1, 10, "A", &span));
    assert_false(add(&versions, *state, 2, 20, "B", &span));
    assert_int_equal(versions.count, 2);
}

static void versions_of_one_category_are_one_entry(void **state)
{
    product_versions versions = {0};
    time_span span;

    for (int64_t version = 1; version <= 1000; version++) {
        assert_true(add(&versions, *state, version, 10 * version, "A", &span));
        if (version > 1)
            assert_true(span.from_ms >= span.to_ms);
    }
    assert_int_equal(versions.count, 1);
    assert_int_equal(versions.items[0].last, 1000);
    assert_false(add(&versions, *state, 500, 5000, "A", &span));
}

static void gap_is_kept_open_for_the_missing_version(void **state)
{
    product_versions versions = {0};
    time_span span;

    add(&versions, *state, 1, 10, "A", &span);
    add(&versions, *state, 3, 30, "A", &span);
    assert_int_equal(versions.count, 2);
    assert_true(add(&versions, *state, 2, 20, "B", &span));
    assert_span(span, 20, 30);
    assert_bytes(product_versions_category(&versions, 25), "B");
    assert_bytes(product_versions_category(&versions, 30), "A");
}

static void gap_filled_with_the_same_closes(void **state)
{
    product_versions versions = {0};
    time_span span;

    add(&versions, *state, 1, 10, "A", &span);
    add(&versions, *state, 3, 30, "A", &span);
    add(&versions, *state, 2, 20, "A", &span);
    assert_int_equal(versions.count, 1);
    assert_int_equal(versions.items[0].first, 1);
    assert_int_equal(versions.items[0].last, 3);
    assert_int_equal(versions.items[0].valid_from, 10);
}

static void events_without_versions_count_by_what_they_say(void **state)
{
    product_versions versions = {0};
    time_span span;
    product_event *creation = event_with(*state, 0, "A");

    creation->is_creation = true;
    assert_true(product_versions_add(&versions, creation, 10, *state, &span));
    assert_false(product_versions_add(&versions, creation, 15, *state, &span));
    assert_true(add(&versions, *state, 0, 20, "B", &span));
    assert_false(add(&versions, *state, 0, 20, "B", &span));
    assert_false(add(&versions, *state, 0, 12, "A", &span));
    assert_int_equal(versions.count, 2);
}

/* What the list must answer, from all versions side by side. */
static const char *expected(const int64_t *times, const char *const *categories, size_t count,
                            int64_t time_ms)
{
    const char *found = categories[0];

    for (size_t i = 0; i < count; i++)
        if (times[i] <= time_ms)
            found = categories[i];
    return found;
}

static void any_order_of_arrival_ends_alike(void **state)
{
    static const char *const names[] = {"A", "B", "C"};
    sf_random random;

    sf_random_init(&random, 1);
    for (int round = 0; round < 2000; round++) {
        enum { COUNT = 6 };
        int64_t times[COUNT], time = 0;
        const char *categories[COUNT];
        size_t order[COUNT];
        product_versions versions = {0};

        for (size_t i = 0; i < COUNT; i++) {
            times[i] = time += (int64_t)sf_random_below(&random, 3); /* ties, too */
            categories[i] = names[sf_random_below(&random, 3)];
            order[i] = i;
        }
        for (size_t i = COUNT - 1; i > 0; i--) {
            size_t other = sf_random_below(&random, i + 1), kept = order[i];

            order[i] = order[other];
            order[other] = kept;
        }
        for (size_t i = 0; i < COUNT; i++) {
            time_span span;
            product_versions before = versions;
            size_t v = order[i];

            add(&versions, *state, (int64_t)v + 1, times[v], categories[v], &span);
            for (int64_t t = 0; before.count && t < 20; t++) { /* outside of the span all stays */
                if (t < span.from_ms || t >= span.to_ms)
                    assert_true(sf_bytes_equal(product_versions_category(&before, t),
                                               product_versions_category(&versions, t)));
                else
                    assert_bytes(product_versions_category(&versions, t), categories[v]);
            }
        }
        for (int64_t t = 0; t < 20; t++)
            assert_bytes(product_versions_category(&versions, t),
                         expected(times, categories, COUNT, t));
    }
}

static void list_survives_its_bytes(void **state)
{
    product_versions versions = {0}, read;
    time_span span;
    sf_bytes bytes;
    sf_error error;

    add(&versions, *state, 1, 10, "Books", &span);
    add(&versions, *state, 3, 30, "B\xc3\xbc", &span);
    bytes = product_versions_encode(&versions, *state);
    assert_ok(product_versions_decode(bytes, *state, &read, err));

    assert_int_equal(read.count, 2);
    assert_bytes(read.items[0].category, "Books");
    assert_int_equal(read.items[1].valid_from, 30);
    assert_int_equal(read.items[1].first, 3);
    assert_int_equal(read.items[1].last, 3);
    assert_int_equal(
        product_versions_decode(sf_bytes_of(bytes.data, bytes.size - 1), *state, &read, &error),
        SF_STOP);
    assert_ok(product_versions_decode(SF_NULL, *state, &read, err));
    assert_int_equal(read.count, 0);
}

#define with_arena(test) cmocka_unit_test_setup_teardown(test, make_arena, free_arena)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_product_has_the_category_unknown),
        with_arena(the_newest_name_is_kept_in_whatever_order_they_come),
        with_arena(category_is_that_of_the_time),
        with_arena(late_version_tells_the_time_it_decides),
        with_arena(repetition_is_no_news),
        with_arena(versions_of_one_category_are_one_entry),
        with_arena(gap_is_kept_open_for_the_missing_version),
        with_arena(gap_filled_with_the_same_closes),
        with_arena(events_without_versions_count_by_what_they_say),
        with_arena(any_order_of_arrival_ends_alike),
        with_arena(list_survives_its_bytes),
    };

    return run_tests(tests);
}
