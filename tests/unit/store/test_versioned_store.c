/* test_versioned_store.c - versions against a plain list of all that was ever put. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/random.h"
#include "store/registry.h"
#include "support/lone_store.h"
#include "support/state_directory_fixture.h"

#define HISTORY_MS 60

/* ---- the model ---- */

typedef struct version {
    char key[8];
    int64_t from_ms;
    bool is_null;
    char value[24];
} version;

typedef struct versions {
    version *items; /* in the order they were put */
    size_t count;
} versions;

static void versions_done(versions *list)
{
    free(list->items);
    *list = (versions){0};
}

static void versions_replace(versions *list, const versions *with)
{
    version *items = sf_alloc((with->count + 1) * sizeof(*items));

    if (with->count > 0)
        memcpy(items, with->items, with->count * sizeof(*items));
    free(list->items);
    *list = (versions){items, with->count};
}

static void versions_put(versions *list, const version *added)
{
    for (size_t i = 0; i < list->count; i++) {
        version *known = &list->items[i];

        if (!strcmp(known->key, added->key) && known->from_ms == added->from_ms) {
            *known = *added;
            return;
        }
    }
    list->items = sf_realloc_array(list->items, list->count + 1, sizeof(version));
    list->items[list->count++] = *added;
}

/* The version of the key that is the last to begin at that time or before; NULL: none. */
static const version *versions_at(const versions *list, const char *key, int64_t time)
{
    const version *last = NULL;

    for (size_t i = 0; i < list->count; i++) {
        const version *v = &list->items[i];

        if (!strcmp(v->key, key) && v->from_ms <= time && (!last || v->from_ms > last->from_ms))
            last = v;
    }
    return last;
}

/* When the version after that time begins. */
static int64_t versions_next(const versions *list, const char *key, int64_t time)
{
    int64_t next = SF_VERSION_NOW;

    for (size_t i = 0; i < list->count; i++) {
        const version *v = &list->items[i];

        if (!strcmp(v->key, key) && v->from_ms > time && (next < 0 || v->from_ms < next))
            next = v->from_ms;
    }
    return next;
}

/* ---- the history ---- */

typedef struct history {
    lone_store lone;
    sf_versioned_store *store;
    sf_random random;
    uint64_t seed;
    int64_t clock;
    sf_buffer changelog; /* of struct logged */
    versions now;
    versions marked;
    versions committed;
    int64_t observed;
    int64_t observed_marked;
    int64_t observed_committed;
} history;

typedef struct logged {
    char key[8];
    int64_t timestamp;
    size_t value_size; /* SIZE_MAX: null */
    uint8_t value[40];
} logged;

static void check(const history *h, bool holds, const char *what)
{
    if (!holds)
        fail_msg("%s, seed %llu (TEST_SEED)", what, (unsigned long long)h->seed);
}

static sf_status log_change(void *user, size_t store, sf_bytes key, sf_bytes value,
                            int64_t timestamp, sf_error *err)
{
    history *h = user;
    logged change = {.timestamp = timestamp, .value_size = SIZE_MAX};

    (void)store;
    (void)err;
    memcpy(change.key, key.data, key.size);
    if (value.data) {
        check(h, value.size <= sizeof(change.value), "a logged value is too long");
        memcpy(change.value, value.data, value.size);
        change.value_size = value.size;
    }
    /* What Kafka's clients do to it. */
    if (change.timestamp == 0)
        change.timestamp = 1;
    sf_buffer_add(&h->changelog, &change, sizeof(change));
    return SF_OK;
}

static void open_state(history *h)
{
    h->lone.changed = log_change;
    h->lone.user = h;
    h->lone.cache_bytes = 1500;
    lone_store_open(&h->lone);
    h->store = sf_store_as_versioned(lone_store_of(&h->lone));
}

static void draw_key(history *h, char key[8])
{
    static const char *keys[] = {"a", "a\x01", "ab", "\xff"};

    (void)snprintf(key, 8, "%s", keys[sf_random_below(&h->random, SF_ARRAY_LENGTH(keys))]);
}

