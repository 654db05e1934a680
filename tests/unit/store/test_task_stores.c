/* test_task_stores.c - a task's key-value stores against a sorted array: puts, savepoints, commits,
 * aborts, crashes, scans that are open meanwhile, the changelog and what is forwarded. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "base/random.h"
#include "store/memory_state_db.h"
#include "store/meta.h"
#include "store/task_stores.h"
#include "support/ordered_model.h"
#include "support/state_directory_fixture.h"

typedef enum where {
    IN_MEMORY, /* the store is */
    ON_DISK,
    ON_MEMORY_DISK, /* a memory database stands for the disk and survives a crash */
} where;

/* A task with a store whose changes are forwarded, and one whose are not. */
typedef struct history {
    where kind;
    bool forwards;
    char *directory;
    sf_state_db *disk; /* ON_MEMORY_DISK */
    sf_state *state;
    sf_state_commit *commit;
    sf_task_stores *stores;
    sf_key_value_store *store;
    sf_random random;
    uint64_t seed;

    sf_model now;
    sf_model marked;
    sf_model committed;
    sf_model logged;    /* what the changelog adds up to */
    sf_model forwarded; /* the same downstream */
    sf_model forwarded_committed;
    sf_buffer last_logged_key;
    size_t logged_count;
} history;

static void check(const history *h, bool holds, const char *what)
{
    if (!holds)
        fail_msg("%s, seed %llu (TEST_SEED), kind %d", what, (unsigned long long)h->seed,
                 (int)h->kind);
}

static sf_status log_change(void *user, size_t store, sf_bytes key, sf_bytes value,
                            int64_t timestamp, sf_error *err)
{
    history *h = user;

    (void)err;
    check(h, store == 0, "the other store changed");
    check(h,
          h->logged_count == 0 || sf_bytes_compare(sf_buffer_bytes(&h->last_logged_key), key) < 0,
          "the changelog is out of order");
    check(h, !value.data || (int64_t)sf_get_be64(value.data) == timestamp,
          "the timestamp inside differs");
    h->logged_count++;
    sf_buffer_clear(&h->last_logged_key);
    sf_buffer_add_bytes(&h->last_logged_key, key);
    sf_model_put(&h->logged, key,
                 value.data ? sf_bytes_of(value.data + 8, value.size - 8) : SF_NULL, timestamp);
    return SF_OK;
}

static sf_status take_forwarded(void *user, sf_bytes key, sf_stored now, sf_stored before,
                                sf_error *err)
{
    history *h = user;
    const sf_model_entry *known = sf_model_get(&h->forwarded, key);

    (void)err;
    check(h, now.value.data || before.value.data, "null over null was forwarded");
    check(h, sf_bytes_equal(before.value, known ? known->value : SF_NULL),
          "not what was forwarded before");
    check(h, !known || before.timestamp == known->timestamp, "not the timestamp before");
    sf_model_put(&h->forwarded, key, now.value, now.timestamp);
    return SF_OK;
}

static void open_task(history *h)
{
    sf_store_options options[] = {
        {.name = "counts", .in_memory = h->kind == IN_MEMORY},
        {.name = "other"},
    };

    assert_ok(sf_task_stores_open(h->state, 3, options, 2, log_change, h, &h->stores, err));
    h->store = sf_store_as_key_value(sf_task_stores_find(h->stores, "counts"));
    sf_task_stores_set_cache_bytes(h->stores, sf_random_below(&h->random, 4000));
    if (h->forwards)
        sf_store_set_forward(sf_task_stores_at(h->stores, 0), take_forwarded, h);
}

static void open_state(history *h)
{
    sf_state_options options = {.application_id = "test", .disk = h->disk};

    if (h->kind == ON_DISK)
        options.directory = h->directory;
    assert_ok(sf_state_open(&options, &h->state, err));
    h->commit = sf_state_commit_new(h->state);
    open_task(h);
}

