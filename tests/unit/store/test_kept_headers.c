#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "store/kept_headers.h"
#include "store/memory_state_db.h"
#include "store/write_buffer.h"

static void headers_are_copied_with_names_values_and_nulls(void **state)
{
    char name[] = "trace";
    char value[] = "17";
    sf_header items[] = {
        {name, sf_bytes_of(value, 2)}, {"none", SF_NULL}, {"empty", sf_bytes_text("")}};
    sf_kept_headers *kept = sf_kept_headers_copy((sf_headers){items, 3});
    sf_headers copy;

    (void)state;
    name[0] = value[0] = 'x';
    copy = sf_kept_headers_get(kept);

    assert_int_equal(copy.count, 3);
    assert_string_equal(copy.items[0].name, "trace");
    assert_bytes(copy.items[0].value, "17");
    assert_string_equal(copy.items[1].name, "none");
    assert_null(copy.items[1].value.data);
    assert_non_null(copy.items[2].value.data);
    assert_int_equal(copy.items[2].value.size, 0);
    free(kept);
}

static void no_headers_are_nothing(void **state)
{
    (void)state;
    assert_null(sf_kept_headers_copy((sf_headers){0}));
    assert_int_equal(sf_kept_headers_get(NULL).count, 0);
}

/* ---- in a write buffer ---- */

typedef struct fixture {
    sf_state_db *db;
    sf_state_batch *batch;
    sf_buffer_pool pool;
    sf_write_buffer *buffer;
    char seen[64]; /* the names that came with what was forwarded, each with a comma */
} fixture;

static void open_fixture(fixture *f)
{
    sf_write_buffer_options options = {.pool = &f->pool, .store = "test"};

    f->db = sf_memory_state_db_new(false);
    f->batch = sf_state_batch_new(f->db);
    assert_ok(sf_state_db_family(f->db, "test", NULL, NULL, &options.family, err));
    sf_buffer_pool_init(&f->pool, 1 << 20);
    options.db = f->db;
    f->buffer = sf_write_buffer_new(&options);
    sf_write_buffer_set_forwards(f->buffer);
    f->seen[0] = 0;
}

static void close_fixture(fixture *f)
{
    sf_write_buffer_free(f->buffer);
    sf_state_batch_free(f->batch);
    sf_state_db_close(f->db);
}

/* A put by a record with one header of that name; NULL: without headers. */
static void put_by(fixture *f, const char *key, const char *header)
{
    sf_header item = {header, sf_bytes_text("v")};

    sf_write_buffer_set_headers(f->buffer, header ? (sf_headers){&item, 1} : (sf_headers){NULL, 0});
    assert_ok(sf_write_buffer_put(f->buffer, sf_bytes_text(key), sf_bytes_text("x"), 1, err));
    sf_write_buffer_set_headers(f->buffer, (sf_headers){NULL, 0});
}

static sf_status see(void *user, sf_bytes key, sf_stored now, sf_stored before, sf_error *err)
{
    fixture *f = user;
    sf_headers headers = sf_write_buffer_forwarded_headers(f->buffer);

    (void)key;
    (void)now;
    (void)before;
    (void)err;
    for (size_t i = 0; i < headers.count; i++)
        strcat(f->seen, headers.items[i].name);
    strcat(f->seen, ",");
    return SF_OK;
}

static void forward(fixture *f)
{
    f->seen[0] = 0;
    assert_ok(sf_write_buffer_forward(f->buffer, see, f, err));
}

static void a_change_goes_on_with_the_headers_of_its_last_put(void **state)
{
    fixture f;

    (void)state;
    open_fixture(&f);
    put_by(&f, "a", "first");
    put_by(&f, "b", "other");
    put_by(&f, "a", "last");
    put_by(&f, "c", "gone");
    put_by(&f, "c", NULL);

    forward(&f);

    assert_string_equal(f.seen, "other,last,,");
    assert_int_equal(sf_write_buffer_forwarded_headers(f.buffer).count, 0);
    put_by(&f, "a", NULL);
    forward(&f);
    assert_string_equal(f.seen, ",");
    close_fixture(&f);
}

static void an_undone_put_leaves_the_headers_as_they_were(void **state)
{
    fixture f;

    (void)state;
    open_fixture(&f);
    put_by(&f, "a", "kept");
    sf_buffer_pool_mark(&f.pool);
    put_by(&f, "a", "undone");
    put_by(&f, "a", "undone too");
    put_by(&f, "b", "never");
    sf_write_buffer_undo(f.buffer);

    forward(&f);

    assert_string_equal(f.seen, "kept,");
    close_fixture(&f);
}

static void an_abort_forgets_headers(void **state)
{
    fixture f;

    (void)state;
    open_fixture(&f);
    put_by(&f, "a", "aborted");
    sf_buffer_pool_mark(&f.pool);
    put_by(&f, "a", "aborted too");
    sf_write_buffer_abort(f.buffer);
    put_by(&f, "a", NULL);

    forward(&f);

    assert_string_equal(f.seen, ",");
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_copied_with_names_values_and_nulls),
        cmocka_unit_test(no_headers_are_nothing),
        cmocka_unit_test(a_change_goes_on_with_the_headers_of_its_last_put),
        cmocka_unit_test(an_undone_put_leaves_the_headers_as_they_were),
        cmocka_unit_test(an_abort_forgets_headers),
    };

    return run_tests(tests);
}
