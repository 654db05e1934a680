/* test_state_db.c - both implementations of state_db against a sorted array, side by side. */
#include "check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stateful/clock.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "store/memory_state_db.h"
#include "store/rocksdb_state_db.h"
#include "store/state_db.h"
#include "support/ordered_model.h"
#include "support/state_directory_fixture.h"

#define FAMILIES 2

/* A database under test, and where it lies. */
typedef struct place {
    bool on_disk;
    char *directory;
    char *path;
    sf_state_db *db;
} place;

static void place_open_database(place *at)
{
    if (at->on_disk)
        assert_ok(sf_rocksdb_state_db_open(&(sf_rocksdb_options){.path = at->path}, &at->db, err));
    else if (!at->db)
        at->db = sf_memory_state_db_new(true);
}

static place place_open(bool on_disk)
{
    place at = {.on_disk = on_disk, .directory = sf_test_directory_make()};

    at.path = sf_text_printf("%s/db", at.directory);
    place_open_database(&at);
    return at;
}

static void place_close(place *at)
{
    sf_state_db_close(at->db);
    sf_test_directory_remove(at->directory);
    free(at->path);
}

static sf_state_family *family_of(sf_state_db *db, const char *name)
{
    sf_state_family *family = NULL;

    assert_ok(sf_state_db_family(db, name, NULL, NULL, &family, err));
    return family;
}

static void put_one(sf_state_db *db, sf_state_family *family, const char *key, const char *value)
{
    sf_state_batch *batch = sf_state_batch_new(db);

    if (value)
        sf_state_batch_put(batch, family, sf_bytes_text(key), sf_bytes_text(value));
    else
        sf_state_batch_delete(batch, family, sf_bytes_text(key));
    assert_ok(sf_state_db_write(db, batch, err));
    sf_state_batch_free(batch);
}

static void assert_value(sf_state_db *db, sf_state_family *family, const char *key,
                         const char *expected)
{
    sf_state_pin pin = {0};
    sf_bytes value = SF_NULL;

    assert_ok(sf_state_db_get(db, family, sf_bytes_text(key), &value, &pin, err));
    assert_bytes(value, expected);
    sf_state_pin_release(&pin);
}

/* ---- the random test ---- */

typedef struct history {
    place at;
    sf_random random;
    uint64_t seed;
    sf_state_family *families[FAMILIES];
    sf_model models[FAMILIES];
} history;

static void open_families(history *h)
{
    h->families[0] = family_of(h->at.db, "first");
    h->families[1] = family_of(h->at.db, "second");
}

static sf_bytes random_key(sf_random *random, char text[16])
{
    int length =
        snprintf(text, 16, "%c%s%u", 'a' + (int)sf_random_below(random, 3),
                 sf_random_below(random, 2) ? "\xff" : "", (unsigned)sf_random_below(random, 40));

    return sf_bytes_of(text, (size_t)length - sf_random_below(random, 2));
}

static void add_random_operation(history *h, sf_state_batch *batch)
{
    size_t which = sf_random_below(&h->random, FAMILIES);
    char text[16];
    char other_text[16];
    char value_text[32];
    sf_bytes key = random_key(&h->random, text);
    sf_bytes other = random_key(&h->random, other_text);
    uint64_t dice = sf_random_below(&h->random, 20);

    if (dice == 0 && sf_bytes_compare(key, other) < 0) {
        sf_state_batch_delete_range(batch, h->families[which], key, other);
        sf_model_delete_range(&h->models[which], key, other);
    } else if (dice < 6) {
        sf_state_batch_delete(batch, h->families[which], key);
        sf_model_put(&h->models[which], key, SF_NULL, 0);
    } else {
        sf_bytes value = sf_bytes_of(
            value_text, (size_t)snprintf(value_text, 32, "%llx",
                                         (unsigned long long)sf_random_next(&h->random)));

        value.size -= sf_random_below(&h->random, value.size + 1); /* empty ones too */
        sf_state_batch_put(batch, h->families[which], key, value);
        sf_model_put(&h->models[which], key, value, 0);
    }
}