static void close_state(history *h)
{
    sf_task_stores_close(h->stores);
    sf_state_commit_free(h->commit);
    sf_state_close(h->state);
}

static void replace(sf_model *model, const sf_model *with)
{
    sf_model copy = sf_model_copy(with);

    sf_model_done(model);
    *model = copy;
}

static bool same(const sf_model *a, const sf_model *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!sf_bytes_equal(a->entries[i].key, b->entries[i].key) ||
            !sf_bytes_equal(a->entries[i].value, b->entries[i].value) ||
            a->entries[i].timestamp != b->entries[i].timestamp)
            return false;
    return true;
}

/* ---- operations ---- */

static sf_bytes random_key(sf_random *random, char text[16])
{
    int length = snprintf(text, 16, "%c%u", 'a' + (int)sf_random_below(random, 2),
                          (unsigned)sf_random_below(random, 60));

    return sf_bytes_of(text, (size_t)length);
}

static void put(history *h)
{
    char key_text[16];
    char value_text[200];
    sf_bytes key = random_key(&h->random, key_text);
    sf_bytes value = SF_NULL;
    int64_t timestamp = (int64_t)sf_random_below(&h->random, 1000);

    if (sf_random_below(&h->random, 4) > 0) {
        memset(value_text, 'a' + (int)sf_random_below(&h->random, 26), sizeof(value_text));
        value = sf_bytes_of(value_text, sf_random_below(&h->random, 30) == 0
                                            ? sf_random_below(&h->random, sizeof(value_text))
                                            : sf_random_below(&h->random, 20));
    }
    assert_ok(sf_key_value_store_put(h->store, key, value, timestamp, err));
    sf_model_put(&h->now, key, value, timestamp);
}

/* Reads a value and puts the bytes it was given somewhere else. */
static void move(history *h)
{
    char from_text[16];
    char to_text[16];
    sf_bytes from = random_key(&h->random, from_text);
    sf_bytes to = random_key(&h->random, to_text);
    const sf_model_entry *expected = sf_model_get(&h->now, from);
    sf_bytes value = SF_NULL;
    sf_stored stored = {0};

    if (expected)
        value = sf_bytes_of(sf_memory_copy(expected->value.data, expected->value.size + 1),
                            expected->value.size);
    assert_ok(sf_key_value_store_get(h->store, from, &stored, err));
    assert_ok(sf_key_value_store_put(h->store, to, stored.value, 5, err));
    sf_model_put(&h->now, to, value, 5);
    free((uint8_t *)value.data);
}

static void get(history *h)
{
    char text[16];
    sf_bytes key = random_key(&h->random, text);
    const sf_model_entry *expected = sf_model_get(&h->now, key);
    sf_stored stored = {0};

    assert_ok(sf_key_value_store_get(h->store, key, &stored, err));
    check(h, sf_bytes_equal(stored.value, expected ? expected->value : SF_NULL), "get differs");
    check(h, !expected || stored.timestamp == expected->timestamp, "get's timestamp differs");
}

static void mark(history *h)
{
    sf_task_stores_mark(h->stores);
    replace(&h->marked, &h->now);
}

static void undo(history *h)
{
    sf_task_stores_undo(h->stores);
    replace(&h->now, &h->marked);
}

static void commit(history *h)
{
    h->logged_count = 0;
    assert_ok(sf_task_stores_forward(h->stores, err));
    if (h->forwards)
        check(h, same(&h->forwarded, &h->now), "downstream differs");
    assert_ok(sf_task_stores_flush(h->stores, h->commit, err));
    check(h, same(&h->logged, &h->now), "the changelog differs");
    if (sf_random_below(&h->random, 4) == 0)
        get(h); /* in flight */
    if (sf_random_below(&h->random, 4) == 0) {
        sf_task_stores_abort(h->stores);
        replace(&h->now, &h->committed);
        replace(&h->logged, &h->committed);
        replace(&h->forwarded, &h->forwarded_committed);
    } else {
        assert_ok(sf_state_commit_write(h->commit, err));
        sf_task_stores_committed(h->stores);
        assert_int_equal(sf_task_stores_dirty_bytes(h->stores), 0);
        replace(&h->committed, &h->now);
        replace(&h->forwarded_committed, &h->forwarded);
    }
    sf_state_commit_clear(h->commit);
    mark(h);
}

