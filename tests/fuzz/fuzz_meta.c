/* fuzz_meta.c - any rows as what the state remembers of its past: positions, times, the incarnation. What
 * a visit names can be asked for by that name and is the same, what is no number is refused with a
 * sentence, and texts of times are taken or passed over. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/record_list.h"
#include "store/memory_state_db.h"
#include "store/meta.h"
#include "task/task_times.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void fill(sf_state_db *db, const sf_consumed_record *records, size_t count)
{
    sf_state_batch *batch = sf_state_batch_new(db);
    sf_state_family *family;
    sf_error error = {0};

    check(!sf_state_db_family(db, "meta", NULL, NULL, &family, &error));
    for (size_t i = 0; i < count; i++)
        if (!sf_bytes_is_null(records[i].record.key) && !sf_bytes_is_null(records[i].record.value))
            sf_state_batch_put(batch, family, records[i].record.key, records[i].record.value);
    check(!sf_state_db_write(db, batch, &error));
    sf_state_batch_free(batch);
}

/* ---- all numbers of a kind ---- */

typedef struct visit {
    sf_state_db *db;
    sf_meta_kind kind;
    size_t count;
} visit;

static void ask_again(void *user, const char *name, int32_t partition, int64_t number)
{
    visit *at = user;
    sf_error error = {0};
    int64_t found;

    check(!sf_meta_get(at->db, at->kind, name, partition, &found, &error));
    check(found == number);
    at->count++;
}

static void visit_all(sf_state_db *db, sf_meta_kind kind, size_t count)
{
    visit at = {.db = db, .kind = kind};
    sf_error error = {0};

    check(!sf_meta_visit(db, kind, ask_again, &at, &error));
    check(at.count <= count);
}

/* ---- one of them ---- */

static void read_times(sf_state_db *db, const char *name, int32_t partition)
{
    sf_operator_times times = {0};
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_error error = {0};

    check(!sf_meta_get_times(db, name, partition, &text, &error));
    sf_task_times_merge(&times, sf_buffer_text(&text));
    sf_buffer_done(&text);
}

static void put_and_get(sf_state_db *db, sf_meta_kind kind, const char *name, int32_t partition)
{
    sf_state_batch *batch = sf_state_batch_new(db);
    sf_error error = {0};
    int64_t found;

    check(!sf_meta_put(db, batch, kind, name, partition, 70, &error));
    check(!sf_state_db_write(db, batch, &error));
    check(!sf_meta_get(db, kind, name, partition, &found, &error));
    check(found == 70);
    sf_state_batch_free(batch);
}

/* A row by what its key says, be it one of these or not. */
static void read_row(sf_state_db *db, sf_bytes key)
{
    static const sf_meta_kind kinds[] = {SF_META_INPUT, SF_META_CHANGELOG, SF_META_OBSERVED,
                                         SF_META_WRITTEN};
    size_t name_size = key.size >= 6 ? key.size - 6 : 0;
    char name[256] = "";

    if (name_size)
        memcpy(name, key.data + 1, name_size);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        int32_t partition = key.size ? key.data[key.size - 1] : 0;
        sf_error error = {0};
        int64_t number;

        if (sf_meta_get(db, kinds[i], name, partition, &number, &error))
            check(error.code == SF_CORRUPT && error.text[0]);
        read_times(db, name, partition);
        put_and_get(db, kinds[i], name, partition);
    }
}

static void read_incarnation(sf_state_db *db)
{
    uint64_t incarnation;
    sf_error error = {0};

    if (sf_meta_get_incarnation(db, &incarnation, &error))
        check(error.code == SF_CORRUPT && error.text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sf_consumed_record rows[RECORD_LIST_MAX];
    size_t count = record_list_parse(sf_bytes_of(data, size), rows);
    sf_state_db *db = sf_memory_state_db_new(false);

    fill(db, rows, count);
    visit_all(db, SF_META_INPUT, count);
    visit_all(db, SF_META_CHANGELOG, count);
    visit_all(db, SF_META_OBSERVED, count);
    visit_all(db, SF_META_WRITTEN, count);
    read_incarnation(db);
    for (size_t i = 0; i < count; i++)
        read_row(db, rows[i].record.key);
    sf_state_db_close(db);
    return 0;
}
