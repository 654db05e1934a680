/* test_write_buffer.c - what the buffer promises beyond right answers: no allocation, bounded memory,
 * what is in flight stays. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/memory_state_db.h"
#include "store/write_buffer.h"
#include "support/allocation_hook.h"

/* ---- fixture ---- */

typedef struct fixture {
    sf_state_db *db;
    sf_state_family *family;
    sf_state_batch *batch;
    sf_buffer_pool pool;
    sf_write_buffer *buffer;
} fixture;

/* In place: the buffer keeps a pointer to the pool. */
static void open_fixture(fixture *f, size_t cache_bytes)
{
    *f = (fixture){.db = sf_memory_state_db_new(false)};
    assert_ok(sf_state_db_family(f->db, "f", NULL, NULL, &f->family, err));
    f->batch = sf_state_batch_new(f->db);
    sf_buffer_pool_init(&f->pool, cache_bytes);
    f->buffer = sf_write_buffer_new(&(sf_write_buffer_options){
        .pool = &f->pool, .db = f->db, .family = f->family, .partition = 1, .store = "s"});
}

static void close_fixture(fixture *f)
{
    sf_write_buffer_free(f->buffer);
    sf_state_batch_free(f->batch);
    sf_state_db_close(f->db);
}

static sf_bytes numbered(char text[16], int number)
{
    return sf_bytes_of(text, (size_t)snprintf(text, 16, "key-%d", number));
}

static void put_text(fixture *f, const char *key, const char *value)
{
    assert_ok(sf_write_buffer_put(f->buffer, sf_bytes_text(key), sf_bytes_text(value), 1, err));
}

static void assert_text(fixture *f, const char *key, const char *expected)
{
    sf_stored stored = {0};

    assert_ok(sf_write_buffer_get(f->buffer, sf_bytes_text(key), &stored, err));
    assert_bytes(stored.value, expected);
}

static void flush(fixture *f)
{
    assert_ok(sf_write_buffer_flush(f->buffer, f->batch, NULL, NULL, err));
}

static void write_batch(fixture *f)
{
    assert_ok(sf_state_db_write(f->db, f->batch, err));
    sf_state_batch_clear(f->batch);
}

static void commit(fixture *f)
{
    flush(f);
    write_batch(f);
    sf_write_buffer_committed(f->buffer);
}

static void update_all(fixture *f, int keys, int round)
{
    char key[16];
    char value[40];
    sf_stored stored;

    for (int i = 0; i < keys; i++) {
        sf_buffer_pool_mark(&f->pool);
        assert_ok(sf_write_buffer_get(f->buffer, numbered(key, i), &stored, err));
        (void)snprintf(value, sizeof(value), "%039d", round + i);
        assert_ok(
            sf_write_buffer_put(f->buffer, numbered(key, i), sf_bytes_of(value, 39), round, err));
    }
}

/* ---- tests ---- */

static void check_no_allocation(bool forwards)
{
    fixture f;
    size_t before;

    open_fixture(&f, 1 << 20);
    if (forwards)
        sf_write_buffer_set_forwards(f.buffer);
    update_all(&f, 1000, 0);
    commit(&f);
    update_all(&f, 1000, 1);
    assert_true(allocations > 0);
    before = allocations;

    update_all(&f, 1000, 2);
    update_all(&f, 1000, 3);

    assert_int_equal(allocations, before);
    close_fixture(&f);
}

static void updates_of_known_keys_allocate_nothing(void **state)
{
    (void)state;
    if (!COUNTS_ALLOCATIONS) {
        (void)printf("skip: a sanitizer owns the allocator\n");
        skip();
    }
    check_no_allocation(false);
    check_no_allocation(true);
}

static void the_read_cache_keeps_to_its_size(void **state)
{
    fixture f;
    char key[16];
    sf_stored stored;

    (void)state;
    open_fixture(&f, 20000);
    for (int i = 0; i < 10000; i++) {
        sf_buffer_pool_mark(&f.pool);
        assert_true(f.pool.cache->bytes <= 20000);
        assert_ok(sf_write_buffer_get(f.buffer, numbered(key, i), &stored, err));
    }
    close_fixture(&f);
}

static void reads_between_two_marks_keep_to_twice_the_size(void **state)
{
    fixture f;
    char key[16];
    sf_stored stored;

    (void)state;
    open_fixture(&f, 20000);
    for (int i = 0; i < 10000; i++)
        assert_ok(sf_write_buffer_get(f.buffer, numbered(key, i), &stored, err));

    assert_true(f.pool.cache->bytes <= 2 * 20000 + 1000);
    close_fixture(&f);
}

static void two_buffers_share_the_cache(void **state)
{
    fixture f;
    char key[16];
    sf_stored stored;
    sf_write_buffer *other;

    (void)state;
    open_fixture(&f, 20000);
    other = sf_write_buffer_new(&(sf_write_buffer_options){
        .pool = &f.pool, .db = f.db, .family = f.family, .partition = 2, .store = "t"});
    for (int i = 0; i < 60; i++)
        assert_ok(sf_write_buffer_get(f.buffer, numbered(key, i), &stored, err));
    for (int i = 0; i < 2000; i++) {
        sf_buffer_pool_mark(&f.pool);
        assert_ok(sf_write_buffer_get(other, numbered(key, i), &stored, err));
        assert_true(f.pool.cache->bytes <= 21000);
    }
    sf_write_buffer_free(other);
    close_fixture(&f);
}