static int64_t draw_time(history *h)
{
    int64_t time = h->clock - (int64_t)sf_random_below(&h->random, 90);

    return time < 0 ? 0 : time;
}

static void check_observed(const history *h)
{
    check(h, sf_store_observed_time(lone_store_of(&h->lone)) == h->observed,
          "the observed time differs");
}

static void put(history *h)
{
    version v = {.is_null = sf_random_below(&h->random, 3) == 0};
    int64_t expected = SF_VERSION_NOT_PUT;
    int64_t valid_to;

    if (sf_random_below(&h->random, 3) == 0)
        h->clock += (int64_t)sf_random_below(&h->random, 12);
    draw_key(h, v.key);
    v.from_ms = draw_time(h);
    if (sf_random_below(&h->random, 8) > 0)
        (void)snprintf(v.value, sizeof(v.value), "%u", (unsigned)sf_random_next(&h->random));
    assert_ok(sf_versioned_store_put(h->store, sf_bytes_text(v.key),
                                     v.is_null ? SF_NULL : sf_bytes_text(v.value), v.from_ms,
                                     &valid_to, err));
    if (v.from_ms >= h->observed - HISTORY_MS) {
        expected = versions_next(&h->now, v.key, v.from_ms);
        versions_put(&h->now, &v);
        if (v.from_ms > h->observed)
            h->observed = v.from_ms;
    }
    check(h, valid_to == expected, "what a put says of its end is wrong");
    check_observed(h);
}

static void check_stored(const history *h, const version *expected, const sf_stored *stored)
{
    if (!expected || expected->is_null) {
        check(h, !stored->value.data, "a value that should not be there");
        return;
    }
    check(h, sf_bytes_equal(stored->value, sf_bytes_text(expected->value)), "the value differs");
    check(h, stored->timestamp == expected->from_ms, "the timestamp differs");
}

/* What a look-up at that time finds. */
static const version *expect_at(const versions *list, const char *key, int64_t time,
                                int64_t observed)
{
    const version *at = versions_at(list, key, time);
    bool is_newest = at && versions_next(list, key, at->from_ms) == SF_VERSION_NOW;

    return is_newest || time >= observed - HISTORY_MS ? at : NULL;
}

static void get(history *h)
{
    char key[8];
    int64_t time = draw_time(h) + (int64_t)sf_random_below(&h->random, 20) - 5;
    sf_stored stored;

    draw_key(h, key);
    assert_ok(sf_versioned_store_get(h->store, sf_bytes_text(key), &stored, err));
    check_stored(h, versions_at(&h->now, key, INT64_MAX), &stored);
    assert_ok(sf_versioned_store_get_as_of(h->store, sf_bytes_text(key), time, &stored, err));
    check_stored(h, expect_at(&h->now, key, time, h->observed), &stored);
}

static void delete (history *h)
{
    version v = {.is_null = true};
    sf_stored stored;

    draw_key(h, v.key);
    v.from_ms = draw_time(h);
    assert_ok(sf_versioned_store_delete(h->store, sf_bytes_text(v.key), v.from_ms, &stored, err));
    if (v.from_ms < h->observed - HISTORY_MS) {
        check(h, !stored.value.data, "an expired delete finds a value");
        return;
    }
    check_stored(h, versions_at(&h->now, v.key, v.from_ms), &stored);
    versions_put(&h->now, &v);
    if (v.from_ms > h->observed)
        h->observed = v.from_ms;
}

