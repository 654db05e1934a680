/* memory_state_db.c - versions instead of copies: a batch is one sequence number, a reader looks at
 * the newest version not above its own.
 *
 *   1 Readers hold the lock shared, and only within a call: a value that is handed out is counted, an
 *     iterator carries copies of a chunk and finds its way back by key.
 *   2 Versions live as long as a snapshot needs them: see memory_family.h.
 *   3 There is no compaction: each batch looks at as many nodes as it writes, in turn, and removes
 *     what is expired.
 */
#include "store/memory_state_db.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/memory_family.h"
#include "store/state_db_implementation.h"

#define CHUNK_ENTRIES 64
#define CHUNK_BYTES (64 * 1024)

struct sf_state_snapshot {
    uint64_t sequence;
    sf_state_snapshot *previous;
    sf_state_snapshot *next;
};

typedef struct memory_batch {
    sf_state_batch base;
    sf_buffer operations;
} memory_batch;

typedef struct memory_db {
    sf_state_db base;
    pthread_rwlock_t lock;
    sf_state_family **families;
    size_t family_count;
    uint64_t sequence;           /* of the last batch */
    sf_state_snapshot snapshots; /* a ring, oldest first behind this one */
    bool has_log;
    sf_buffer *log; /* the operations of each batch */
    size_t batches;
    size_t log_capacity;
} memory_db;

typedef struct memory_iterator {
    sf_state_iterator base;
    memory_db *db;
    sf_state_family *family;
    sf_state_snapshot *snapshot;
    bool owns_snapshot;
    bool backwards;
    bool at_end; /* no chunk after this one */
    sf_buffer lower;
    sf_buffer upper;
    bool has_upper;
    sf_buffer chunk;
    size_t chunk_position;
} memory_iterator;

/* ---- snapshots ---- */

static void add_snapshot(memory_db *db, sf_state_snapshot *snapshot)
{
    snapshot->sequence = db->sequence;
    snapshot->previous = db->snapshots.previous;
    snapshot->next = &db->snapshots;
    db->snapshots.previous->next = snapshot;
    db->snapshots.previous = snapshot;
}

static uint64_t oldest_seen(const memory_db *db)
{
    bool none = db->snapshots.next == &db->snapshots;

    return none ? db->sequence : db->snapshots.next->sequence;
}

static sf_state_snapshot *memory_snapshot(sf_state_db *base)
{
    memory_db *db = (memory_db *)base;
    sf_state_snapshot *snapshot = sf_zalloc(sizeof(*snapshot));

    pthread_rwlock_wrlock(&db->lock);
    add_snapshot(db, snapshot);
    pthread_rwlock_unlock(&db->lock);
    return snapshot;
}

static void memory_snapshot_free(sf_state_db *base, sf_state_snapshot *snapshot)
{
    memory_db *db = (memory_db *)base;
    bool was_oldest;

    pthread_rwlock_wrlock(&db->lock);
    was_oldest = snapshot->previous == &db->snapshots;
    snapshot->previous->next = snapshot->next;
    snapshot->next->previous = snapshot->previous;
    if (was_oldest)
        for (size_t i = 0; i < db->family_count; i++)
            sf_memory_family_prune(db->families[i], oldest_seen(db));
    pthread_rwlock_unlock(&db->lock);
    free(snapshot);
}

/* ---- families ---- */

static sf_state_family *find_family(memory_db *db, const char *name)
{
    for (size_t i = 0; i < db->family_count; i++)
        if (!strcmp(db->families[i]->name, name))
            return db->families[i];
    return NULL;
}

static sf_state_family *add_family(memory_db *db, const char *name)
{
    sf_state_family *family = sf_memory_family_new(name);

    db->families = sf_realloc_array(db->families, db->family_count + 1, sizeof(*db->families));
    db->families[db->family_count++] = family;
    return family;
}

