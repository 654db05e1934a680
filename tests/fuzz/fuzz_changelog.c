/* fuzz_changelog.c - any records as a store's changelog, for each kind of store: they are taken or refused
 * with a sentence, and what was taken can be read and taken away again. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/record_list.h"
#include "store/key_value_store_implementation.h"
#include "store/memory_state_db.h"
#include "store/state.h"
#include "store/task_stores.h"

enum { STORES = 5 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static const sf_store_options options[STORES] = {
    {.name = "rows"},
    {.name = "windows",
     .kind = SF_WINDOW_STORE,
     .window_size_ms = 100,
     .retention_ms = 5000,
     .by_time = true},
    {.name = "pairs",
     .kind = SF_WINDOW_STORE,
     .window_size_ms = 100,
     .retention_ms = 5000,
     .retain_duplicates = true},
    {.name = "sessions", .kind = SF_SESSION_STORE, .retention_ms = 5000},
    {.name = "versions", .kind = SF_VERSIONED_STORE, .history_ms = 5000},
};

static sf_status log_change(void *user, size_t store, sf_bytes key, sf_bytes value,
                            int64_t timestamp, sf_error *err)
{
    (void)user;
    (void)store;
    (void)key;
    (void)value;
    (void)timestamp;
    (void)err;
    return SF_OK;
}

static void restore(sf_task_stores *stores, sf_state *state, const sf_consumed_record *records,
                    size_t count)
{
    sf_state_commit *commit = sf_state_commit_new(state);

    for (size_t i = 0; i < STORES; i++) {
        sf_error error = {0};

        if (sf_task_stores_restore(stores, i, records, count, commit, &error))
            check(error.status == SF_STOP && error.text[0]);
        else
            check(!sf_state_commit_write(commit, &error));
        sf_state_commit_clear(commit);
        check(!sf_task_stores_clear(stores, i, commit, &error));
        check(!sf_state_commit_write(commit, &error));
        sf_state_commit_clear(commit);
    }
    sf_state_commit_free(commit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sf_consumed_record records[RECORD_LIST_MAX];
    size_t count = record_list_parse(sf_bytes_of(data, size), records);
    sf_state_db *disk = sf_memory_state_db_new(false);
    sf_task_stores *stores = NULL;
    sf_state *state = NULL;
    sf_error error = {0};

    check(!sf_state_open(&(sf_state_options){.application_id = "fuzz", .disk = disk}, &state,
                         &error));
    check(!sf_task_stores_open(state, 0, options, STORES, log_change, NULL, &stores, &error));
    restore(stores, state, records, count);
    sf_task_stores_close(stores);
    sf_state_close(state);
    sf_state_db_close(disk);
    return 0;
}