static void abort_all(history *h)
{
    sf_task_stores_abort(h->stores);
    assert_int_equal(sf_task_stores_dirty_bytes(h->stores), 0);
    replace(&h->now, &h->committed);
    mark(h);
}

/* The task moves on; or the process dies. */
static void reopen(history *h)
{
    if (h->kind == IN_MEMORY || sf_random_below(&h->random, 2) == 0) {
        sf_task_stores_close(h->stores);
        open_task(h);
    } else {
        close_state(h);
        open_state(h);
    }
    replace(&h->now, &h->committed);
    mark(h);
}

typedef struct scan {
    sf_key_value_iterator *iterator;
    sf_model model;
    size_t position;
    size_t end;
    bool backwards;
} scan;

static scan open_range(history *h)
{
    char from_text[16];
    char to_text[16];
    sf_bytes from = random_key(&h->random, from_text);
    sf_bytes to = random_key(&h->random, to_text);
    scan s = {.model = sf_model_copy(&h->now), .backwards = sf_random_below(&h->random, 2)};

    if (sf_random_below(&h->random, 3) == 0)
        from = SF_NULL;
    if (sf_random_below(&h->random, 3) == 0)
        to = SF_NULL;
    assert_ok(sf_key_value_store_range(h->store, from, to, s.backwards, &s.iterator, err));
    s.position = sf_model_seek(&s.model, from);
    s.end = to.data ? sf_model_seek(&s.model, to) : s.model.count;
    if (s.end < s.position)
        s.end = s.position;
    if (s.backwards) {
        size_t first = s.position;

        s.position = s.end;
        s.end = first;
    }
    return s;
}

static scan open_prefix(history *h)
{
    char text[16];
    sf_bytes prefix = random_key(&h->random, text);
    scan s = {.model = sf_model_copy(&h->now)};

    prefix.size = sf_random_below(&h->random, prefix.size + 1);
    assert_ok(sf_key_value_store_prefix(h->store, prefix, &s.iterator, err));
    s.position = sf_model_seek(&s.model, prefix);
    s.end = s.position;
    while (s.end < s.model.count && s.model.entries[s.end].key.size >= prefix.size &&
           !memcmp(s.model.entries[s.end].key.data, prefix.data, prefix.size))
        s.end++;
    return s;
}

static bool check_step(const history *h, scan *s)
{
    sf_status status = SF_OK;
    sf_bytes key = SF_NULL;
    sf_stored stored = {0};
    const sf_model_entry *expected;
    bool has_next = sf_key_value_iterator_next(s->iterator, &key, &stored, &status, NULL);

    check(h, !status, "a scan failed");
    check(h, has_next == (s->position != s->end), "a scan's length differs");
    if (!has_next)
        return false;
    expected = &s->model.entries[s->backwards ? --s->position : s->position++];
    check(h, sf_bytes_equal(key, expected->key), "a scan's key differs");
    check(h, sf_bytes_equal(stored.value, expected->value), "a scan's value differs");
    check(h, stored.timestamp == expected->timestamp, "a scan's timestamp differs");
    return true;
}