static sf_status memory_family(sf_state_db *base, const char *name, sf_state_expired_fn expired,
                               void *user, sf_state_family **family, sf_error *err)
{
    memory_db *db = (memory_db *)base;
    sf_state_family *found;

    (void)err; /* nothing can fail here */
    pthread_rwlock_wrlock(&db->lock);
    found = find_family(db, name);
    if (!found)
        found = add_family(db, name);
    if (expired) {
        found->expired = expired;
        found->expired_user = user;
    }
    pthread_rwlock_unlock(&db->lock);
    *family = found;
    return SF_OK;
}

/* ---- reading ---- */

static void release_version(void *version)
{
    sf_version_unref(version);
}

static sf_status memory_get(sf_state_db *base, sf_state_family *family, sf_bytes key,
                            sf_bytes *value, sf_state_pin *pin, sf_error *err)
{
    memory_db *db = (memory_db *)base;
    sf_version *version = NULL;
    sf_version_node *node;

    (void)err; /* nothing can fail here */
    pthread_rwlock_rdlock(&db->lock);
    node = sf_version_list_seek(&family->list, key);
    if (node && sf_bytes_equal(sf_version_node_key(node), key))
        version = sf_version_node_at(node, db->sequence);
    if (version)
        sf_version_ref(version);
    pthread_rwlock_unlock(&db->lock);
    *value = version ? sf_bytes_of(version->data, version->size) : SF_NULL;
    *pin = version ? (sf_state_pin){version, release_version} : (sf_state_pin){0};
    return SF_OK;
}

static sf_state_iterator *memory_iterate(sf_state_db *base, sf_state_family *family, sf_bytes lower,
                                         sf_bytes upper, bool backwards,
                                         sf_state_snapshot *snapshot)
{
    memory_iterator *iterator = sf_zalloc(sizeof(*iterator));

    iterator->base.ops = base->ops;
    iterator->db = (memory_db *)base;
    iterator->family = family;
    iterator->owns_snapshot = !snapshot;
    iterator->snapshot = snapshot ? snapshot : memory_snapshot(base);
    iterator->backwards = backwards;
    sf_buffer_add_bytes(&iterator->lower, lower);
    sf_buffer_add_bytes(&iterator->upper, upper);
    iterator->has_upper = !sf_bytes_is_null(upper);
    return &iterator->base;
}

static void add_field(sf_buffer *buffer, sf_bytes bytes)
{
    sf_buffer_add(buffer, &bytes.size, sizeof(bytes.size));
    sf_buffer_add(buffer, bytes.data, bytes.size);
}

static sf_bytes take_field(const sf_buffer *buffer, size_t *position)
{
    size_t size;
    sf_bytes bytes;

    memcpy(&size, buffer->data + *position, sizeof(size));
    bytes = sf_bytes_of(buffer->data + *position + sizeof(size), size);
    *position += sizeof(size) + size;
    return bytes;
}

static sf_version_node *chunk_start(const memory_iterator *iterator)
{
    const sf_version_list *list = &iterator->family->list;

    if (!iterator->backwards)
        return sf_version_list_seek(list, sf_buffer_bytes(&iterator->lower));
    return sf_version_list_seek_below(list, iterator->has_upper ? sf_buffer_bytes(&iterator->upper)
                                                                : SF_NULL);
}

static bool is_within(const memory_iterator *iterator, sf_bytes key)
{
    if (sf_bytes_compare(key, sf_buffer_bytes(&iterator->lower)) < 0)
        return false;
    return !iterator->has_upper || sf_bytes_compare(key, sf_buffer_bytes(&iterator->upper)) < 0;
}

/* Where the next chunk begins: behind the node, in the direction of the walk. */
static void resume_at(memory_iterator *iterator, const sf_version_node *node)
{
    sf_buffer *bound = iterator->backwards ? &iterator->upper : &iterator->lower;

    sf_buffer_clear(bound);
    sf_buffer_add_bytes(bound, sf_version_node_key(node));
    if (iterator->backwards)
        iterator->has_upper = true;
    else
        sf_buffer_add(bound, "", 1); /* the least key above */
}

