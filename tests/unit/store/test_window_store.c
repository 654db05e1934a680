/* test_window_store.c - windows against a plain list: the layouts, duplicates, late records, expiry,
 * changelog. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "base/random.h"
#include "store/registry.h"
#include "store/window_key.h"
#include "support/lone_store.h"
#include "support/state_directory_fixture.h"

#define SIZE_MS 10000
#define RETENTION_MS 200000
#define SEGMENT_MS (RETENTION_MS / 2)

/* ---- the model: every window ever put ---- */

typedef struct row {
    char key[8];
    int64_t start_ms;
    uint32_t sequence; /* among duplicates */
    int64_t timestamp;
    char value[24]; /* empty: deleted */
} row;

typedef struct rows {
    row *items;
    size_t count;
} rows;

static void rows_done(rows *list)
{
    free(list->items);
    *list = (rows){0};
}

static rows rows_copy(const rows *list)
{
    rows copy = {sf_alloc((list->count + 1) * sizeof(row)), list->count};

    if (list->count > 0)
        memcpy(copy.items, list->items, list->count * sizeof(row));
    return copy;
}

static void rows_replace(rows *list, const rows *with)
{
    rows copy = rows_copy(with);

    rows_done(list);
    *list = copy;
}

static row *rows_find_duplicate(const rows *list, const row *wanted)
{
    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->items[i].key, wanted->key) &&
            list->items[i].start_ms == wanted->start_ms &&
            list->items[i].sequence == wanted->sequence)
            return &list->items[i];
    return NULL;
}

static row *rows_find(const rows *list, const char *key, int64_t start_ms)
{
    row wanted = {.start_ms = start_ms};

    (void)snprintf(wanted.key, sizeof(wanted.key), "%s", key);
    return rows_find_duplicate(list, &wanted);
}

static void rows_put(rows *list, row added)
{
    row *known = rows_find_duplicate(list, &added);

    if (known) {
        *known = added;
        return;
    }
    list->items = sf_realloc_array(list->items, list->count + 1, sizeof(row));
    list->items[list->count++] = added;
}

