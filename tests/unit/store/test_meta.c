#include "store/meta.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "check.h"
#include "store/memory_state_db.h"
#include "store/rocksdb_state_db.h"
#include "support/state_directory_fixture.h"

static sf_state_db *open_db(const char *directory, bool is_read_only)
{
    char *path = sf_text_printf("%s/db", directory);
    sf_state_db *db;

    assert_ok(sf_rocksdb_state_db_open(
        &(sf_rocksdb_options){.path = path, .is_read_only = is_read_only}, &db, err));
    free(path);
    return db;
}

static void put(sf_state_db *db, sf_meta_kind kind, const char *name, int32_t partition,
                int64_t number)
{
    sf_state_batch *batch = sf_state_batch_new(db);

    assert_ok(sf_meta_put(db, batch, kind, name, partition, number, err));
    assert_ok(sf_state_db_write(db, batch, err));
    sf_state_batch_free(batch);
}

static void add_line(void *user, const char *name, int32_t partition, int64_t number)
{
    sf_buffer_printf(user, "%s/%d=%lld ", name, (int)partition, (long long)number);
}

static char *visited(sf_state_db *db, sf_meta_kind kind)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    assert_ok(sf_meta_visit(db, kind, add_line, &text, err));
    return sf_buffer_detach(&text);
}

static void fill(const char *directory)
{
    sf_state_db *db = open_db(directory, false);

    put(db, SF_META_CHANGELOG, "sums", 1, 70);
    put(db, SF_META_CHANGELOG, "sums", 0, 7);
    put(db, SF_META_CHANGELOG, "a", 300, 1);
    put(db, SF_META_INPUT, "in", 0, 5);
    sf_state_db_close(db);
}

static void numbers_of_a_kind_are_visited_by_name_and_partition(void **state)
{
    char *directory = sf_test_directory_make();
    sf_state_db *db;
    char *text;

    (void)state;
    fill(directory);
    db = open_db(directory, false);

    text = visited(db, SF_META_CHANGELOG);
    assert_string_equal(text, "a/300=1 sums/0=7 sums/1=70 ");
    free(text);
    text = visited(db, SF_META_INPUT);
    assert_string_equal(text, "in/0=5 ");
    free(text);
    text = visited(db, SF_META_OBSERVED);
    assert_string_equal(text, "");
    free(text);
    sf_state_db_close(db);
    sf_test_directory_remove(directory);
}

static void database_opened_to_read_only_refuses_to_be_written(void **state)
{
    char *directory = sf_test_directory_make();
    sf_state_db *db;
    sf_state_batch *batch;
    sf_error error = {0};
    char *text;

    (void)state;
    fill(directory);
    db = open_db(directory, true);
    batch = sf_state_batch_new(db);
    assert_ok(sf_meta_put(db, batch, SF_META_INPUT, "in", 0, 6, err));
    assert_int_equal(sf_state_db_write(db, batch, &error), SF_STOP);
    sf_state_batch_free(batch);

    text = visited(db, SF_META_INPUT);
    assert_string_equal(text, "in/0=5 ");
    free(text);
    sf_state_db_close(db);
    sf_test_directory_remove(directory);
}

static void nothing_is_made_where_there_is_no_database_to_read(void **state)
{
    char *directory = sf_test_directory_make();
    char *path = sf_text_printf("%s/none", directory);
    sf_state_db *db;
    sf_error error = {0};

    (void)state;
    assert_int_equal(sf_rocksdb_state_db_open(
                         &(sf_rocksdb_options){.path = path, .is_read_only = true}, &db, &error),
                     SF_STOP);
    assert_non_null(strstr(error.text, "cannot open the database in "));
    free(path);
    sf_test_directory_remove(directory);
}

/* A row of the family, whatever program wrote it. */
static void put_row(sf_state_db *db, sf_bytes key, sf_bytes value)
{
    sf_state_batch *batch = sf_state_batch_new(db);
    sf_state_family *family;

    assert_ok(sf_state_db_family(db, "meta", NULL, NULL, &family, err));
    sf_state_batch_put(batch, family, key, value);
    assert_ok(sf_state_db_write(db, batch, err));
    sf_state_batch_free(batch);
}

static void what_is_no_number_is_refused_by_its_name(void **state)
{
    sf_state_db *db = sf_memory_state_db_new(false);
    sf_error error = {0};
    uint64_t incarnation;
    int64_t number;

    (void)state;
    put_row(db, sf_bytes_of("csums\0\0\0\0\1", 10), sf_bytes_text("seven"));
    put_row(db, sf_bytes_text("n"), sf_bytes_text("123"));

    assert_int_equal(sf_meta_get(db, SF_META_CHANGELOG, "sums", 1, &number, &error), SF_STOP);
    assert_string_equal(error.text, "the state's memory of 'sums' has 5 bytes, not 8");
    error = (sf_error){0};
    assert_int_equal(sf_meta_get_incarnation(db, &incarnation, &error), SF_STOP);
    assert_string_equal(error.text, "the state's memory of 'the incarnation' has 3 bytes, not 8");
    sf_state_db_close(db);
}

static void rows_of_another_form_are_not_visited(void **state)
{
    sf_state_db *db = sf_memory_state_db_new(false);
    char *text;

    (void)state;
    put(db, SF_META_INPUT, "in", 0, 5);
    put_row(db, sf_bytes_of("ia\0b\0\0\0\0\1", 9), sf_bytes_text("12345678"));
    put_row(db, sf_bytes_of("i\0\0\0\1", 5), sf_bytes_text("12345678"));

    text = visited(db, SF_META_INPUT);
    assert_string_equal(text, "in/0=5 ");
    free(text);
    sf_state_db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_a_kind_are_visited_by_name_and_partition),
        cmocka_unit_test(database_opened_to_read_only_refuses_to_be_written),
        cmocka_unit_test(what_is_no_number_is_refused_by_its_name),
        cmocka_unit_test(rows_of_another_form_are_not_visited),
        cmocka_unit_test(nothing_is_made_where_there_is_no_database_to_read),
    };

    return run_tests(tests);
}