static void write_random_batch(history *h)
{
    sf_state_batch *batch = sf_state_batch_new(h->at.db);

    for (size_t i = sf_random_below(&h->random, 30); i > 0; i--)
        add_random_operation(h, batch);
    assert_ok(sf_state_db_write(h->at.db, batch, err));
    sf_state_batch_free(batch);
}

static int compare_keys(const void *left, const void *right)
{
    return sf_bytes_compare(((const sf_state_row *)left)->key, ((const sf_state_row *)right)->key);
}

static size_t drop_doubles(sf_state_row *rows, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !sf_bytes_equal(rows[kept - 1].key, rows[i].key))
            rows[kept++] = rows[i];
    return kept;
}

static void ingest_random_rows(history *h)
{
    enum { ROWS = 30 };
    size_t which = sf_random_below(&h->random, FAMILIES);
    size_t count = sf_random_below(&h->random, ROWS);
    char keys[ROWS][16];
    char values[ROWS][24];
    sf_state_row rows[ROWS];

    for (size_t i = 0; i < count; i++) {
        int length = snprintf(values[i], sizeof(values[i]), "%llx",
                              (unsigned long long)sf_random_next(&h->random));

        rows[i].key = random_key(&h->random, keys[i]);
        rows[i].value =
            sf_random_below(&h->random, 4) ? sf_bytes_of(values[i], (size_t)length) : SF_NULL;
    }
    qsort(rows, count, sizeof(rows[0]), compare_keys);
    count = drop_doubles(rows, count);
    assert_ok(sf_state_db_ingest(h->at.db, h->families[which], rows, count, err));
    for (size_t i = 0; i < count; i++)
        sf_model_put(&h->models[which], rows[i].key, rows[i].value, 0);
}

static void check_random_get(history *h)
{
    size_t which = sf_random_below(&h->random, FAMILIES);
    char text[16];
    sf_bytes key = random_key(&h->random, text);
    const sf_model_entry *expected = sf_model_get(&h->models[which], key);
    sf_state_pin pin = {0};
    sf_bytes value = SF_NULL;

    assert_ok(sf_state_db_get(h->at.db, h->families[which], key, &value, &pin, err));
    if (!sf_bytes_equal(value, expected ? expected->value : SF_NULL))
        fail_msg("get differs, seed %llu", (unsigned long long)h->seed);
    sf_state_pin_release(&pin);
}

/* A scan that was opened, and what it has to show. */
typedef struct scan {
    sf_state_snapshot *snapshot;
    sf_state_iterator *iterator;
    sf_model model;
    size_t position; /* forwards: the next one; backwards: one past the next one */
    size_t end;
    bool backwards;
} scan;

static scan open_random_scan(history *h, bool with_snapshot)
{
    size_t which = sf_random_below(&h->random, FAMILIES);
    char lower_text[16];
    char upper_text[16];
    sf_bytes lower = random_key(&h->random, lower_text);
    sf_bytes upper = random_key(&h->random, upper_text);
    scan s = {.model = sf_model_copy(&h->models[which]),
              .backwards = sf_random_below(&h->random, 2)};

    if (sf_random_below(&h->random, 4) == 0)
        lower = sf_bytes_text("");
    if (sf_random_below(&h->random, 4) == 0 || sf_bytes_compare(lower, upper) > 0)
        upper = SF_NULL;
    if (with_snapshot)
        s.snapshot = sf_state_db_snapshot(h->at.db);
    s.iterator =
        sf_state_db_iterate(h->at.db, h->families[which], lower, upper, s.backwards, s.snapshot);
    s.position = sf_model_seek(&s.model, lower);
    s.end = upper.data ? sf_model_seek(&s.model, upper) : s.model.count;
    if (s.backwards) {
        size_t first = s.position;

        s.position = s.end;
        s.end = first;
    }
    return s;
}

static bool check_step(scan *s, uint64_t seed)
{
    sf_status status = SF_OK;
    sf_bytes key = SF_NULL;
    sf_bytes value = SF_NULL;
    const sf_model_entry *expected;
    bool has_next = sf_state_iterator_next(s->iterator, &key, &value, &status, NULL);

    assert_int_equal(status, SF_OK);
    if (has_next != (s->position != s->end))
        fail_msg("scan ends too %s, seed %llu", has_next ? "late" : "early",
                 (unsigned long long)seed);
    if (!has_next)
        return false;
    expected = &s->model.entries[s->backwards ? --s->position : s->position++];
    if (!sf_bytes_equal(key, expected->key) || !sf_bytes_equal(value, expected->value))
        fail_msg("scan differs at %.*s, seed %llu", (int)key.size, (const char *)key.data,
                 (unsigned long long)seed);
    return true;
}