static int by_begin(const void *left, const void *right)
{
    const version *a = left;
    const version *b = right;

    return (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

/* Those of the key valid within the times, oldest first. */
static versions expect_versions(const versions *list, const char *key, int64_t from_ms,
                                int64_t to_ms, int64_t observed)
{
    versions expected = {0};
    int64_t first = from_ms > observed - HISTORY_MS ? from_ms : observed - HISTORY_MS;

    for (size_t i = 0; i < list->count; i++) {
        const version *v = &list->items[i];
        int64_t end = versions_next(list, v->key, v->from_ms);
        bool is_seen = end == SF_VERSION_NOW ? from_ms <= to_ms : end > first && first <= to_ms;

        if (!strcmp(v->key, key) && !v->is_null && v->from_ms <= to_ms && is_seen)
            versions_put(&expected, v);
    }
    if (expected.count > 0)
        qsort(expected.items, expected.count, sizeof(version), by_begin);
    return expected;
}

static void check_versions(history *h, const versions *from, sf_versioned_iterator *iterator,
                           versions *expected, bool oldest_first)
{
    sf_status status = SF_OK;
    sf_stored stored;
    int64_t valid_to;
    size_t at = 0;

    for (; sf_versioned_iterator_next(iterator, &stored, &valid_to, &status, NULL); at++) {
        const version *v;

        check(h, at < expected->count, "too many versions");
        v = &expected->items[oldest_first ? at : expected->count - 1 - at];
        check_stored(h, v, &stored);
        check(h, valid_to == versions_next(from, v->key, v->from_ms), "its end differs");
    }
    check(h, !status && at == expected->count, "too few versions");
    sf_versioned_iterator_free(iterator);
    versions_done(expected);
}

static void read_versions(history *h)
{
    char key[8];
    int64_t from_ms = draw_time(h) - 5;
    int64_t to_ms = from_ms + (int64_t)sf_random_below(&h->random, 100) - 2;
    bool oldest_first = sf_random_below(&h->random, 2);
    sf_versioned_iterator *iterator;
    versions before = {0};
    versions expected;

    draw_key(h, key);
    versions_replace(&before, &h->now);
    expected = expect_versions(&h->now, key, from_ms, to_ms, h->observed);
    assert_ok(sf_versioned_store_versions(h->store, sf_bytes_text(key), from_ms, to_ms,
                                          oldest_first, &iterator, err));
    for (size_t puts = sf_random_below(&h->random, 5); puts > 0; puts--)
        put(h);
    check_versions(h, &before, iterator, &expected, oldest_first);
    versions_done(&before);
}

static void mark(history *h)
{
    sf_task_stores_mark(h->lone.stores);
    versions_replace(&h->marked, &h->now);
    h->observed_marked = h->observed;
}

static void undo(history *h)
{
    sf_task_stores_undo(h->lone.stores);
    versions_replace(&h->now, &h->marked);
    h->observed = h->observed_marked;
}

static void commit(history *h)
{
    lone_store_commit(&h->lone);
    versions_replace(&h->committed, &h->now);
    h->observed_committed = h->observed;
    mark(h);
}

static void go_back(history *h)
{
    versions_replace(&h->now, &h->committed);
    h->observed = h->observed_committed;
    check_observed(h);
    mark(h);
}

/* Readers of committed state see what was committed, and its own history. */
static void read_committed(history *h)
{
    char key[8];
    int64_t time = draw_time(h);
    bool oldest_first = sf_random_below(&h->random, 2);
    size_t count;
    sf_published **published;
    sf_versioned_iterator *iterator;
    sf_stored stored;
    sf_state_pin pin;
    versions expected;

    draw_key(h, key);
    sf_task_stores_publish(h->lone.stores);
    published = sf_registry_acquire(h->lone.state, "versions", &count);
    assert_int_equal(count, 1);
    assert_ok(sf_published_get(published[0], sf_bytes_text(key), &stored, &pin, err));
    check_stored(h, versions_at(&h->committed, key, INT64_MAX), &stored);
    sf_state_pin_release(&pin);
    assert_ok(sf_published_get_as_of(published[0], sf_bytes_text(key), time, &stored, &pin, err));
    check_stored(h, expect_at(&h->committed, key, time, h->observed_committed), &stored);
    sf_state_pin_release(&pin);
    expected = expect_versions(&h->committed, key, 0, INT64_MAX, h->observed_committed);
    assert_ok(sf_published_versions(published[0], sf_bytes_text(key), 0, INT64_MAX, oldest_first,
                                    &iterator, err));
    check_versions(h, &h->committed, iterator, &expected, oldest_first);
    sf_registry_release(published, count);
    sf_task_stores_unpublish(h->lone.stores);
}

/* The disk is gone: all comes from the changelog, in slices. */
static void restore(history *h)
{
    size_t count = h->changelog.size / sizeof(logged);
    logged *changes = (logged *)(void *)h->changelog.data;
    size_t at = 0;

    sf_task_stores_abort(h->lone.stores);
    assert_ok(sf_task_stores_clear(h->lone.stores, 0, h->lone.commit, err));
    lone_store_write(&h->lone);
    while (at < count) {
        sf_consumed_record slice[7] = {0};
        size_t size = 0;

        for (; size < SF_ARRAY_LENGTH(slice) && at < count; size++, at++)
            slice[size].record = (sf_record){
                .key = sf_bytes_text(changes[at].key),
                .value = changes[at].value_size == SIZE_MAX
                             ? SF_NULL
                             : sf_bytes_of(changes[at].value, changes[at].value_size),
                .timestamp = changes[at].timestamp,
            };
        assert_ok(sf_task_stores_restore(h->lone.stores, 0, slice, size, h->lone.commit, err));
        lone_store_write(&h->lone);
    }
    go_back(h);
}

static void crash(history *h)
{
    if (!lone_store_is_on_disk(&h->lone))
        return;
    lone_store_close(&h->lone);
    open_state(h);
    go_back(h);
}

static void operate(history *h)
{
    uint64_t dice = sf_random_below(&h->random, 1000);

    if (dice < 500)
        put(h);
    else if (dice < 540)
        delete (h);
    else if (dice < 680)
        get(h);
    else if (dice < 800)
        read_versions(h);
    else if (dice < 880)
        mark(h);
    else if (dice < 930)
        undo(h);
    else if (dice < 960)
        commit(h);
    else if (dice < 985)
        read_committed(h);
    else if (dice < 991) {
        sf_task_stores_abort(h->lone.stores);
        go_back(h);
    } else if (dice < 995)
        restore(h);
    else
        crash(h);
}

static void run_history(bool on_disk, bool in_memory, int operations)
{
    history h = {
        .lone.options = {.name = "versions",
                         .kind = SF_VERSIONED_STORE,
                         .in_memory = in_memory,
                         .history_ms = HISTORY_MS},
        .lone.directory = on_disk ? sf_test_directory_make() : NULL,
        .seed = sf_test_seed(),
        .observed = -1,
        .observed_committed = -1,
    };

    sf_random_init(&h.random, h.seed);
    open_state(&h);
    mark(&h);
    for (int i = 0; i < operations; i++)
        operate(&h);
    lone_store_close(&h.lone);
    if (h.lone.directory)
        sf_test_directory_remove(h.lone.directory);
    versions_done(&h.now);
    versions_done(&h.marked);
    versions_done(&h.committed);
    sf_buffer_done(&h.changelog);
}

static void versions_behave_like_a_list(void **state)
{
    int short_histories = sf_test_rounds(300, 3000);

    (void)state;
    for (int i = 0; i < short_histories; i++)
        run_history(false, i % 2, 60);
    run_history(false, false, sf_test_rounds(3000, 8000));
    run_history(false, true, sf_test_rounds(3000, 8000));
    run_history(true, false, sf_test_rounds(3000, 8000));
}

/* ---- single behaviours ---- */

static void open_alone(history *h, int64_t history_ms)
{
    *h =
        (history){.lone.options = {.name = "versions", .kind = SF_VERSIONED_STORE}, .observed = -1};
    h->lone.options.history_ms = history_ms;
    open_state(h);
}

static void close_alone(history *h)
{
    lone_store_close(&h->lone);
    sf_buffer_done(&h->changelog);
}

static int64_t put_text(history *h, const char *value, int64_t timestamp)
{
    int64_t valid_to = 0;

    assert_ok(sf_versioned_store_put(h->store, sf_bytes_text("k"), sf_bytes_text(value), timestamp,
                                     &valid_to, err));
    return valid_to;
}

static void the_newest_version_is_there_however_old(void **state)
{
    history h;
    sf_stored stored;

    (void)state;
    open_alone(&h, 10);
    put_text(&h, "old", 5);
    assert_ok(sf_versioned_store_put(h.store, sf_bytes_text("other"), sf_bytes_text("new"), 1000,
                                     NULL, err));

    assert_ok(sf_versioned_store_get(h.store, sf_bytes_text("k"), &stored, err));
    assert_bytes(stored.value, "old");
    assert_ok(sf_versioned_store_get_as_of(h.store, sf_bytes_text("k"), 7, &stored, err));
    assert_bytes(stored.value, "old");
    assert_ok(sf_versioned_store_get_as_of(h.store, sf_bytes_text("k"), 4, &stored, err));
    assert_null(stored.value.data);
    assert_true(put_text(&h, "late", 989) == SF_VERSION_NOT_PUT);
    assert_true(put_text(&h, "just", 990) == SF_VERSION_NOW);
    close_alone(&h);
}

static void a_null_after_a_gap_is_known_to_what_is_put_before_it(void **state)
{
    history h;

    (void)state;
    open_alone(&h, 100);
    put_text(&h, "v", 10);
    put_text(&h, NULL, 10);

    assert_int_equal(put_text(&h, "before", 5), 10);
    close_alone(&h);
}

static void a_version_is_logged_once_a_commit_with_its_own_time(void **state)
{
    history h;
    const logged *changes;

    (void)state;
    open_alone(&h, 100);
    put_text(&h, "first", 10);
    put_text(&h, "again", 10);
    put_text(&h, NULL, 20);
    put_text(&h, "older", 5);

    assert_ok(sf_task_stores_flush(h.lone.stores, h.lone.commit, err));

    changes = (const logged *)(const void *)h.changelog.data;
    assert_int_equal(h.changelog.size, 3 * sizeof(logged));
    assert_int_equal(changes[0].timestamp, 5);
    assert_int_equal(changes[1].timestamp, 10);
    assert_memory_equal(changes[1].value + 8, "again", 5);
    assert_int_equal(changes[2].timestamp, 20);
    assert_true(changes[2].value_size == SIZE_MAX);
    close_alone(&h);
}

static void without_a_history_only_the_newest_version_is_kept(void **state)
{
    history h;
    sf_stored stored;

    (void)state;
    open_alone(&h, 0);
    put_text(&h, "a", 1);
    put_text(&h, "b", 2);

    assert_true(put_text(&h, "late", 1) == SF_VERSION_NOT_PUT);
    assert_ok(sf_versioned_store_get_as_of(h.store, sf_bytes_text("k"), 1, &stored, err));
    assert_null(stored.value.data);
    assert_ok(sf_versioned_store_get(h.store, sf_bytes_text("k"), &stored, err));
    assert_bytes(stored.value, "b");
    close_alone(&h);
}

static void a_version_without_key_or_before_1970_is_rejected(void **state)
{
    history h;
    sf_error why = {0};

    (void)state;
    open_alone(&h, 100);
    assert_int_equal(
        sf_versioned_store_put(h.store, sf_bytes_text("k"), sf_bytes_text("v"), -1, NULL, &why),
        SF_REJECT);
    assert_int_equal(sf_versioned_store_put(h.store, SF_NULL, sf_bytes_text("v"), 1, NULL, &why),
                     SF_REJECT);
    close_alone(&h);
}

static void a_changelog_that_makes_no_sense_is_corrupt(void **state)
{
    history h;
    sf_error why = {0};
    sf_consumed_record records[] = {
        {.record = {.key = sf_bytes_text("k"), .value = sf_bytes_text("short")}, .offset = 3},
    };

    (void)state;
    open_alone(&h, 100);
    assert_int_not_equal(sf_task_stores_restore(h.lone.stores, 0, records, 1, h.lone.commit, &why),
                         SF_OK);
    assert_int_equal(why.code, SF_CORRUPT);
    close_alone(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_behave_like_a_list),
        cmocka_unit_test(the_newest_version_is_there_however_old),
        cmocka_unit_test(a_null_after_a_gap_is_known_to_what_is_put_before_it),
        cmocka_unit_test(a_version_is_logged_once_a_commit_with_its_own_time),
        cmocka_unit_test(without_a_history_only_the_newest_version_is_kept),
        cmocka_unit_test(a_version_without_key_or_before_1970_is_rejected),
        cmocka_unit_test(a_changelog_that_makes_no_sense_is_corrupt),
    };

    return run_tests(tests);
}