/* Puts the value just read under its own key again, and looks at it afterwards. */
static void put_while_reading(history *h, scan *s)
{
    sf_status status = SF_OK;
    sf_bytes key = SF_NULL;
    sf_stored stored = {0};
    const sf_model_entry *expected;

    if (s->position == s->end)
        return;
    check(h, sf_key_value_iterator_next(s->iterator, &key, &stored, &status, NULL), "ends early");
    expected = &s->model.entries[s->backwards ? --s->position : s->position++];
    assert_ok(sf_key_value_store_put(h->store, key, sf_bytes_text("fresh"), 7, err));
    sf_model_put(&h->now, expected->key, sf_bytes_text("fresh"), 7);
    check(h, sf_bytes_equal(stored.value, expected->value), "a value shown has changed");
}

static void scan_while_changing(history *h)
{
    scan s = sf_random_below(&h->random, 3) ? open_range(h) : open_prefix(h);

    for (size_t steps = sf_random_below(&h->random, 20); steps > 0; steps--)
        if (!check_step(h, &s))
            break;
    put_while_reading(h, &s);
    for (size_t puts = sf_random_below(&h->random, 20); puts > 0; puts--)
        put(h);
    if (sf_random_below(&h->random, 5) == 0)
        undo(h);
    if (sf_random_below(&h->random, 5) == 0)
        commit(h);
    while (check_step(h, &s))
        ;
    sf_key_value_iterator_free(s.iterator);
    sf_model_done(&s.model);
}

static void operate(history *h)
{
    uint64_t dice = sf_random_below(&h->random, 1000);

    if (dice < 450)
        put(h);
    else if (dice < 500)
        move(h);
    else if (dice < 700)
        get(h);
    else if (dice < 850)
        mark(h);
    else if (dice < 930)
        undo(h);
    else if (dice < 960)
        scan_while_changing(h);
    else if (dice < 990)
        commit(h);
    else if (dice < 996)
        abort_all(h);
    else if (dice < (h->kind == ON_DISK ? 997 : 999))
        reopen(h);
}

static void history_done(history *h)
{
    close_state(h);
    sf_state_db_close(h->disk);
    sf_test_directory_remove(h->directory);
    sf_model_done(&h->now);
    sf_model_done(&h->marked);
    sf_model_done(&h->committed);
    sf_model_done(&h->logged);
    sf_model_done(&h->forwarded);
    sf_model_done(&h->forwarded_committed);
    sf_buffer_done(&h->last_logged_key);
}

static void run_history(where kind, bool forwards, int operations)
{
    history h = {.kind = kind,
                 .forwards = forwards,
                 .directory = sf_test_directory_make(),
                 .seed = sf_test_seed()};

    sf_random_init(&h.random, h.seed);
    if (kind == ON_MEMORY_DISK)
        h.disk = sf_memory_state_db_new(false);
    open_state(&h);
    mark(&h);
    for (int i = 0; i < operations; i++)
        operate(&h);
    history_done(&h);
}

static void a_store_in_memory_behaves_like_a_sorted_map(void **state)
{
    (void)state;
    run_history(IN_MEMORY, false, sf_test_rounds(20000, 500000));
    run_history(IN_MEMORY, true, sf_test_rounds(20000, 500000));
}

static void a_store_on_disk_behaves_like_a_sorted_map(void **state)
{
    (void)state;
    run_history(ON_DISK, false, sf_test_rounds(5000, 100000));
    run_history(ON_DISK, true, sf_test_rounds(5000, 100000));
}

static void a_store_on_a_simulated_disk_behaves_like_a_sorted_map(void **state)
{
    (void)state;
    run_history(ON_MEMORY_DISK, false, sf_test_rounds(20000, 500000));
    run_history(ON_MEMORY_DISK, true, sf_test_rounds(20000, 500000));
}

/* ---- single behaviours ---- */

typedef struct fixture {
    sf_state *state;
    sf_state_commit *commit;
    sf_task_stores *stores;
    sf_key_value_store *store;
    char seen[256];
    sf_status answer; /* of the next forwarded */
} fixture;

