/* test_registry.c - readers of committed state beside a thread that commits, moves and closes. */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/registry.h"
#include "store/task_stores.h"
#include "support/state_directory_fixture.h"

#define KEYS 20
#define READERS 3

static const sf_store_options both[] = {
    {.name = "counts"},
    {.name = "windows",
     .kind = SF_WINDOW_STORE,
     .window_size_ms = 10,
     .retention_ms = 1000,
     .by_time = true,
     .in_memory = true},
};

typedef struct fixture {
    sf_state *state;
    sf_state_commit *commit;
    sf_task_stores *stores;
} fixture;

static void open_task(fixture *f, int32_t partition)
{
    assert_ok(sf_task_stores_open(f->state, partition, both, 2, NULL, NULL, &f->stores, err));
}

static fixture open_fixture(const char *directory)
{
    fixture f = {0};

    assert_ok(sf_state_open(&(sf_state_options){.application_id = "test", .directory = directory},
                            &f.state, err));
    f.commit = sf_state_commit_new(f.state);
    open_task(&f, 2);
    return f;
}

static void close_fixture(fixture *f)
{
    sf_task_stores_close(f->stores);
    sf_state_commit_free(f->commit);
    sf_state_close(f->state);
}

/* Every key gets the same value, here and in a window. */
static void put_all(const fixture *f, int64_t number)
{
    char key[8];
    char value[24];

    (void)snprintf(value, sizeof(value), "%lld", (long long)number);
    for (int i = 0; i < KEYS; i++) {
        (void)snprintf(key, sizeof(key), "k%d", i);
        assert_ok(sf_key_value_store_put(sf_store_as_key_value(sf_task_stores_at(f->stores, 0)),
                                         sf_bytes_text(key), sf_bytes_text(value), number, err));
        assert_ok(sf_window_store_put(sf_store_as_window(sf_task_stores_at(f->stores, 1)),
                                      sf_bytes_text(key), number / 10 * 10, sf_bytes_text(value),
                                      number, NULL, err));
    }
}

static void commit(const fixture *f)
{
    assert_ok(sf_task_stores_flush(f->stores, f->commit, err));
    assert_ok(sf_state_commit_write(f->commit, err));
    sf_task_stores_committed(f->stores);
    sf_state_commit_clear(f->commit);
}

static sf_published *acquire_one(const fixture *f, const char *name)
{
    size_t count = 0;
    sf_published **published = sf_registry_acquire(f->state, name, &count);
    sf_published *first;

    assert_int_equal(count, 1);
    first = published[0];
    free(published);
    return first;
}

static void release_one(sf_published *published)
{
    sf_published **array = sf_alloc(sizeof(*array));

    array[0] = published;
    sf_registry_release(array, 1);
}

static void readers_see_committed_state_only(void **state)
{
    fixture f = open_fixture(NULL);
    sf_published *published;
    sf_state_pin pin = {0};
    sf_stored stored;

    (void)state;
    put_all(&f, 1);
    commit(&f);
    sf_task_stores_publish(f.stores);
    put_all(&f, 2);

    published = acquire_one(&f, "counts");
    assert_int_equal(sf_published_partition(published), 2);
    assert_int_equal(sf_published_kind(published), SF_KEY_VALUE_STORE);
    assert_ok(sf_published_get(published, sf_bytes_text("k7"), &stored, &pin, err));
    assert_bytes(stored.value, "1");
    assert_int_equal(stored.timestamp, 1);
    sf_state_pin_release(&pin);
    assert_ok(sf_published_get(published, sf_bytes_text("unknown"), &stored, &pin, err));
    assert_null(stored.value.data);
    sf_state_pin_release(&pin);
    commit(&f);
    assert_ok(sf_published_get(published, sf_bytes_text("k7"), &stored, &pin, err));
    assert_bytes(stored.value, "2");
    sf_state_pin_release(&pin);
    release_one(published);
    close_fixture(&f);
}