/* Opens a scan, changes the database beneath it, and compares with what was there at the opening. */
static void check_random_scan(history *h)
{
    scan s = open_random_scan(h, sf_random_below(&h->random, 2));

    for (size_t steps = sf_random_below(&h->random, 70); steps > 0; steps--)
        if (!check_step(&s, h->seed))
            break;
    if (sf_random_below(&h->random, 20) == 0)
        ingest_random_rows(h);
    write_random_batch(h);
    while (check_step(&s, h->seed))
        ;
    sf_state_iterator_free(s.iterator);
    sf_state_snapshot_free(h->at.db, s.snapshot);
    sf_model_done(&s.model);
}

static void close_and_open(history *h)
{
    if (!h->at.on_disk)
        return;
    sf_state_db_close(h->at.db);
    place_open_database(&h->at);
    open_families(h);
}

static void run_history(bool on_disk, int rounds)
{
    history h = {.at = place_open(on_disk), .seed = sf_test_seed()};

    sf_random_init(&h.random, h.seed);
    open_families(&h);
    for (int i = 0; i < rounds; i++) {
        write_random_batch(&h);
        if (sf_random_below(&h.random, 20) == 0)
            ingest_random_rows(&h);
        check_random_get(&h);
        check_random_scan(&h);
        if (sf_random_below(&h.random, 200) == 0)
            close_and_open(&h);
    }
    place_close(&h.at);
    for (size_t i = 0; i < FAMILIES; i++)
        sf_model_done(&h.models[i]);
}

static void memory_behaves_like_a_sorted_map(void **state)
{
    (void)state;
    run_history(false, sf_test_rounds(3000, 100000));
}

static void rocksdb_behaves_like_a_sorted_map(void **state)
{
    (void)state;
    run_history(true, sf_test_rounds(1000, 20000));
}

/* ---- single behaviours, on both ---- */

static void check_pin(bool on_disk)
{
    place at = place_open(on_disk);
    sf_state_family *family = family_of(at.db, "f");
    sf_state_pin pin = {0};
    sf_bytes value = SF_NULL;

    put_one(at.db, family, "key", "old");
    assert_ok(sf_state_db_get(at.db, family, sf_bytes_text("key"), &value, &pin, err));
    put_one(at.db, family, "key", "new");
    put_one(at.db, family, "key", NULL);

    assert_bytes(value, "old");
    sf_state_pin_release(&pin);
    assert_value(at.db, family, "key", NULL);
    place_close(&at);
}

static void a_pinned_value_outlives_its_deletion(void **state)
{
    (void)state;
    check_pin(false);
    check_pin(true);
}

static void check_family_identity(bool on_disk)
{
    place at = place_open(on_disk);
    sf_state_family *first = family_of(at.db, "f");

    put_one(at.db, first, "key", "value");

    assert_ptr_equal(family_of(at.db, "f"), first);
    assert_value(at.db, family_of(at.db, "g"), "key", NULL);
    place_close(&at);
}

static void a_family_is_opened_once(void **state)
{
    (void)state;
    check_family_identity(false);
    check_family_identity(true);
}

static bool is_old(void *user, sf_bytes key)
{
    (void)user;
    return key.data[0] == 'o';
}

static size_t count_entries(sf_state_db *db, sf_state_family *family)
{
    sf_state_iterator *iterator =
        sf_state_db_iterate(db, family, sf_bytes_text(""), SF_NULL, false, NULL);
    sf_status status;
    sf_bytes key;
    sf_bytes value;
    size_t count = 0;

    while (sf_state_iterator_next(iterator, &key, &value, &status, NULL))
        count++;
    sf_state_iterator_free(iterator);
    return count;
}

static sf_state_family *expiring_family(sf_state_db *db)
{
    sf_state_family *family = NULL;

    assert_ok(sf_state_db_family(db, "expiring", is_old, NULL, &family, err));
    return family;
}