static sf_status see_change(void *user, size_t store, sf_bytes key, sf_bytes value,
                            int64_t timestamp, sf_error *err)
{
    fixture *f = user;
    size_t length = strlen(f->seen);

    (void)err;
    (void)snprintf(f->seen + length, sizeof(f->seen) - length, "%zu:%.*s=%.*s@%lld ", store,
                   (int)key.size, (const char *)key.data, value.data ? (int)value.size - 8 : 4,
                   value.data ? (const char *)value.data + 8 : "null", (long long)timestamp);
    return SF_OK;
}

static sf_status see_forwarded(void *user, sf_bytes key, sf_stored now, sf_stored before,
                               sf_error *err)
{
    fixture *f = user;
    size_t length = strlen(f->seen);

    if (f->answer)
        return sf_fail_with(err, f->answer, SF_INVALID, "refused");
    (void)snprintf(f->seen + length, sizeof(f->seen) - length, "%.*s:%.*s>%.*s ", (int)key.size,
                   (const char *)key.data, (int)before.value.size,
                   before.value.data ? (const char *)before.value.data : "", (int)now.value.size,
                   now.value.data ? (const char *)now.value.data : "");
    return SF_OK;
}

static fixture open_fixture(const sf_store_options *options, size_t count)
{
    fixture f = {0};

    assert_ok(sf_state_open(&(sf_state_options){.application_id = "test"}, &f.state, err));
    f.commit = sf_state_commit_new(f.state);
    assert_ok(sf_task_stores_open(f.state, 0, options, count, see_change, NULL, &f.stores, err));
    f.store = sf_store_as_key_value(sf_task_stores_at(f.stores, 0));
    return f;
}

static void close_fixture(fixture *f)
{
    sf_task_stores_close(f->stores);
    sf_state_commit_free(f->commit);
    sf_state_close(f->state);
}

static void put_text(sf_key_value_store *store, const char *key, const char *value, int64_t time)
{
    assert_ok(sf_key_value_store_put(store, sf_bytes_text(key), sf_bytes_text(value), time, err));
}

static void changes_are_forwarded_in_the_order_of_the_last_write(void **state)
{
    fixture f = open_fixture(&(sf_store_options){.name = "s", .logging_off = true}, 1);

    (void)state;
    sf_store_set_forward(sf_task_stores_at(f.stores, 0), see_forwarded, &f);
    put_text(f.store, "c", "1", 0);
    put_text(f.store, "a", "1", 0);
    put_text(f.store, "b", "1", 0);
    sf_task_stores_mark(f.stores);
    put_text(f.store, "c", "2", 0);
    put_text(f.store, "nothing", NULL, 0);

    assert_ok(sf_task_stores_forward(f.stores, err));

    assert_string_equal(f.seen, "a:>1 b:>1 c:>2 ");
    close_fixture(&f);
}

static void an_undone_write_gives_its_place_in_the_order_back(void **state)
{
    fixture f = open_fixture(&(sf_store_options){.name = "s", .logging_off = true}, 1);

    (void)state;
    sf_store_set_forward(sf_task_stores_at(f.stores, 0), see_forwarded, &f);
    put_text(f.store, "a", "1", 0);
    put_text(f.store, "b", "1", 0);
    put_text(f.store, "c", "1", 0);
    sf_task_stores_mark(f.stores);
    put_text(f.store, "a", "2", 0);
    put_text(f.store, "b", "2", 0);
    put_text(f.store, "d", "2", 0);
    put_text(f.store, "a", "3", 0);
    sf_task_stores_undo(f.stores);

    assert_ok(sf_task_stores_forward(f.stores, err));

    assert_string_equal(f.seen, "a:>1 b:>1 c:>1 ");
    close_fixture(&f);
}

