/* test_bulk_load.c - a load against a model, into RocksDB. */
#include "store/bulk_load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "store/rocksdb_state_db.h"
#include "support/ordered_model.h"
#include "support/state_directory_fixture.h"

typedef struct bench {
    char *directory;
    char *path;
    sf_state_db *db;
    sf_state_family *rows;
    sf_state_family *side;
    sf_bulk_load *load;
} bench;

static sf_state_family *family_of(sf_state_db *db, const char *name)
{
    sf_state_family *family = NULL;

    assert_ok(sf_state_db_family(db, name, NULL, NULL, &family, err));
    return family;
}

static bench open_bench(void)
{
    bench at = {.directory = sf_test_directory_make()};

    at.path = sf_text_printf("%s/db", at.directory);
    assert_ok(sf_rocksdb_state_db_open(&(sf_rocksdb_options){.path = at.path}, &at.db, err));
    at.rows = family_of(at.db, "rows");
    at.side = family_of(at.db, "side");
    at.load = sf_bulk_load_new(at.db);
    return at;
}

static void close_bench(bench *at)
{
    sf_bulk_load_free(at->load);
    sf_state_db_close(at->db);
    sf_test_directory_remove(at->directory);
    free(at->path);
}

static void put(bench *at, sf_state_family *family, const char *key, const char *value)
{
    sf_state_batch *batch = sf_bulk_load_batch(at->load);

    if (value)
        sf_state_batch_put(batch, family, sf_bytes_text(key), sf_bytes_text(value));
    else
        sf_state_batch_delete(batch, family, sf_bytes_text(key));
}

static void assert_value(bench *at, sf_state_family *family, const char *key, const char *expected)
{
    sf_state_pin pin = {0};
    sf_bytes value = SF_NULL;

    assert_ok(sf_state_db_get(at->db, family, sf_bytes_text(key), &value, &pin, err));
    assert_bytes(value, expected);
    sf_state_pin_release(&pin);
}

static void the_last_row_of_a_key_counts(void **state)
{
    bench at = open_bench();

    (void)state;
    put(&at, at.rows, "b", "first");
    put(&at, at.rows, "a", "only");
    put(&at, at.rows, "c", "goes");
    put(&at, at.rows, "b", "second");
    put(&at, at.rows, "c", NULL);
    put(&at, at.rows, "d", "");
    put(&at, at.side, "b", "aside");
    assert_true(sf_bulk_load_bytes(at.load) > 0);
    assert_value(&at, at.rows, "a", NULL); /* not yet */

    assert_ok(sf_bulk_load_write(at.load, err));

    assert_int_equal(sf_bulk_load_bytes(at.load), 0);
    assert_value(&at, at.rows, "a", "only");
    assert_value(&at, at.rows, "b", "second");
    assert_value(&at, at.rows, "c", NULL);
    assert_value(&at, at.rows, "d", "");
    assert_value(&at, at.side, "b", "aside");
    close_bench(&at);
}

static void a_later_load_is_newer(void **state)
{
    bench at = open_bench();

    (void)state;
    put(&at, at.rows, "a", "1");
    put(&at, at.rows, "b", "1");
    assert_ok(sf_bulk_load_write(at.load, err));
    assert_ok(sf_bulk_load_write(at.load, err)); /* of nothing */
    put(&at, at.rows, "a", NULL);
    put(&at, at.rows, "c", "2");
    assert_ok(sf_bulk_load_write(at.load, err));

    assert_value(&at, at.rows, "a", NULL);
    assert_value(&at, at.rows, "b", "1");
    assert_value(&at, at.rows, "c", "2");
    close_bench(&at);
}

static void rows_that_could_not_be_written_are_kept(void **state)
{
    bench at = open_bench();
    char *way = sf_text_printf("%s/load", at.path);
    sf_error why = {0};

    (void)state;
    put(&at, at.rows, "a", "1");
    assert_ok(sf_file_replace(way, sf_bytes_text("in the way"), err));
    assert_int_equal(sf_bulk_load_write(at.load, &why), SF_STOP);
    assert_int_equal(unlink(way), 0);
    put(&at, at.rows, "b", "2");

    assert_ok(sf_bulk_load_write(at.load, err));

    assert_value(&at, at.rows, "a", "1");
    assert_value(&at, at.rows, "b", "2");
    free(way);
    close_bench(&at);
}

/* Keys that begin with one another, zeros, and much in common. */
static sf_bytes random_key(sf_random *random, uint8_t bytes[32])
{
    static const uint8_t alphabet[] = {0, 1, 'x', 0xff};
    size_t size = 4 + (size_t)sf_random_below(random, 14);

    memset(bytes, 0, 4);
    for (size_t i = 4; i < size; i++)
        bytes[i] =
            i < 8 && sf_random_below(random, 20) ? 'k' : alphabet[sf_random_below(random, 4)];
    return sf_bytes_of(bytes, size);
}

static void check_against(bench *at, const sf_model *model, uint64_t seed)
{
    sf_state_iterator *rows =
        sf_state_db_iterate(at->db, at->rows, sf_bytes_text(""), SF_NULL, false, NULL);
    sf_status status = SF_OK;
    sf_bytes key, value;
    size_t count = 0;

    while (sf_state_iterator_next(rows, &key, &value, &status, NULL)) {
        if (count == model->count || !sf_bytes_equal(key, model->entries[count].key) ||
            !sf_bytes_equal(value, model->entries[count].value))
            fail_msg("row %zu differs, seed %" PRIu64, count, seed);
        count++;
    }
    assert_int_equal(status, SF_OK);
    assert_int_equal(count, model->count);
    sf_state_iterator_free(rows);
}

static void random_rows_come_out_as_in_a_sorted_map(void **state)
{
    bench at = open_bench();
    uint64_t seed = sf_test_seed();
    sf_model model = SF_MODEL_EMPTY;
    sf_random random;

    (void)state;
    sf_random_init(&random, seed);
    for (int round = sf_test_rounds(10, 300); round > 0; round--) {
        for (size_t i = sf_random_below(&random, 2000); i > 0; i--) {
            uint8_t key_bytes[32];
            sf_bytes key = random_key(&random, key_bytes);
            uint64_t number = sf_random_next(&random);
            sf_bytes value = sf_random_below(&random, 8)
                                 ? sf_bytes_of(&number, (size_t)sf_random_below(&random, 9))
                                 : SF_NULL;

            if (value.data)
                sf_state_batch_put(sf_bulk_load_batch(at.load), at.rows, key, value);
            else
                sf_state_batch_delete(sf_bulk_load_batch(at.load), at.rows, key);
            sf_model_put(&model, key, value, 0);
        }
        assert_ok(sf_bulk_load_write(at.load, err));
        check_against(&at, &model, seed);
    }
    sf_model_done(&model);
    close_bench(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_row_of_a_key_counts),
        cmocka_unit_test(a_later_load_is_newer),
        cmocka_unit_test(rows_that_could_not_be_written_are_kept),
        cmocka_unit_test(random_rows_come_out_as_in_a_sorted_map),
    };

    return run_tests(tests);
}