static void write_old_and_new(sf_state_db *db, sf_state_family *family, int round)
{
    char key[16];

    for (int i = 0; i < 50; i++) {
        (void)snprintf(key, sizeof(key), "%s%d-%d", i % 2 ? "old" : "new", i, round);
        put_one(db, family, key, "x");
    }
}

static void expired_entries_leave_memory_as_others_come(void **state)
{
    place at = place_open(false);
    sf_state_family *family = expiring_family(at.db);

    (void)state;
    for (int round = 0; round < 10; round++)
        write_old_and_new(at.db, family, round);

    assert_in_range(count_entries(at.db, family), 250, 300); /* 250 are new */
    place_close(&at);
}

/* Each close leaves a file in level 0, and four of them set off a compaction beside us: how soon is
 * RocksDB's affair, so rounds go on until it has been seen. */
static void expired_entries_leave_rocksdb_in_a_compaction(void **state)
{
    place at = place_open(true);
    size_t left = 0;
    int rounds = 0;

    (void)state;
    do {
        write_old_and_new(at.db, expiring_family(at.db), rounds++);
        sf_state_db_close(at.db);
        place_open_database(&at);
        (void)usleep(20000);
        left = count_entries(at.db, expiring_family(at.db));
    } while (left == (size_t)rounds * 50 && rounds < 500);

    assert_in_range(left, rounds * 25, rounds * 50 - 1); /* 25 of each round are new */
    place_close(&at);
}

static void batches_that_are_cut_off_are_gone(void **state)
{
    sf_state_db *db = sf_memory_state_db_new(true);
    sf_state_family *family = family_of(db, "f");

    (void)state;
    put_one(db, family, "a", "1");
    put_one(db, family, "b", "2");
    put_one(db, family, "a", "3");
    assert_int_equal(sf_memory_state_db_batches(db), 3);

    sf_memory_state_db_cut(db, 2);

    assert_value(db, family, "a", "1");
    assert_value(db, family, "b", "2");
    put_one(db, family, "c", "4");
    sf_memory_state_db_cut(db, 0);
    assert_value(db, family, "a", NULL);
    assert_value(db, family, "c", NULL);
    sf_state_db_close(db);
}

/* ---- kill ---- */

/* Writes batches that say how many there were, and dies without a word. */
static void write_and_die(const char *path, int batches)
{
    sf_state_db *db;
    sf_state_family *family;
    char number[16];

    if (sf_rocksdb_state_db_open(&(sf_rocksdb_options){.path = path}, &db, NULL))
        _exit(1);
    family = family_of(db, "f");
    for (int i = 1; i <= batches; i++) {
        sf_state_batch *batch = sf_state_batch_new(db);

        (void)snprintf(number, sizeof(number), "%d", i);
        sf_state_batch_put(batch, family, sf_bytes_text("first"), sf_bytes_text(number));
        sf_state_batch_put(batch, family, sf_bytes_text("second"), sf_bytes_text(number));
        if (sf_state_db_write(db, batch, NULL))
            _exit(1);
        sf_state_batch_free(batch);
    }
    (void)kill(getpid(), SIGKILL); /* does not return */
    _exit(1);
}

static void a_killed_process_loses_no_batch(void **state)
{
    place at = {.on_disk = true, .directory = sf_test_directory_make()};
    pid_t child;
    int how;

    (void)state;
    at.path = sf_text_printf("%s/db", at.directory);
    child = fork();
    if (child == 0)
        write_and_die(at.path, 100);
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);

    place_open_database(&at);

    assert_value(at.db, family_of(at.db, "f"), "first", "100");
    assert_value(at.db, family_of(at.db, "f"), "second", "100");
    place_close(&at);
}

static void a_version_grows_with_a_batch_and_stays_over_reads(void **state)
{
    (void)state;
    for (int on_disk = 0; on_disk <= 1; on_disk++) {
        place at = place_open(on_disk);
        sf_state_family *family = family_of(at.db, "f");
        uint64_t before, after;

        put_one(at.db, family, "a", "1");
        before = sf_state_db_version(at.db);
        assert_value(at.db, family, "a", "1");
        assert_true(sf_state_db_version(at.db) == before);
        put_one(at.db, family, "a", "1");
        after = sf_state_db_version(at.db);
        assert_true(after > before);
        put_one(at.db, family, "a", NULL);
        assert_true(sf_state_db_version(at.db) > after);
        place_close(&at);
    }
}