static void fill_chunk(memory_iterator *iterator)
{
    sf_version_node *node;
    size_t entries = 0;

    sf_buffer_clear(&iterator->chunk);
    iterator->chunk_position = 0;
    pthread_rwlock_rdlock(&iterator->db->lock);
    node = chunk_start(iterator);
    while (node && is_within(iterator, sf_version_node_key(node)) && entries < CHUNK_ENTRIES &&
           iterator->chunk.size < CHUNK_BYTES) {
        sf_version *version = sf_version_node_at(node, iterator->snapshot->sequence);
        sf_version_node *following = iterator->backwards ? node->previous : node->next[0];

        if (version) {
            add_field(&iterator->chunk, sf_version_node_key(node));
            add_field(&iterator->chunk, sf_bytes_of(version->data, version->size));
            entries++;
        }
        if (entries == CHUNK_ENTRIES || iterator->chunk.size >= CHUNK_BYTES) {
            resume_at(iterator, node);
            break;
        }
        node = following;
    }
    iterator->at_end = entries < CHUNK_ENTRIES && iterator->chunk.size < CHUNK_BYTES;
    pthread_rwlock_unlock(&iterator->db->lock);
}

static bool memory_iterator_next(sf_state_iterator *base, sf_bytes *key, sf_bytes *value,
                                 sf_status *status, sf_error *err)
{
    memory_iterator *iterator = (memory_iterator *)base;

    (void)err; /* nothing can fail here */
    *status = SF_OK;
    if (iterator->chunk_position == iterator->chunk.size && !iterator->at_end)
        fill_chunk(iterator);
    if (iterator->chunk_position == iterator->chunk.size)
        return false;
    *key = take_field(&iterator->chunk, &iterator->chunk_position);
    *value = take_field(&iterator->chunk, &iterator->chunk_position);
    return true;
}

static void memory_iterator_free(sf_state_iterator *base)
{
    memory_iterator *iterator = (memory_iterator *)base;

    if (iterator->owns_snapshot)
        memory_snapshot_free(&iterator->db->base, iterator->snapshot);
    sf_buffer_done(&iterator->lower);
    sf_buffer_done(&iterator->upper);
    sf_buffer_done(&iterator->chunk);
    free(iterator);
}

/* ---- batches ---- */

typedef enum operation_kind {
    PUT,
    DELETE,
    DELETE_RANGE,
} operation_kind;

typedef struct operation {
    operation_kind kind;
    sf_state_family *family;
} operation;

static sf_state_batch *memory_batch_new(sf_state_db *base)
{
    memory_batch *batch = sf_zalloc(sizeof(*batch));

    batch->base.ops = base->ops;
    return &batch->base;
}

static void memory_batch_free(sf_state_batch *base)
{
    memory_batch *batch = (memory_batch *)base;

    sf_buffer_done(&batch->operations);
    free(batch);
}

static void memory_batch_clear(sf_state_batch *base)
{
    sf_buffer_clear(&((memory_batch *)base)->operations);
}

static void add_operation(sf_state_batch *base, operation_kind kind, sf_state_family *family,
                          sf_bytes first, sf_bytes second)
{
    sf_buffer *operations = &((memory_batch *)base)->operations;
    operation head = {.kind = kind, .family = family};

    sf_buffer_add(operations, &head, sizeof(head));
    add_field(operations, first);
    add_field(operations, second);
}

static void memory_batch_put(sf_state_batch *batch, sf_state_family *family, sf_bytes key,
                             sf_bytes value)
{
    add_operation(batch, PUT, family, key, value);
}

static void memory_batch_delete(sf_state_batch *batch, sf_state_family *family, sf_bytes key)
{
    add_operation(batch, DELETE, family, key, SF_NULL);
}

static void memory_batch_delete_range(sf_state_batch *batch, sf_state_family *family,
                                      sf_bytes lower, sf_bytes upper)
{
    add_operation(batch, DELETE_RANGE, family, lower, upper);
}

/* ---- writing ---- */