static void windows_are_read_by_key_and_by_time(void **state)
{
    fixture f = open_fixture(NULL);
    sf_published *published;
    sf_window_iterator *iterator;
    sf_state_pin pin = {0};
    sf_status status;
    sf_stored stored;
    sf_bytes key;
    int64_t start_ms;
    size_t count = 0;

    (void)state;
    put_all(&f, 15);
    put_all(&f, 25);
    commit(&f);
    sf_task_stores_publish(f.stores);
    published = acquire_one(&f, "windows");

    assert_ok(sf_published_get_window(published, sf_bytes_text("k3"), 20, &stored, &pin, err));
    assert_bytes(stored.value, "25");
    sf_state_pin_release(&pin);
    assert_ok(sf_published_fetch(published, sf_bytes_text("k3"), 0, 100, &iterator, err));
    while (sf_window_iterator_next(iterator, &key, &start_ms, &stored, &status, NULL))
        count++;
    sf_window_iterator_free(iterator);
    assert_int_equal(count, 2);
    assert_ok(sf_published_fetch_all(published, 20, 100, &iterator, err));
    for (count = 0; sf_window_iterator_next(iterator, &key, &start_ms, &stored, &status, NULL);
         count++)
        assert_int_equal(start_ms, 20);
    sf_window_iterator_free(iterator);
    assert_int_equal(count, KEYS);
    release_one(published);
    close_fixture(&f);
}

static void a_store_is_asked_as_what_it_is(void **state)
{
    fixture f = open_fixture(NULL);
    sf_published *published;
    sf_window_iterator *windows;
    sf_key_value_iterator *pairs;
    sf_error why = {0};

    (void)state;
    sf_task_stores_publish(f.stores);
    published = acquire_one(&f, "counts");
    assert_int_equal(sf_published_fetch_all(published, 0, 1, &windows, &why), SF_STOP);
    assert_int_equal(why.code, SF_INVALID);
    release_one(published);
    published = acquire_one(&f, "windows");
    assert_int_equal(sf_published_range(published, SF_NULL, SF_NULL, false, &pairs, &why), SF_STOP);
    assert_non_null(strstr(why.text, "windows"));
    release_one(published);
    close_fixture(&f);
}

static void partitions_come_in_order_and_go(void **state)
{
    fixture f = open_fixture(NULL);
    sf_task_stores *others[2];
    sf_published **published;
    size_t count;

    (void)state;
    assert_ok(sf_task_stores_open(f.state, 5, both, 2, NULL, NULL, &others[0], err));
    assert_ok(sf_task_stores_open(f.state, 0, both, 2, NULL, NULL, &others[1], err));
    sf_task_stores_publish(f.stores);
    sf_task_stores_publish(others[0]);
    sf_task_stores_publish(others[1]);

    published = sf_registry_acquire(f.state, "counts", &count);
    assert_int_equal(count, 3);
    assert_int_equal(sf_published_partition(published[0]), 0);
    assert_int_equal(sf_published_partition(published[1]), 2);
    assert_int_equal(sf_published_partition(published[2]), 5);
    sf_registry_release(published, count);
    sf_task_stores_unpublish(f.stores);
    sf_task_stores_close(others[0]);
    sf_task_stores_close(others[1]);
    published = sf_registry_acquire(f.state, "counts", &count);
    assert_int_equal(count, 0);
    sf_registry_release(published, count);
    close_fixture(&f);
}

static void the_last_reader_closes_the_database(void **state)
{
    char *directory = sf_test_directory_make();
    fixture f = open_fixture(directory);
    sf_published *published;
    sf_state_pin pin = {0};
    sf_stored stored;
    sf_error why = {0};
    sf_state *again;

    (void)state;
    put_all(&f, 1);
    commit(&f);
    sf_task_stores_publish(f.stores);
    published = acquire_one(&f, "counts");
    close_fixture(&f);

    assert_ok(sf_published_get(published, sf_bytes_text("k0"), &stored, &pin, err));
    assert_bytes(stored.value, "1");
    sf_state_pin_release(&pin);
    assert_int_equal(sf_state_open(&(sf_state_options){.directory = directory}, &again, &why),
                     SF_STOP); /* still open */
    release_one(published);
    assert_ok(sf_state_open(&(sf_state_options){.directory = directory}, &again, err));
    sf_state_close(again);
    sf_test_directory_remove(directory);
}

/* ---- threads ---- */

typedef struct reader {
    sf_state *state;
    atomic_bool *stop;
    atomic_int *reads;
    const char *failure; /* NULL: none */
} reader;

static int64_t number_of(sf_bytes value)
{
    char text[24] = {0};

    memcpy(text, value.data, value.size < 23 ? value.size : 23);
    return strtoll(text, NULL, 10);
}