static void what_could_not_be_forwarded_is_forwarded_again(void **state)
{
    fixture f = open_fixture(&(sf_store_options){.name = "s", .logging_off = true}, 1);

    (void)state;
    sf_store_set_forward(sf_task_stores_at(f.stores, 0), see_forwarded, &f);
    put_text(f.store, "a", "1", 0);
    f.answer = SF_ABORT_COMMIT;
    assert_int_equal(sf_task_stores_forward(f.stores, NULL), SF_ABORT_COMMIT);
    f.answer = SF_OK;

    assert_ok(sf_task_stores_forward(f.stores, err));
    assert_ok(sf_task_stores_forward(f.stores, err));

    assert_string_equal(f.seen, "a:>1 ");
    close_fixture(&f);
}

static void a_store_without_logging_tells_nobody(void **state)
{
    fixture f = {0};
    sf_store_options options[] = {{.name = "quiet", .logging_off = true}, {.name = "logged"}};

    (void)state;
    assert_ok(sf_state_open(&(sf_state_options){.application_id = "test"}, &f.state, err));
    f.commit = sf_state_commit_new(f.state);
    assert_ok(sf_task_stores_open(f.state, 0, options, 2, see_change, &f, &f.stores, err));
    put_text(sf_store_as_key_value(sf_task_stores_find(f.stores, "quiet")), "a", "1", 5);
    put_text(sf_store_as_key_value(sf_task_stores_find(f.stores, "logged")), "b", "2", 6);
    put_text(sf_store_as_key_value(sf_task_stores_find(f.stores, "logged")), "a", NULL, 7);

    assert_ok(sf_task_stores_flush(f.stores, f.commit, err));

    assert_string_equal(f.seen, "1:a=null@7 1:b=2@6 ");
    assert_null(sf_task_stores_find(f.stores, "unknown"));
    assert_null(sf_store_as_window(sf_task_stores_at(f.stores, 0)));
    close_fixture(&f);
}

static sf_consumed_record changelog_record(const char *key, const void *value, size_t size)
{
    return (sf_consumed_record){
        .record = {.key = sf_bytes_text(key), .value = sf_bytes_of(value, size)}};
}

static void a_changelog_restores_the_store(void **state)
{
    fixture f = open_fixture(&(sf_store_options){.name = "s"}, 1);
    const char nine[] = "\0\0\0\0\0\0\0\11value";
    const sf_consumed_record records[] = {
        changelog_record("a", nine, sizeof(nine) - 1),
        changelog_record("b", nine, sizeof(nine) - 1),
        changelog_record("b", NULL, 0),
    };
    sf_stored stored = {0};

    (void)state;
    assert_ok(sf_task_stores_restore(f.stores, 0, records, 3, f.commit, err));
    assert_ok(sf_state_commit_write(f.commit, err));

    assert_ok(sf_key_value_store_get(f.store, sf_bytes_text("a"), &stored, err));
    assert_bytes(stored.value, "value");
    assert_int_equal(stored.timestamp, 9);
    assert_ok(sf_key_value_store_get(f.store, sf_bytes_text("b"), &stored, err));
    assert_null(stored.value.data);
    assert_int_equal(sf_task_stores_dirty_bytes(f.stores), 0);
    close_fixture(&f);
}

static void a_changelog_record_without_a_timestamp_is_refused(void **state)
{
    fixture f = open_fixture(&(sf_store_options){.name = "s"}, 1);
    const sf_consumed_record record = changelog_record("a", "short", 5);
    sf_error why = {0};

    (void)state;
    assert_int_equal(sf_task_stores_restore(f.stores, 0, &record, 1, f.commit, &why), SF_STOP);
    assert_int_equal(why.code, SF_CORRUPT);
    close_fixture(&f);
}

