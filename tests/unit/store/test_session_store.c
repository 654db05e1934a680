/* test_session_store.c - sessions against a plain list, with and without an index by end. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/encoding.h"
#include "base/memory.h"
#include "base/random.h"
#include "store/registry.h"
#include "store/session_key.h"
#include "support/lone_store.h"
#include "support/state_directory_fixture.h"

#define RETENTION_MS 200000
#define SEGMENT_MS (RETENTION_MS / 2)

/* ---- the model: every session ever put ---- */

typedef struct row {
    char key[8];
    int64_t start_ms;
    int64_t end_ms;
    char value[24]; /* empty: removed */
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

static void rows_replace(rows *list, const rows *with)
{
    row *items = sf_alloc((with->count + 1) * sizeof(*items));

    if (with->count > 0)
        memcpy(items, with->items, with->count * sizeof(*items));
    free(list->items);
    *list = (rows){items, with->count};
}

static row *rows_find(const rows *list, const row *wanted)
{
    for (size_t i = 0; i < list->count; i++) {
        row *r = &list->items[i];

        if (!strcmp(r->key, wanted->key) && r->start_ms == wanted->start_ms &&
            r->end_ms == wanted->end_ms)
            return r;
    }
    return NULL;
}

static void rows_put(rows *list, const row *added)
{
    row *known = rows_find(list, added);

    if (known) {
        *known = *added;
        return;
    }
    list->items = sf_realloc_array(list->items, list->count + 1, sizeof(row));
    list->items[list->count++] = *added;
}

static int by_end_start_key(const void *left, const void *right)
{
    const row *a = left;
    const row *b = right;

    if (a->end_ms != b->end_ms)
        return a->end_ms < b->end_ms ? -1 : 1;
    if (a->start_ms != b->start_ms)
        return a->start_ms < b->start_ms ? -1 : 1;
    return strcmp(a->key, b->key);
}

/* What a find has to show. */
typedef struct wanted {
    const char *key; /* NULL: all */
    int64_t first_end_ms;
    int64_t last_end_ms;
    int64_t latest_start_ms;
} wanted;

static rows rows_select(const rows *list, const wanted *w)
{
    rows selected = {0};

    for (size_t i = 0; i < list->count; i++) {
        const row *r = &list->items[i];

        if (r->value[0] && (!w->key || !strcmp(w->key, r->key)) && r->end_ms >= w->first_end_ms &&
            r->end_ms <= w->last_end_ms && r->start_ms <= w->latest_start_ms)
            rows_put(&selected, r);
    }
    if (selected.count > 0)
        qsort(selected.items, selected.count, sizeof(row), by_end_start_key);
    return selected;
}

/* ---- the history ---- */

typedef struct history {
    lone_store lone;
    sf_session_store *store;
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

static int64_t first_shown(int64_t observed)
{
    return observed - RETENTION_MS + 1;
}

/* By end, whole segments are shown on disk. */
static int64_t first_ended(const history *h, int64_t observed)
{
    int64_t oldest = observed - RETENTION_MS;

    if (h->lone.options.in_memory)
        return first_shown(observed);
    return oldest < 0 ? 0 : oldest / SEGMENT_MS * SEGMENT_MS;
}

static sf_status log_change(void *user, size_t store, sf_bytes key, sf_bytes value,
                            int64_t timestamp, sf_error *err)
{
    history *h = user;
    sf_session_key session;
    row logged = {0};

    (void)store;
    (void)err;
    check(h, sf_session_key_decode(key, &session), "a changelog key is too short");
    memcpy(logged.key, session.key.data, session.key.size);
    logged.start_ms = session.start_ms;
    logged.end_ms = session.end_ms;
    check(h, timestamp == session.end_ms, "a session is logged with another time");
    if (value.data)
        memcpy(logged.value, value.data + 8, value.size - 8);
    rows_put(&h->logged, &logged);
    return SF_OK;
}

static void open_state(history *h)
{
    h->lone.changed = log_change;
    h->lone.user = h;
    h->lone.cache_bytes = 2000;
    lone_store_open(&h->lone);
    h->store = sf_store_as_session(lone_store_of(&h->lone));
}

/* A few ends and lengths, so that sessions meet again. */
static void random_session(history *h, row *r)
{
    static const char *keys[] = {"a", "a\x01", "ab", "b", "\xff"};

    (void)snprintf(r->key, sizeof(r->key), "%s",
                   keys[sf_random_below(&h->random, SF_ARRAY_LENGTH(keys))]);
    r->end_ms = h->clock - (int64_t)sf_random_below(&h->random, 50) * 10000;
    if (r->end_ms < 0)
        r->end_ms = 0;
    r->start_ms = r->end_ms - (int64_t)sf_random_below(&h->random, 4) * 20000;
    if (r->start_ms < 0)
        r->start_ms = 0;
}

static sf_session session_of(const row *r)
{
    return (sf_session){sf_bytes_text(r->key), r->start_ms, r->end_ms};
}

static void put(history *h)
{
    row r = {0};
    sf_session session;
    bool expired;
    bool is_expired;

    if (sf_random_below(&h->random, 3) == 0)
        h->clock += (int64_t)sf_random_below(&h->random, 4) * 10000;
    random_session(h, &r);
    session = session_of(&r);
    if (sf_random_below(&h->random, 4) > 0)
        (void)snprintf(r.value, sizeof(r.value), "%u", (unsigned)sf_random_next(&h->random));
    assert_ok(sf_session_store_put(h->store, &session,
                                   r.value[0] ? sf_bytes_text(r.value) : SF_NULL, &expired, err));
    if (r.end_ms > h->observed)
        h->observed = r.end_ms;
    is_expired = r.end_ms < first_ended(h, h->observed);
    check(h, expired == is_expired, "expired is not what it should be");
    if (!is_expired)
        rows_put(&h->now, &r);
    check(h, sf_store_observed_time(lone_store_of(&h->lone)) == h->observed,
          "the observed time differs");
}

static void get(history *h)
{
    row r = {0};
    const row *expected;
    sf_session session;
    sf_stored stored = {0};

    random_session(h, &r);
    session = session_of(&r);
    assert_ok(sf_session_store_get(h->store, &session, &stored, err));
    expected = rows_find(&h->now, &r);
    if (expected && (!expected->value[0] || r.end_ms < first_shown(h->observed)))
        expected = NULL;
    check(h, sf_bytes_equal(stored.value, expected ? sf_bytes_text(expected->value) : SF_NULL),
          "get differs");
    check(h, !expected || stored.timestamp == expected->end_ms, "get's timestamp differs");
}

static void check_rows(history *h, sf_session_iterator *iterator, rows *expected)
{
    sf_status status = SF_OK;
    sf_session session;
    sf_stored stored;
    size_t at = 0;

    for (; sf_session_iterator_next(iterator, &session, &stored, &status, NULL); at++) {
        const row *r = &expected->items[at];

        check(h, at < expected->count, "a find shows too much");
        check(h, sf_bytes_equal(session.key, sf_bytes_text(r->key)), "its key differs");
        check(h, session.start_ms == r->start_ms && session.end_ms == r->end_ms,
              "its times differ");
        check(h, sf_bytes_equal(stored.value, sf_bytes_text(r->value)), "its value differs");
        check(h, stored.timestamp == r->end_ms, "its timestamp differs");
    }
    check(h, !status && at == expected->count, "a find shows too little");
    sf_session_iterator_free(iterator);
    rows_done(expected);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void find(history *h)
{
    row r = {0};
    int64_t earliest;
    int64_t latest;
    sf_session_iterator *iterator;
    rows expected;

    random_session(h, &r);
    earliest = r.start_ms - 10000;
    latest = r.end_ms + 10000;
    expected = rows_select(
        &h->now, &(wanted){r.key, later(earliest, first_shown(h->observed)), INT64_MAX, latest});
    assert_ok(
        sf_session_store_find(h->store, sf_bytes_text(r.key), earliest, latest, &iterator, err));
    for (size_t puts = sf_random_below(&h->random, 5); puts > 0; puts--)
        put(h);
    check_rows(h, iterator, &expected);
}

static void find_ended(history *h)
{
    int64_t from_ms = h->clock - (int64_t)sf_random_below(&h->random, 600000);
    int64_t to_ms = from_ms + (int64_t)sf_random_below(&h->random, 300000) - 1000;
    sf_session_iterator *iterator;
    rows expected = rows_select(
        &h->now, &(wanted){NULL, later(from_ms, first_ended(h, h->observed)), to_ms, INT64_MAX});

    assert_ok(sf_session_store_find_ended(h->store, from_ms, to_ms, &iterator, err));
    for (size_t puts = sf_random_below(&h->random, 5); puts > 0; puts--)
        put(h);
    check_rows(h, iterator, &expected);
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

static void read_committed_session(history *h, sf_published *published)
{
    row r = {0};
    const row *expected;
    sf_session session;
    sf_stored stored;
    sf_state_pin pin;

    random_session(h, &r);
    session = session_of(&r);
    expected = rows_find(&h->committed, &r);
    if (expected && (!expected->value[0] || r.end_ms < first_shown(h->observed_committed)))
        expected = NULL;
    assert_ok(sf_published_get_session(published, &session, &stored, &pin, err));
    check(h, sf_bytes_equal(stored.value, expected ? sf_bytes_text(expected->value) : SF_NULL),
          "a committed get differs");
    sf_state_pin_release(&pin);
}

/* Readers of committed state see what was committed, and its own expiry. */
static void read_committed(history *h)
{
    size_t count;
    sf_published **published;
    sf_session_iterator *iterator;
    rows expected;

    sf_task_stores_publish(h->lone.stores);
    published = sf_registry_acquire(h->lone.state, "sessions", &count);
    assert_int_equal(count, 1);
    read_committed_session(h, published[0]);
    expected = rows_select(&h->committed, &(wanted){"a", first_shown(h->observed_committed),
                                                    INT64_MAX, h->observed_committed});
    assert_ok(sf_published_find(published[0], sf_bytes_text("a"), 0, h->observed_committed,
                                &iterator, err));
    check_rows(h, iterator, &expected);
    expected = rows_select(&h->committed, &(wanted){NULL, first_ended(h, h->observed_committed),
                                                    INT64_MAX, INT64_MAX});
    assert_ok(sf_published_find_ended(published[0], 0, INT64_MAX, &iterator, err));
    check_rows(h, iterator, &expected);
    sf_registry_release(published, count);
    sf_task_stores_unpublish(h->lone.stores);
}

static void commit(history *h)
{
    lone_store_commit(&h->lone);
    rows_replace(&h->committed, &h->now);
    h->observed_committed = h->observed;
    mark(h);
}

static void go_back(history *h)
{
    rows_replace(&h->now, &h->committed);
    h->observed = h->observed_committed;
    check(h, sf_store_observed_time(lone_store_of(&h->lone)) == h->observed,
          "the observed time is not back");
    mark(h);
}

/* The disk is gone: all comes from the changelog. */
static void restore(history *h)
{
    sf_buffer key = SF_BUFFER_EMPTY;
    sf_buffer value = SF_BUFFER_EMPTY;

    sf_task_stores_abort(h->lone.stores);
    assert_ok(sf_task_stores_clear(h->lone.stores, 0, h->lone.commit, err));
    lone_store_write(&h->lone);
    for (size_t i = 0; i < h->logged.count; i++) {
        const row *r = &h->logged.items[i];
        sf_session_key session = {sf_bytes_text(r->key), r->start_ms, r->end_ms};
        sf_consumed_record record = {0};

        sf_session_key_encode(&session, &key);
        sf_buffer_clear(&value);
        sf_put_be64(sf_buffer_extend(&value, 8), (uint64_t)r->end_ms);
        sf_buffer_add_text(&value, r->value);
        record.record.key = sf_buffer_bytes(&key);
        record.record.value = r->value[0] ? sf_buffer_bytes(&value) : SF_NULL;
        assert_ok(sf_task_stores_restore(h->lone.stores, 0, &record, 1, h->lone.commit, err));
    }
    lone_store_write(&h->lone);
    sf_buffer_done(&key);
    sf_buffer_done(&value);
    /* Compacted, the changelog need not have the session that moved the time. */
    sf_store_set_observed_time(lone_store_of(&h->lone), h->observed_committed);
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

    if (dice < 550)
        put(h);
    else if (dice < 650)
        get(h);
    else if (dice < 750)
        find(h);
    else if (dice < 800)
        find_ended(h);
    else if (dice < 880)
        mark(h);
    else if (dice < 940)
        undo(h);
    else if (dice < 970)
        commit(h);
    else if (dice < 985)
        read_committed(h);
    else if (dice < 992) {
        sf_task_stores_abort(h->lone.stores);
        go_back(h);
    } else if (dice < 995)
        restore(h);
    else
        crash(h);
}

static sf_store_options usual_options(void)
{
    return (sf_store_options){
        .name = "sessions", .kind = SF_SESSION_STORE, .retention_ms = RETENTION_MS};
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
    run_history(options, false, sf_test_rounds(3000, 30000));
    run_history(&in_memory, false, sf_test_rounds(3000, 30000));
    run_history(options, true, sf_test_rounds(3000, 20000));
}

static void sessions_behave_like_a_list(void **state)
{
    sf_store_options options = usual_options();

    (void)state;
    run_histories(&options);
}

static void sessions_with_an_index_by_end_behave_like_a_list(void **state)
{
    sf_store_options options = usual_options();

    (void)state;
    options.time_index = true;
    run_histories(&options);
}

/* ---- single behaviours ---- */

static void open_alone(history *h, bool by_time)
{
    *h = (history){.lone.options = usual_options(), .observed = -1};
    h->lone.options.by_time = by_time;
    open_state(h);
}

static void put_text(history *h, const char *key, int64_t start_ms, int64_t end_ms,
                     const char *value)
{
    sf_session session = {sf_bytes_text(key), start_ms, end_ms};

    assert_ok(sf_session_store_put(h->store, &session, sf_bytes_text(value), NULL, err));
}

static void sessions_that_close_in_a_jump_of_time_are_found_by_end(void **state)
{
    history h;
    sf_session_iterator *iterator;
    sf_session session;
    sf_stored stored;
    sf_status status;

    (void)state;
    open_alone(&h, true);
    put_text(&h, "early", 10, 20, "e");
    put_text(&h, "late", RETENTION_MS + 5000, RETENTION_MS + 6000, "l");

    assert_ok(sf_session_store_find(h.store, sf_bytes_text("early"), 0, INT64_MAX, &iterator, err));
    assert_false(sf_session_iterator_next(iterator, &session, &stored, &status, NULL));
    sf_session_iterator_free(iterator);
    assert_ok(sf_session_store_find_ended(h.store, 0, 1000, &iterator, err));
    assert_true(sf_session_iterator_next(iterator, &session, &stored, &status, NULL));
    assert_bytes(session.key, "early");
    assert_bytes(stored.value, "e");
    sf_session_iterator_free(iterator);
    lone_store_close(&h.lone);
}

static void a_session_that_makes_no_sense_is_rejected(void **state)
{
    history h;
    sf_error why = {0};
    sf_session session = {sf_bytes_text("k"), 20, 10};

    (void)state;
    open_alone(&h, false);
    assert_int_equal(sf_session_store_put(h.store, &session, sf_bytes_text("x"), NULL, &why),
                     SF_REJECT);
    session = (sf_session){sf_bytes_text("k"), -1, 10};
    assert_int_equal(sf_session_store_put(h.store, &session, sf_bytes_text("x"), NULL, &why),
                     SF_REJECT);
    session = (sf_session){SF_NULL, 1, 10};
    assert_int_equal(sf_session_store_put(h.store, &session, sf_bytes_text("x"), NULL, &why),
                     SF_REJECT);
    lone_store_close(&h.lone);
}

typedef struct forwarded {
    int64_t start_ms;
    int64_t end_ms;
    char now[8];
    char before[8];
    int calls;
} forwarded;

static sf_status remember(void *user, sf_bytes key, sf_stored now, sf_stored before, sf_error *err)
{
    forwarded *last = user;
    sf_session_key session;

    (void)err;
    assert_true(sf_session_key_decode(key, &session));
    *last = (forwarded){session.start_ms, session.end_ms, "", "", last->calls + 1};
    if (now.value.data)
        memcpy(last->now, now.value.data, now.value.size);
    if (before.value.data)
        memcpy(last->before, before.value.data, before.value.size);
    return SF_OK;
}

static void cached_sessions_go_downstream_at_the_flush(void **state)
{
    history h;
    forwarded last = {0};

    (void)state;
    open_alone(&h, true);
    sf_store_set_forward(lone_store_of(&h.lone), remember, &last);
    put_text(&h, "k", 1, 2, "a");
    put_text(&h, "k", 1, 2, "b");
    put_text(&h, "k", 3, 4, "x");
    put_text(&h, "k", 3, 4, NULL);

    assert_ok(sf_task_stores_forward(h.lone.stores, err));

    assert_int_equal(last.calls, 1); /* what came and went in between is nothing */
    assert_int_equal(last.start_ms, 1);
    assert_int_equal(last.end_ms, 2);
    assert_string_equal(last.now, "b");
    assert_string_equal(last.before, "");
    lone_store_close(&h.lone);
}

static void session_keys_are_those_of_kafka_streams(void **state)
{
    static const uint8_t expected[] = {'k', 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 7};
    sf_session_key session = {sf_bytes_text("k"), 7, 258};
    sf_session_key decoded;
    sf_buffer encoded = SF_BUFFER_EMPTY;

    (void)state;
    sf_session_key_encode(&session, &encoded);
    assert_int_equal(encoded.size, sizeof(expected));
    assert_memory_equal(encoded.data, expected, sizeof(expected));
    assert_true(sf_session_key_decode(sf_buffer_bytes(&encoded), &decoded));
    assert_bytes(decoded.key, "k");
    assert_int_equal(decoded.start_ms, 7);
    assert_int_equal(decoded.end_ms, 258);
    assert_false(sf_session_key_decode(sf_bytes_of(encoded.data, 15), &decoded));
    assert_false(sf_session_key_decode_by_end(sf_bytes_of(encoded.data, 15), &decoded));
    sf_buffer_done(&encoded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_behave_like_a_list),
        cmocka_unit_test(sessions_with_an_index_by_end_behave_like_a_list),
        cmocka_unit_test(sessions_that_close_in_a_jump_of_time_are_found_by_end),
        cmocka_unit_test(a_session_that_makes_no_sense_is_rejected),
        cmocka_unit_test(cached_sessions_go_downstream_at_the_flush),
        cmocka_unit_test(session_keys_are_those_of_kafka_streams),
    };

    return run_tests(tests);
}