static void apply(memory_db *db, const sf_buffer *operations)
{
    sf_memory_moment moment;
    size_t position = 0;

    db->sequence++;
    moment = (sf_memory_moment){.sequence = db->sequence, .oldest = oldest_seen(db)};
    while (position < operations->size) {
        operation head;
        sf_bytes first;
        sf_bytes second;

        memcpy(&head, operations->data + position, sizeof(head));
        position += sizeof(head);
        first = take_field(operations, &position);
        second = take_field(operations, &position);
        if (head.kind == PUT)
            sf_memory_family_put(head.family, moment, first, second);
        else if (head.kind == DELETE)
            sf_memory_family_delete(head.family, moment, first);
        else
            sf_memory_family_delete_range(head.family, moment, first, second);
        if (head.family->expired)
            sf_memory_family_sweep(head.family);
    }
}

static void remember(memory_db *db, const sf_buffer *operations)
{
    if (db->batches == db->log_capacity) {
        db->log_capacity = db->log_capacity ? db->log_capacity * 2 : 64;
        db->log = sf_realloc_array(db->log, db->log_capacity, sizeof(*db->log));
    }
    db->log[db->batches] = SF_BUFFER_EMPTY;
    sf_buffer_add(&db->log[db->batches], operations->data, operations->size);
}

static sf_status memory_write(sf_state_db *base, sf_state_batch *batch, sf_error *err)
{
    memory_db *db = (memory_db *)base;
    const sf_buffer *operations = &((memory_batch *)batch)->operations;

    (void)err; /* nothing can fail here */
    pthread_rwlock_wrlock(&db->lock);
    apply(db, operations);
    if (db->has_log)
        remember(db, operations);
    db->batches++;
    pthread_rwlock_unlock(&db->lock);
    return SF_OK;
}

static uint64_t memory_version(sf_state_db *base)
{
    return sf_memory_state_db_batches(base);
}

/* ---- open and close ---- */

static void memory_close(sf_state_db *base)
{
    memory_db *db = (memory_db *)base;

    for (size_t i = 0; i < db->family_count; i++)
        sf_memory_family_free(db->families[i]);
    for (size_t i = 0; db->has_log && i < db->batches; i++)
        sf_buffer_done(&db->log[i]);
    free(db->log);
    free(db->families);
    (void)pthread_rwlock_destroy(&db->lock); /* nobody is left */
    free(db);
}

static const sf_state_db_ops memory_ops = {
    .close = memory_close,
    .version = memory_version,
    .family = memory_family,
    .get = memory_get,
    .snapshot = memory_snapshot,
    .snapshot_free = memory_snapshot_free,
    .iterate = memory_iterate,
    .iterator_next = memory_iterator_next,
    .iterator_free = memory_iterator_free,
    .batch_new = memory_batch_new,
    .batch_free = memory_batch_free,
    .batch_clear = memory_batch_clear,
    .batch_put = memory_batch_put,
    .batch_delete = memory_batch_delete,
    .batch_delete_range = memory_batch_delete_range,
    .write = memory_write,
};

sf_state_db *sf_memory_state_db_new(bool has_log)
{
    memory_db *db = sf_zalloc(sizeof(*db));

    db->base.ops = &memory_ops;
    db->has_log = has_log;
    db->snapshots.previous = &db->snapshots;
    db->snapshots.next = &db->snapshots;
    (void)pthread_rwlock_init(&db->lock, NULL); /* cannot fail with default attributes */
    return &db->base;
}

size_t sf_memory_state_db_batches(sf_state_db *base)
{
    memory_db *db = (memory_db *)base;
    size_t batches;

    pthread_rwlock_rdlock(&db->lock);
    batches = db->batches;
    pthread_rwlock_unlock(&db->lock);
    return batches;
}

void sf_memory_state_db_cut(sf_state_db *base, size_t kept)
{
    memory_db *db = (memory_db *)base;

    assert(db->has_log && kept <= db->batches && db->snapshots.next == &db->snapshots);
    for (size_t i = kept; i < db->batches; i++)
        sf_buffer_done(&db->log[i]);
    db->batches = kept;
    for (size_t i = 0; i < db->family_count; i++)
        sf_memory_family_empty(db->families[i]);
    for (size_t i = 0; i < kept; i++)
        apply(db, &db->log[i]);
}