static void dirty_entries_are_counted_and_not_evicted(void **state)
{
    fixture f;

    (void)state;
    open_fixture(&f, 0);
    update_all(&f, 100, 0);
    assert_true(f.pool.dirty_bytes > 100 * (size_t)39);
    sf_buffer_pool_mark(&f.pool);

    assert_text(&f, "key-0", "000000000000000000000000000000000000000");
    commit(&f);
    assert_int_equal(f.pool.dirty_bytes, 0);
    sf_buffer_pool_mark(&f.pool);
    assert_int_equal(f.pool.cache->bytes, 0);
    assert_text(&f, "key-99", "000000000000000000000000000000000000099");
    close_fixture(&f);
}

/* Reads keys until the cache must have been full several times. */
static void read_many(fixture *f)
{
    char key[16];
    sf_stored stored;

    for (int i = 0; i < 1000; i++) {
        sf_buffer_pool_mark(&f->pool);
        assert_ok(sf_write_buffer_get(f->buffer, numbered(key, i), &stored, err));
    }
}

static void a_shared_cache_gives_its_room_to_who_reads(void **state)
{
    sf_read_cache cache = {.limit = 20000};
    fixture one, other;

    (void)state;
    open_fixture(&one, 0);
    open_fixture(&other, 0);
    read_many(&one);
    sf_buffer_pool_join(&one.pool, &cache);
    sf_buffer_pool_join(&other.pool, &cache);
    assert_true(cache.bytes > 0); /* it brought what it had */

    read_many(&one);
    sf_buffer_pool_mark(&one.pool);
    assert_true(cache.bytes > 15000 && cache.bytes <= 20000);
    read_many(&other);
    sf_buffer_pool_mark(&other.pool);
    assert_true(cache.bytes > 15000 && cache.bytes <= 20000);

    close_fixture(&one);
    assert_true(cache.bytes > 5000 && cache.bytes <= 20000); /* the other has its part */
    close_fixture(&other);
    assert_int_equal(cache.bytes, 0);
    assert_null(cache.first);
}

static void what_is_in_flight_is_read_and_written_over(void **state)
{
    fixture f;

    (void)state;
    open_fixture(&f, 0);
    put_text(&f, "a", "first");
    put_text(&f, "b", "first");
    flush(&f);
    sf_buffer_pool_mark(&f.pool);
    assert_text(&f, "a", "first"); /* not on disk yet */
    put_text(&f, "b", "second");
    write_batch(&f);
    sf_write_buffer_committed(f.buffer);

    sf_buffer_pool_mark(&f.pool);
    assert_text(&f, "a", "first");
    assert_text(&f, "b", "second");
    sf_write_buffer_abort(f.buffer); /* the next generation alone */
    assert_text(&f, "b", "first");
    close_fixture(&f);
}

static void an_undone_write_over_something_in_flight_leaves_it_there(void **state)
{
    fixture f;

    (void)state;
    open_fixture(&f, 0);
    put_text(&f, "a", "first");
    flush(&f);
    sf_buffer_pool_mark(&f.pool);
    put_text(&f, "a", "second");
    sf_write_buffer_undo(f.buffer);
    assert_text(&f, "a", "first");

    flush(&f); /* nothing is dirty */
    assert_int_equal(sf_state_batch_count(f.batch), 1);
    write_batch(&f);
    sf_write_buffer_committed(f.buffer);
    assert_int_equal(f.pool.dirty_bytes, 0);
    assert_text(&f, "a", "first");
    close_fixture(&f);
}

static void a_key_known_to_be_absent_is_not_looked_up_again(void **state)
{
    fixture f;
    sf_state_batch *behind;

    (void)state;
    open_fixture(&f, 1 << 20);
    assert_text(&f, "a", NULL);
    behind = sf_state_batch_new(f.db);
    sf_state_batch_put(behind, f.family, sf_bytes_of("\0\0\0\1a", 5),
                       sf_bytes_of("\0\0\0\0\0\0\0\1x", 9));
    assert_ok(sf_state_db_write(f.db, behind, err));

    assert_text(&f, "a", NULL);
    sf_write_buffer_clear(f.buffer);
    assert_text(&f, "a", "x");
    sf_state_batch_free(behind);
    close_fixture(&f);
}

static void a_value_without_a_timestamp_is_corrupt(void **state)
{
    fixture f;
    sf_error why = {0};
    sf_stored stored;

    (void)state;
    open_fixture(&f, 0);
    sf_state_batch_put(f.batch, f.family, sf_bytes_of("\0\0\0\1a", 5), sf_bytes_text("short"));
    write_batch(&f);

    assert_int_equal(sf_write_buffer_get(f.buffer, sf_bytes_text("a"), &stored, &why), SF_STOP);
    assert_int_equal(why.code, SF_CORRUPT);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_of_known_keys_allocate_nothing),
        cmocka_unit_test(the_read_cache_keeps_to_its_size),
        cmocka_unit_test(a_shared_cache_gives_its_room_to_who_reads),
        cmocka_unit_test(reads_between_two_marks_keep_to_twice_the_size),
        cmocka_unit_test(two_buffers_share_the_cache),
        cmocka_unit_test(dirty_entries_are_counted_and_not_evicted),
        cmocka_unit_test(what_is_in_flight_is_read_and_written_over),
        cmocka_unit_test(an_undone_write_over_something_in_flight_leaves_it_there),
        cmocka_unit_test(a_key_known_to_be_absent_is_not_looked_up_again),
        cmocka_unit_test(a_value_without_a_timestamp_is_corrupt),
    };

    return run_tests(tests);
}