static void ingest_one(sf_state_db *db, const char *key, const char *value)
{
    const sf_state_row row = {sf_bytes_text(key), sf_bytes_text(value)};

    assert_ok(sf_state_db_ingest(db, family_of(db, "f"), &row, 1, err));
}

static void ingest_and_die(const char *path)
{
    char *left_behind = sf_text_printf("%s/load/7.sst", path);
    sf_state_db *db;

    if (sf_rocksdb_state_db_open(&(sf_rocksdb_options){.path = path}, &db, NULL))
        _exit(1);
    put_one(db, family_of(db, "f"), "written", "before");
    ingest_one(db, "taken", "in");
    if (sf_file_replace(left_behind, sf_bytes_text("half a file"), NULL))
        _exit(1);
    (void)kill(getpid(), SIGKILL); /* does not return */
    _exit(1);
}

static void rows_that_were_taken_in_survive_a_kill(void **state)
{
    place at = {.on_disk = true, .directory = sf_test_directory_make()};
    char *load;
    pid_t child;
    int how;

    (void)state;
    at.path = sf_text_printf("%s/db", at.directory);
    load = sf_text_printf("%s/load", at.path);
    child = fork();
    if (child == 0)
        ingest_and_die(at.path);
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);

    place_open_database(&at);

    assert_value(at.db, family_of(at.db, "f"), "written", "before");
    assert_value(at.db, family_of(at.db, "f"), "taken", "in");
    assert_int_equal(access(load, F_OK), -1); /* what was left half done is gone */
    free(load);
    place_close(&at);
}

static void a_file_that_cannot_be_made_is_named(void **state)
{
    const sf_state_row row = {sf_bytes_text("a"), sf_bytes_text("1")};
    place at = place_open(true);
    char *load = sf_text_printf("%s/load", at.path);
    sf_error why = {0};

    (void)state;
    assert_ok(sf_file_replace(load, sf_bytes_text("no directory"), err));

    assert_int_equal(sf_state_db_ingest(at.db, family_of(at.db, "f"), &row, 1, &why), SF_STOP);

    assert_int_equal(why.code, SF_IO);
    assert_non_null(strstr(why.text, load));
    assert_value(at.db, family_of(at.db, "f"), "a", NULL);
    free(load);
    place_close(&at);
}

static void damaged_files_are_named_so(void **state)
{
    place at = place_open(true);
    char *current = sf_text_printf("%s/CURRENT", at.path);
    sf_state_db *db;
    sf_error why = {0};

    (void)state;
    put_one(at.db, family_of(at.db, "f"), "a", "1");
    sf_state_db_close(at.db);
    assert_ok(sf_file_replace(current, sf_bytes_text("nonsense"), err));

    assert_int_equal(sf_rocksdb_state_db_open(&(sf_rocksdb_options){.path = at.path}, &db, &why),
                     SF_STOP);

    assert_int_equal(why.code, SF_CORRUPT);
    assert_non_null(strstr(why.text, at.path));
    sf_test_directory_remove(at.directory);
    free(at.path);
    free(current);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_process_loses_no_batch), /* first: it forks */
        cmocka_unit_test(rows_that_were_taken_in_survive_a_kill),
        cmocka_unit_test(memory_behaves_like_a_sorted_map),
        cmocka_unit_test(rocksdb_behaves_like_a_sorted_map),
        cmocka_unit_test(a_pinned_value_outlives_its_deletion),
        cmocka_unit_test(a_family_is_opened_once),
        cmocka_unit_test(expired_entries_leave_memory_as_others_come),
        cmocka_unit_test(expired_entries_leave_rocksdb_in_a_compaction),
        cmocka_unit_test(batches_that_are_cut_off_are_gone),
        cmocka_unit_test(a_version_grows_with_a_batch_and_stays_over_reads),
        cmocka_unit_test(a_file_that_cannot_be_made_is_named),
        cmocka_unit_test(damaged_files_are_named_so),
    };

    return run_tests(tests);
}
