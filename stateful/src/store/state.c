#include "store/state.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <stateful/log.h>

#include "base/buffer.h"
#include "base/map.h"
#include "base/memory.h"
#include "store/memory_state_db.h"
#include "store/rocksdb_state_db.h"
#include "store/state_directory.h"
#include "store/state_implementation.h"

struct sf_state {
    atomic_uint references; /* the owner's, and one a publication */
    sf_state_directory directory;
    bool has_directory;
    char *instance_id;
    sf_state_db *disk; /* without a directory: a second one in memory */
    sf_state_db *memory;
    bool borrows_disk;
    sf_publications *publications;
    pthread_mutex_t lock; /* for what follows */
    sf_map *holders;      /* tasks that are held */
    sf_map *expiries;     /* by store */
};

/* ---- open and close ---- */

static void free_expiries(sf_map *expiries)
{
    size_t position = 0;
    sf_bytes name;
    void *expiry;

    while (expiries && sf_map_next(expiries, &position, &name, &expiry))
        sf_expiry_free(expiry);
    sf_map_free(expiries);
}

static void state_free(sf_state *state)
{
    if (!state->borrows_disk)
        sf_state_db_close(state->disk);
    sf_state_db_close(state->memory);
    free_expiries(state->expiries); /* the databases asked them until now */
    if (state->has_directory)
        sf_state_directory_close(&state->directory);
    sf_publications_free(state->publications);
    sf_map_free(state->holders);
    (void)pthread_mutex_destroy(&state->lock); /* nobody is left */
    free(state->instance_id);
    free(state);
}

static void state_unref(void *state)
{
    if (atomic_fetch_sub(&((sf_state *)state)->references, 1) == 1)
        state_free(state);
}

void sf_state_ref(sf_state *state)
{
    atomic_fetch_add(&state->references, 1);
}

static sf_status open_disk(sf_state *state, const sf_state_options *options, sf_error *err)
{
    sf_rocksdb_options database = {
        .block_cache_bytes = options->block_cache_bytes,
        .memtable_bytes = options->memtable_bytes,
    };
    sf_status status;

    if (options->disk) {
        state->disk = options->disk;
        state->borrows_disk = true;
        return SF_OK;
    }
    if (!options->directory) {
        state->disk = sf_memory_state_db_new(false);
        return SF_OK;
    }
    status = sf_state_directory_open(&state->directory, options->directory, err);
    if (status)
        return status;
    state->has_directory = true;
    database.path = state->directory.database_path;
    return sf_rocksdb_state_db_open(&database, &state->disk, err);
}

static char *choose_instance_id(const sf_state *state, const sf_state_options *options)
{
    if (options->instance_id)
        return sf_text_copy(options->instance_id);
    return state->has_directory ? sf_text_copy(state->directory.instance_id)
                                : sf_instance_id_draw();
}

sf_status sf_state_open(const sf_state_options *options, sf_state **opened, sf_error *err)
{
    sf_state *state = sf_zalloc(sizeof(*state));
    sf_status status;

    atomic_init(&state->references, 1);
    (void)pthread_mutex_init(&state->lock, NULL); /* cannot fail with default attributes */
    state->publications = sf_publications_new(state_unref, state);
    state->holders = sf_map_new();
    state->expiries = sf_map_new();
    state->memory = sf_memory_state_db_new(false);
    status = open_disk(state, options, err);
    if (status) {
        state_free(state);
        return status;
    }
    state->instance_id = choose_instance_id(state, options);
    *opened = state;
    return SF_OK;
}

void sf_state_close(sf_state *state)
{
    if (!state)
        return;
    if (sf_map_count(state->holders) > 0)
        sf_log(SF_LOG_WARN, "state closed while tasks are held tasks=%zu",
               sf_map_count(state->holders));
    state_unref(state);
}

const char *sf_state_instance_id(const sf_state *state)
{
    return state->instance_id;
}

sf_state_db *sf_state_database(sf_state *state, bool in_memory)
{
    return in_memory ? state->memory : state->disk;
}

sf_publications *sf_state_publications(sf_state *state)
{
    return state->publications;
}

sf_expiry *sf_state_expiry(sf_state *state, const char *store, bool in_memory,
                           const sf_expiry_options *options)
{
    char *name = sf_text_printf("%s/%s", in_memory ? "memory" : "disk", store);
    sf_expiry *expiry;

    pthread_mutex_lock(&state->lock);
    expiry = sf_map_get(state->expiries, sf_bytes_text(name));
    if (!expiry) {
        expiry = sf_expiry_new(options);
        (void)sf_map_put(state->expiries, sf_bytes_text(name), expiry); /* there was none */
    }
    pthread_mutex_unlock(&state->lock);
    free(name);
    return expiry;
}

/* ---- commit ---- */

struct sf_state_commit {
    sf_state *state;
    sf_state_batch *disk;
    sf_state_batch *memory;
};

sf_state_commit *sf_state_commit_new(sf_state *state)
{
    sf_state_commit *commit = sf_zalloc(sizeof(*commit));

    commit->state = state;
    commit->disk = sf_state_batch_new(state->disk);
    commit->memory = sf_state_batch_new(state->memory);
    return commit;
}

void sf_state_commit_free(sf_state_commit *commit)
{
    if (!commit)
        return;
    sf_state_batch_free(commit->disk);
    sf_state_batch_free(commit->memory);
    free(commit);
}

void sf_state_commit_clear(sf_state_commit *commit)
{
    sf_state_batch_clear(commit->disk);
    sf_state_batch_clear(commit->memory);
}

sf_state_batch *sf_state_commit_batch(sf_state_commit *commit, bool in_memory)
{
    return in_memory ? commit->memory : commit->disk;
}

sf_status sf_state_commit_write(sf_state_commit *commit, sf_error *err)
{
    sf_status status = sf_state_db_write(commit->state->disk, commit->disk, err);

    if (!status)
        status = sf_state_db_write(commit->state->memory, commit->memory, err);
    return status;
}

/* ---- holders ---- */

static void task_name(sf_buffer *name, const char *identity, int32_t partition)
{
    sf_buffer_printf(name, "%s/%d", identity, (int)partition);
}

bool sf_state_take_task(sf_state *state, const char *identity, int32_t partition)
{
    sf_buffer name = SF_BUFFER_EMPTY;
    bool is_free;

    task_name(&name, identity, partition);
    pthread_mutex_lock(&state->lock);
    is_free = !sf_map_get(state->holders, sf_buffer_bytes(&name));
    if (is_free)
        (void)sf_map_put(state->holders, sf_buffer_bytes(&name), state); /* there was none */
    pthread_mutex_unlock(&state->lock);
    sf_buffer_done(&name);
    return is_free;
}

bool sf_state_has_holder(sf_state *state, const char *identity, int32_t partition)
{
    sf_buffer name = SF_BUFFER_EMPTY;
    bool has;

    task_name(&name, identity, partition);
    pthread_mutex_lock(&state->lock);
    has = sf_map_get(state->holders, sf_buffer_bytes(&name)) != NULL;
    pthread_mutex_unlock(&state->lock);
    sf_buffer_done(&name);
    return has;
}

void sf_state_release_task(sf_state *state, const char *identity, int32_t partition)
{
    sf_buffer name = SF_BUFFER_EMPTY;
    void *was_held;

    task_name(&name, identity, partition);
    pthread_mutex_lock(&state->lock);
    was_held = sf_map_remove(state->holders, sf_buffer_bytes(&name));
    pthread_mutex_unlock(&state->lock);
    assert(was_held);
    (void)was_held; /* without assertions */
    sf_buffer_done(&name);
}