static void clearing_empties_one_partition_of_one_store(void **state)
{
    fixture f = open_fixture(&(sf_store_options){.name = "s", .logging_off = true}, 1);
    sf_store_options same_store = {.name = "s", .logging_off = true};
    sf_task_stores *neighbour;
    sf_stored stored = {0};
    int64_t position;

    (void)state;
    assert_ok(sf_task_stores_open(f.state, 1, &same_store, 1, NULL, NULL, &neighbour, err));
    put_text(f.store, "a", "1", 0);
    put_text(sf_store_as_key_value(sf_task_stores_at(neighbour, 0)), "a", "2", 0);
    assert_ok(sf_task_stores_flush(f.stores, f.commit, err));
    assert_ok(sf_task_stores_flush(neighbour, f.commit, err));
    assert_ok(sf_meta_put(sf_state_database(f.state, false), sf_state_commit_batch(f.commit, false),
                          SF_META_CHANGELOG, "s", 0, 7, err));
    assert_ok(sf_state_commit_write(f.commit, err));
    sf_state_commit_clear(f.commit);
    sf_task_stores_committed(f.stores);
    sf_task_stores_committed(neighbour);

    assert_ok(sf_task_stores_clear(f.stores, 0, f.commit, err));
    assert_ok(sf_state_commit_write(f.commit, err));

    assert_ok(sf_key_value_store_get(f.store, sf_bytes_text("a"), &stored, err));
    assert_null(stored.value.data);
    assert_ok(sf_key_value_store_get(sf_store_as_key_value(sf_task_stores_at(neighbour, 0)),
                                     sf_bytes_text("a"), &stored, err));
    assert_bytes(stored.value, "2");
    assert_ok(
        sf_meta_get(sf_state_database(f.state, false), SF_META_CHANGELOG, "s", 0, &position, err));
    assert_int_equal(position, -1);
    sf_task_stores_close(neighbour);
    close_fixture(&f);
}

static void a_null_key_is_rejected(void **state)
{
    fixture f = open_fixture(&(sf_store_options){.name = "s"}, 1);
    sf_error why = {0};
    sf_stored stored;

    (void)state;
    assert_int_equal(sf_key_value_store_get(f.store, SF_NULL, &stored, &why), SF_REJECT);
    assert_int_equal(sf_key_value_store_put(f.store, SF_NULL, SF_NULL, 0, &why), SF_REJECT);
    close_fixture(&f);
}

static void stores_that_make_no_sense_are_refused(void **state)
{
    const sf_store_options wrong[] = {
        {.name = ""},
        {.name = "s", .kind = SF_WINDOW_STORE, .window_size_ms = 10, .retention_ms = 9},
        {.name = "s", .retention_ms = -1},
    };
    sf_task_stores *stores;
    sf_state *opened;

    (void)state;
    assert_ok(sf_state_open(&(sf_state_options){.application_id = "test"}, &opened, err));
    for (size_t i = 0; i < SF_ARRAY_LENGTH(wrong); i++) {
        sf_error why = {0};

        assert_int_equal(sf_task_stores_open(opened, 0, &wrong[i], 1, NULL, NULL, &stores, &why),
                         SF_STOP);
        assert_int_equal(why.code, SF_INVALID);
    }
    sf_state_close(opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_in_memory_behaves_like_a_sorted_map),
        cmocka_unit_test(a_store_on_disk_behaves_like_a_sorted_map),
        cmocka_unit_test(a_store_on_a_simulated_disk_behaves_like_a_sorted_map),
        cmocka_unit_test(changes_are_forwarded_in_the_order_of_the_last_write),
        cmocka_unit_test(an_undone_write_gives_its_place_in_the_order_back),
        cmocka_unit_test(what_could_not_be_forwarded_is_forwarded_again),
        cmocka_unit_test(a_store_without_logging_tells_nobody),
        cmocka_unit_test(a_changelog_restores_the_store),
        cmocka_unit_test(a_changelog_record_without_a_timestamp_is_refused),
        cmocka_unit_test(clearing_empties_one_partition_of_one_store),
        cmocka_unit_test(a_null_key_is_rejected),
        cmocka_unit_test(stores_that_make_no_sense_are_refused),
    };

    return run_tests(tests);
}