/* All keys have one and the same number in a snapshot: a commit is seen whole or not at all. */
static const char *read_range(sf_published *published)
{
    sf_key_value_iterator *iterator;
    sf_status status;
    sf_bytes key;
    sf_stored stored;
    int64_t number = -1;
    int count = 0;
    bool is_even = true;

    if (sf_published_range(published, SF_NULL, SF_NULL, false, &iterator, NULL))
        return "a range cannot be opened";
    for (; sf_key_value_iterator_next(iterator, &key, &stored, &status, NULL); count++) {
        if (number >= 0 && number_of(stored.value) != number)
            is_even = false;
        number = number_of(stored.value);
    }
    sf_key_value_iterator_free(iterator);
    if (status)
        return "a range failed";
    if (!is_even || (count != 0 && count != KEYS))
        return "half a commit was seen";
    return NULL;
}

static const char *read_windows(sf_published *published)
{
    sf_window_iterator *iterator;
    sf_status status;
    sf_bytes key;
    sf_stored stored;
    int64_t start_ms;
    int64_t before = -1;

    if (sf_published_fetch_all(published, 0, INT64_MAX, &iterator, NULL))
        return "windows cannot be opened";
    while (sf_window_iterator_next(iterator, &key, &start_ms, &stored, &status, NULL)) {
        if (start_ms < before)
            return "windows are out of order";
        before = start_ms;
    }
    sf_window_iterator_free(iterator);
    return status ? "a fetch failed" : NULL;
}

static const char *read_point(sf_published *published)
{
    sf_state_pin pin = {0};
    sf_stored stored;

    if (sf_published_get(published, sf_bytes_text("k1"), &stored, &pin, NULL))
        return "a get failed";
    if (stored.value.data && number_of(stored.value) != stored.timestamp)
        return "a value is not that of its timestamp";
    sf_state_pin_release(&pin);
    return NULL;
}

static void *read_on(void *argument)
{
    reader *r = argument;

    while (!atomic_load(r->stop) && !r->failure) {
        size_t count;
        sf_published **published = sf_registry_acquire(r->state, "counts", &count);

        for (size_t i = 0; i < count && !r->failure; i++) {
            r->failure = read_point(published[i]);
            if (!r->failure)
                r->failure = read_range(published[i]);
        }
        sf_registry_release(published, count);
        published = sf_registry_acquire(r->state, "windows", &count);
        for (size_t i = 0; i < count && !r->failure; i++)
            r->failure = read_windows(published[i]);
        sf_registry_release(published, count);
        atomic_fetch_add(r->reads, 1);
    }
    return NULL;
}

static void commit_and_move(fixture *f, int rounds, atomic_int *reads)
{
    for (int i = 1; i <= rounds || atomic_load(reads) < 100; i++) {
        put_all(f, i);
        commit(f);
        if (i % 7 == 0) {
            sf_task_stores_unpublish(f->stores);
            sf_task_stores_publish(f->stores);
        }
        if (i % 20 == 0) {
            sf_task_stores_close(f->stores);
            open_task(f, 2);
            sf_task_stores_publish(f->stores);
        }
    }
}

static void check_threads(const char *directory, int rounds)
{
    fixture f = open_fixture(directory);
    atomic_bool stop = false;
    atomic_int reads = 0;
    pthread_t threads[READERS];
    reader readers[READERS];

    sf_task_stores_publish(f.stores);
    for (size_t i = 0; i < READERS; i++) {
        readers[i] = (reader){.state = f.state, .stop = &stop, .reads = &reads};
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &readers[i]), 0);
    }
    commit_and_move(&f, rounds, &reads);
    atomic_store(&stop, true);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        if (readers[i].failure)
            fail_msg("%s", readers[i].failure);
    }
    close_fixture(&f);
}

static void readers_in_threads_see_whole_commits_in_memory(void **state)
{
    (void)state;
    check_threads(NULL, sf_test_rounds(300, 20000));
}

static void readers_in_threads_see_whole_commits_on_disk(void **state)
{
    char *directory = sf_test_directory_make();

    (void)state;
    check_threads(directory, sf_test_rounds(300, 20000));
    sf_test_directory_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_see_committed_state_only),
        cmocka_unit_test(windows_are_read_by_key_and_by_time),
        cmocka_unit_test(a_store_is_asked_as_what_it_is),
        cmocka_unit_test(partitions_come_in_order_and_go),
        cmocka_unit_test(the_last_reader_closes_the_database),
        cmocka_unit_test(readers_in_threads_see_whole_commits_in_memory),
        cmocka_unit_test(readers_in_threads_see_whole_commits_on_disk),
    };

    return run_tests(tests);
}