static int by_start_then_key(const void *left, const void *right)
{
    const row *a = left;
    const row *b = right;
    int order = strcmp(a->key, b->key);

    if (a->start_ms != b->start_ms)
        return a->start_ms < b->start_ms ? -1 : 1;
    return order ? order : (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

/* Those that a fetch has to show, of those that begin at first_ms or later; key NULL: all keys. */
static rows rows_select(const rows *list, const char *key, int64_t from_ms, int64_t to_ms,
                        int64_t first_ms)
{
    rows selected = {0};

    for (size_t i = 0; i < list->count; i++) {
        const row *r = &list->items[i];

        if (r->value[0] && (!key || !strcmp(r->key, key)) && r->start_ms >= from_ms &&
            r->start_ms <= to_ms && r->start_ms >= first_ms)
            rows_put(&selected, *r);
    }
    if (selected.count > 0)
        qsort(selected.items, selected.count, sizeof(row), by_start_then_key);
    return selected;
}

/* ---- the history ---- */

typedef struct history {
    lone_store lone;
    sf_window_store *store;
    sf_random random;
    uint64_t seed;
    int64_t clock;
    rows now;
    rows marked;
    rows committed;
    rows logged;
    int64_t observed;
    int64_t observed_marked;
    int64_t observed_committed;
} history;

static void check(const history *h, bool holds, const char *what)
{
    if (!holds)
        fail_msg("%s, seed %llu (TEST_SEED)", what, (unsigned long long)h->seed);
}

/* The first start that reads show. */
static int64_t first_shown(const history *h, int64_t observed)
{
    bool has_order = h->lone.options.by_time || h->lone.options.time_index;

    return observed - RETENTION_MS + (has_order && !h->lone.options.in_memory ? 0 : 1);
}

static bool is_shown(const history *h, int64_t start_ms)
{
    return start_ms >= first_shown(h, h->observed);
}

/* What a put is told: on disk whole segments go. */
static bool is_expired(const history *h, int64_t start_ms)
{
    int64_t oldest = h->observed - RETENTION_MS;

    if (h->lone.options.in_memory)
        return start_ms <= oldest;
    return oldest > 0 && start_ms / SEGMENT_MS < oldest / SEGMENT_MS;
}

static sf_status log_change(void *user, size_t store, sf_bytes key, sf_bytes value,
                            int64_t timestamp, sf_error *err)
{
    history *h = user;
    sf_window_key window;
    row logged = {.timestamp = timestamp};

    (void)store;
    (void)err;
    check(h, sf_window_key_decode_logged(key, &window), "a changelog key is too short");
    memcpy(logged.key, window.key.data, window.key.size);
    logged.start_ms = window.start_ms;
    logged.sequence = window.sequence;
    if (value.data)
        memcpy(logged.value, value.data + 8, value.size - 8);
    rows_put(&h->logged, logged);
    return SF_OK;
}

static sf_store_options usual_options(void)
{
    return (sf_store_options){
        .name = "windows",
        .kind = SF_WINDOW_STORE,
        .window_size_ms = SIZE_MS,
        .retention_ms = RETENTION_MS,
    };
}

static void open_state(history *h)
{
    h->lone.changed = log_change;
    h->lone.user = h;
    h->lone.cache_bytes = 2000;
    lone_store_open(&h->lone);
    h->store = sf_store_as_window(lone_store_of(&h->lone));
}

static void random_window(history *h, row *r)
{
    static const char *keys[] = {"a", "a\x01", "ab", "b", "\xff"};

    (void)snprintf(r->key, sizeof(r->key), "%s",
                   keys[sf_random_below(&h->random, SF_ARRAY_LENGTH(keys))]);
    r->timestamp = h->clock - (int64_t)sf_random_below(&h->random, 500000);
    if (r->timestamp < 0)
        r->timestamp = 0;
    r->start_ms = r->timestamp - r->timestamp % SIZE_MS;
}

static void observe(history *h, int64_t start_ms)
{
    if (start_ms > h->observed)
        h->observed = start_ms;
    check(h, sf_store_observed_time(lone_store_of(&h->lone)) == h->observed,
          "the observed time differs");
}

static void put(history *h)
{
    row r = {0};
    bool has_duplicates = h->lone.options.retain_duplicates;
    bool expired;

    if (sf_random_below(&h->random, 3) == 0)
        h->clock += (int64_t)sf_random_below(&h->random, 30000);
    random_window(h, &r);
    if (sf_random_below(&h->random, 5) > 0)
        (void)snprintf(r.value, sizeof(r.value), "%u", (unsigned)sf_random_next(&h->random));
    assert_ok(sf_window_store_put(h->store, sf_bytes_text(r.key), r.start_ms,
                                  r.value[0] ? sf_bytes_text(r.value) : SF_NULL, r.timestamp,
                                  &expired, err));
    if (has_duplicates && !r.value[0]) {
        check(h, !expired, "a duplicate that is null has expired");
        return;
    }
    observe(h, r.start_ms);
    check(h, expired == is_expired(h, r.start_ms), "expired is not what it should be");
    while (has_duplicates && rows_find_duplicate(&h->now, &r))
        r.sequence++;
    if (is_shown(h, r.start_ms))
        rows_put(&h->now, r);
}

static void get(history *h)
{
    row r = {0};
    const row *expected;
    sf_stored stored = {0};

    random_window(h, &r);
    assert_ok(sf_window_store_get(h->store, sf_bytes_text(r.key), r.start_ms, &stored, err));
    expected = rows_find(&h->now, r.key, r.start_ms);
    if (expected && (!expected->value[0] || !is_shown(h, r.start_ms)))
        expected = NULL;
    check(h, sf_bytes_equal(stored.value, expected ? sf_bytes_text(expected->value) : SF_NULL),
          "get differs");
    check(h, !expected || stored.timestamp == expected->timestamp, "get's timestamp differs");
}

static void check_rows(history *h, sf_window_iterator *iterator, rows *expected, bool backwards)
{
    sf_status status = SF_OK;
    sf_bytes key;
    int64_t start_ms;
    sf_stored stored;
    size_t at = 0;

    for (; sf_window_iterator_next(iterator, &key, &start_ms, &stored, &status, NULL); at++) {
        const row *r = &expected->items[backwards ? expected->count - 1 - at : at];

        check(h, at < expected->count, "a fetch shows too much");
        check(h, sf_bytes_equal(key, sf_bytes_text(r->key)), "its key differs");
        check(h, start_ms == r->start_ms, "its start differs");
        check(h, sf_bytes_equal(stored.value, sf_bytes_text(r->value)), "its value differs");
        check(h, stored.timestamp == r->timestamp, "its timestamp differs");
    }
    check(h, !status && at == expected->count, "a fetch shows too little");
    sf_window_iterator_free(iterator);
    rows_done(expected);
}

static void fetch(history *h)
{
    row r = {0};
    int64_t from_ms;
    int64_t to_ms;
    uint64_t kind = sf_random_below(&h->random, 3);
    sf_window_iterator *iterator;
    rows expected;

    random_window(h, &r);
    from_ms = r.start_ms - (int64_t)sf_random_below(&h->random, 20000);
    to_ms = from_ms + (int64_t)sf_random_below(&h->random, 300000);
    expected =
        rows_select(&h->now, kind ? r.key : NULL, from_ms, to_ms, first_shown(h, h->observed));
    if (kind == 0)
        assert_ok(sf_window_store_fetch_all(h->store, from_ms, to_ms, &iterator, err));
    else if (kind == 1)
        assert_ok(
            sf_window_store_fetch(h->store, sf_bytes_text(r.key), from_ms, to_ms, &iterator, err));
    else
        assert_ok(sf_window_store_fetch_backwards(h->store, sf_bytes_text(r.key), from_ms, to_ms,
                                                  &iterator, err));
    for (size_t puts = sf_random_below(&h->random, 5); puts > 0; puts--)
        put(h);
    check_rows(h, iterator, &expected, kind == 2);
}

static void mark(history *h)
{
    sf_task_stores_mark(h->lone.stores);
    rows_replace(&h->marked, &h->now);
    h->observed_marked = h->observed;
}

static void undo(history *h)
{
    sf_task_stores_undo(h->lone.stores);
    rows_replace(&h->now, &h->marked);
    h->observed = h->observed_marked;
}

/* Readers of committed state see what was committed, and its own expiry. */
static void read_committed(history *h)
{
    size_t count;
    sf_published **published;
    sf_window_iterator *iterator;
    rows expected =
        rows_select(&h->committed, NULL, 0, INT64_MAX, first_shown(h, h->observed_committed));

    sf_task_stores_publish(h->lone.stores);
    published = sf_registry_acquire(h->lone.state, "windows", &count);
    assert_int_equal(count, 1);
    assert_ok(sf_published_fetch_all(published[0], 0, INT64_MAX, &iterator, err));
    check_rows(h, iterator, &expected, false);
    sf_registry_release(published, count);
    sf_task_stores_unpublish(h->lone.stores);
}

static void commit(history *h)
{
    lone_store_commit(&h->lone);
    rows_replace(&h->committed, &h->now);
    h->observed_committed = h->observed;
    for (size_t i = 0; i < h->now.count; i++) {
        const row *logged = rows_find_duplicate(&h->logged, &h->now.items[i]);

        check(h, logged && !strcmp(logged->value, h->now.items[i].value), "the changelog differs");
    }
    mark(h);
}

static void go_back(history *h)
{
    rows_replace(&h->now, &h->committed);
    h->observed = h->observed_committed;
    mark(h);
}

/* The disk is gone: a new one is made from the changelog. */
static void restore(history *h)
{
    sf_consumed_record *records = sf_zalloc((h->logged.count + 1) * sizeof(*records));
    sf_buffer *bytes = sf_zalloc((2 * h->logged.count + 1) * sizeof(*bytes));

    for (size_t i = 0; i < h->logged.count; i++) {
        const row *r = &h->logged.items[i];

        sf_window_key_encode_logged(
            &(sf_window_key){sf_bytes_text(r->key), r->start_ms, r->sequence}, &bytes[2 * i]);
        sf_put_be64(sf_buffer_extend(&bytes[2 * i + 1], 8), (uint64_t)r->timestamp);
        sf_buffer_add_text(&bytes[2 * i + 1], r->value);
        records[i].record = (sf_record){
            .key = sf_buffer_bytes(&bytes[2 * i]),
            .value = r->value[0] ? sf_buffer_bytes(&bytes[2 * i + 1]) : SF_NULL,
        };
    }
    sf_state_commit_clear(h->lone.commit);
    assert_ok(sf_task_stores_clear(h->lone.stores, 0, h->lone.commit, err));
    lone_store_write(&h->lone);
    assert_ok(
        sf_task_stores_restore(h->lone.stores, 0, records, h->logged.count, h->lone.commit, err));
    lone_store_write(&h->lone);
    for (size_t i = 0; i < 2 * h->logged.count; i++)
        sf_buffer_done(&bytes[i]);
    free(bytes);
    free(records);
}

static void operate(history *h)
{
    uint64_t dice = sf_random_below(&h->random, 1000);

    if (dice < 600)
        put(h);
    else if (dice < 700)
        get(h);
    else if (dice < 800)
        fetch(h);
    else if (dice < 880)
        mark(h);
    else if (dice < 940)
        undo(h);
    else if (dice < 970)
        commit(h);
    else if (dice < 990)
        read_committed(h);
    else if (dice < 996) {
        sf_task_stores_abort(h->lone.stores);
        go_back(h);
    } else if (dice < 998) {
        restore(h);
        sf_store_set_observed_time(lone_store_of(&h->lone), h->observed_committed);
        go_back(h);
    } else if (lone_store_is_on_disk(&h->lone)) {
        lone_store_close(&h->lone);
        open_state(h);
        sf_store_set_observed_time(lone_store_of(&h->lone), h->observed_committed);
        go_back(h);
    }
}

static void run_history(const sf_store_options *options, bool on_disk, int operations)
{
    history h = {
        .lone.options = *options,
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
    rows_done(&h.now);
    rows_done(&h.marked);
    rows_done(&h.committed);
    rows_done(&h.logged);
}

static void run_histories(const sf_store_options *options)
{
    sf_store_options in_memory = *options;

    in_memory.in_memory = true;
    run_history(options, false, sf_test_rounds(2000, 10000));
    run_history(&in_memory, false, sf_test_rounds(2000, 10000));
    run_history(options, true, sf_test_rounds(2000, 10000));
}

static void windows_kept_by_key_behave_like_a_list(void **state)
{
    sf_store_options options = usual_options();

    (void)state;
    run_histories(&options);
}

static void windows_kept_by_time_behave_like_a_list(void **state)
{
    sf_store_options options = usual_options();

    (void)state;
    options.by_time = true;
    run_histories(&options);
}

static void windows_with_an_index_by_time_behave_like_a_list(void **state)
{
    sf_store_options options = usual_options();

    (void)state;
    options.time_index = true;
    run_histories(&options);
}

static void duplicates_behave_like_a_list(void **state)
{
    sf_store_options options = usual_options();

    (void)state;
    options.retain_duplicates = true;
    run_histories(&options);
    options.time_index = true;
    run_histories(&options);
    options.time_index = false;
    options.by_time = true;
    run_histories(&options);
}

/* ---- single behaviours ---- */

static void restored_windows_are_read_and_the_expired_left_out(void **state)
{
    history h = {.observed = -1, .lone.options = usual_options()};
    sf_buffer early = SF_BUFFER_EMPTY;
    sf_buffer late = SF_BUFFER_EMPTY;
    uint8_t early_value[9] = {[8] = 'e'};
    uint8_t late_value[9] = {[8] = 'l'};
    sf_stored stored;

    (void)state;
    open_state(&h);
    sf_window_key_encode_logged(&(sf_window_key){sf_bytes_text("k"), 10000, 0}, &early);
    sf_window_key_encode_logged(&(sf_window_key){sf_bytes_text("k"), 500000, 0}, &late);
    sf_put_be64(early_value, 10005);
    sf_put_be64(late_value, 500005);
    assert_ok(sf_task_stores_restore(
        h.lone.stores, 0,
        (sf_consumed_record[]){
            {.record = {.key = sf_buffer_bytes(&late), .value = sf_bytes_of(late_value, 9)}},
            {.record = {.key = sf_buffer_bytes(&early), .value = sf_bytes_of(early_value, 9)}},
        },
        2, h.lone.commit, err));
    lone_store_write(&h.lone);

    assert_int_equal(sf_store_observed_time(lone_store_of(&h.lone)), 500000);
    assert_ok(sf_window_store_get(h.store, sf_bytes_text("k"), 500000, &stored, err));
    assert_bytes(stored.value, "l");
    assert_ok(sf_window_store_get(h.store, sf_bytes_text("k"), 10000, &stored, err));
    assert_null(stored.value.data);
    lone_store_close(&h.lone);
    sf_buffer_done(&early);
    sf_buffer_done(&late);
}

static void a_window_store_without_retention_keeps_all(void **state)
{
    history h = {.observed = -1};
    sf_store_options options = {.name = "all", .kind = SF_WINDOW_STORE, .window_size_ms = 10};
    sf_stored stored;
    bool expired = true;

    (void)state;
    assert_ok(sf_state_open(&(sf_state_options){.application_id = "test"}, &h.lone.state, err));
    assert_ok(sf_task_stores_open(h.lone.state, 0, &options, 1, NULL, NULL, &h.lone.stores, err));
    h.store = sf_store_as_window(lone_store_of(&h.lone));
    assert_ok(sf_window_store_put(h.store, sf_bytes_text("k"), INT64_MAX - 10, sf_bytes_text("x"),
                                  INT64_MAX, NULL, err));

    assert_ok(
        sf_window_store_put(h.store, sf_bytes_text("k"), 0, sf_bytes_text("y"), 3, &expired, err));

    assert_false(expired);
    assert_ok(sf_window_store_get(h.store, sf_bytes_text("k"), 0, &stored, err));
    assert_bytes(stored.value, "y");
    sf_task_stores_close(h.lone.stores);
    sf_state_close(h.lone.state);
}

static void a_window_before_1970_is_rejected(void **state)
{
    history h = {.observed = -1, .lone.options = usual_options()};
    sf_error why = {0};

    (void)state;
    open_state(&h);
    assert_int_equal(
        sf_window_store_put(h.store, sf_bytes_text("k"), -10, sf_bytes_text("x"), 0, NULL, &why),
        SF_REJECT);
    assert_int_equal(sf_window_store_put(h.store, SF_NULL, 0, sf_bytes_text("x"), 0, NULL, &why),
                     SF_REJECT);
    lone_store_close(&h.lone);
}

static void window_keys_are_those_of_kafka_streams_in_the_changelog(void **state)
{
    static const uint8_t expected[] = {'k', 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 7};
    sf_buffer encoded = SF_BUFFER_EMPTY;
    sf_window_key window;

    (void)state;
    sf_window_key_encode_logged(&(sf_window_key){sf_bytes_text("k"), 258, 7}, &encoded);

    assert_int_equal(encoded.size, sizeof(expected));
    assert_memory_equal(encoded.data, expected, sizeof(expected));
    assert_true(sf_window_key_decode_logged(sf_buffer_bytes(&encoded), &window));
    assert_bytes(window.key, "k");
    assert_int_equal(window.start_ms, 258);
    assert_int_equal(window.sequence, 7);
    assert_false(sf_window_key_decode_logged(sf_bytes_of(encoded.data, 11), &window));
    assert_false(sf_window_key_decode((sf_window_layout){.by_time = true},
                                      sf_bytes_of(encoded.data, 7), &window));
    sf_buffer_done(&encoded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_kept_by_key_behave_like_a_list),
        cmocka_unit_test(windows_kept_by_time_behave_like_a_list),
        cmocka_unit_test(windows_with_an_index_by_time_behave_like_a_list),
        cmocka_unit_test(duplicates_behave_like_a_list),
        cmocka_unit_test(restored_windows_are_read_and_the_expired_left_out),
        cmocka_unit_test(a_window_store_without_retention_keeps_all),
        cmocka_unit_test(a_window_before_1970_is_rejected),
        cmocka_unit_test(window_keys_are_those_of_kafka_streams_in_the_changelog),
    };

    return run_tests(tests);
}
