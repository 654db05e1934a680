/* memory_storage.c - segments as buffers of this process, guarded by one mutex. */
#include "journal/log_storage.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

typedef struct memory_segment {
    sf_log_segment segment; /* first: it is one */
    struct memory_storage *storage;
    size_t references; /* the list's, and one for each who opened it */
    sf_buffer bytes;
} memory_segment;

typedef struct memory_storage {
    sf_log_storage storage; /* first: it is one */
    pthread_mutex_t mutex;
    memory_segment **segments; /* ascending; opened ones are the same objects */
    size_t count;
    bool is_cleaned; /* right now */
} memory_storage;

static const sf_log_storage_ops memory_ops;

static memory_storage *memory_of(sf_log_storage *storage)
{
    return (memory_storage *)storage;
}

static memory_segment *segment_of(sf_log_segment *segment)
{
    return (memory_segment *)segment;
}

sf_log_storage *sf_memory_storage_new(void)
{
    memory_storage *memory = sf_zalloc(sizeof(*memory));

    memory->storage = (sf_log_storage){&memory_ops, "memory:", false};
    pthread_mutex_init(&memory->mutex, NULL);
    return &memory->storage;
}

/* With the mutex held, or alone. */
static void unref(memory_segment *segment)
{
    if (--segment->references)
        return;
    sf_buffer_done(&segment->bytes);
    free(segment);
}

static void memory_free(sf_log_storage *storage)
{
    memory_storage *memory = memory_of(storage);

    for (size_t i = 0; i < memory->count; i++)
        unref(memory->segments[i]);
    free(memory->segments);
    pthread_mutex_destroy(&memory->mutex);
    free(memory);
}

/* One storage has one shared log, whose own mutex keeps writers apart. */
static sf_status memory_lock(sf_log_storage *storage, sf_error *err)
{
    (void)storage;
    (void)err;
    return SF_OK;
}

static void memory_unlock(sf_log_storage *storage)
{
    (void)storage;
}

static sf_status memory_list(sf_log_storage *storage, int64_t **bases, size_t *count, sf_error *err)
{
    memory_storage *memory = memory_of(storage);

    (void)err;
    pthread_mutex_lock(&memory->mutex);
    *bases = sf_alloc(memory->count * sizeof(**bases));
    for (size_t i = 0; i < memory->count; i++)
        (*bases)[i] = memory->segments[i]->segment.base;
    *count = memory->count;
    pthread_mutex_unlock(&memory->mutex);
    return SF_OK;
}

static memory_segment *segment_new(memory_storage *memory, int64_t base)
{
    memory_segment *made = sf_zalloc(sizeof(*made));

    made->segment = (sf_log_segment){&memory_ops, base};
    made->storage = memory;
    made->references = 1;
    return made;
}

static sf_status memory_create(sf_log_storage *storage, int64_t base, sf_bytes contents,
                               sf_error *err)
{
    memory_storage *memory = memory_of(storage);
    memory_segment *made = segment_new(memory, base);

    (void)err;
    sf_buffer_add_bytes(&made->bytes, contents);
    pthread_mutex_lock(&memory->mutex);
    memory->segments =
        sf_realloc_array(memory->segments, memory->count + 1, sizeof(*memory->segments));
    memory->segments[memory->count++] = made;
    pthread_mutex_unlock(&memory->mutex);
    return SF_OK;
}

/* With the mutex held: where it stands in the list; count if it does not. */
static size_t index_of(const memory_storage *memory, int64_t base)
{
    size_t at = memory->count;

    while (at > 0 && memory->segments[at - 1]->segment.base != base)
        at--;
    return at > 0 ? at - 1 : memory->count;
}

static sf_status memory_open(sf_log_storage *storage, int64_t base, sf_log_segment **segment,
                             sf_error *err)
{
    memory_storage *memory = memory_of(storage);
    sf_log_segment *found = NULL;
    size_t at;

    pthread_mutex_lock(&memory->mutex);
    at = index_of(memory, base);
    if (at < memory->count) {
        found = &memory->segments[at]->segment;
        memory->segments[at]->references++;
    }
    pthread_mutex_unlock(&memory->mutex);
    if (!found)
        return sf_fail(err, SF_NOT_FOUND, "there is no segment at %lld", (long long)base);
    *segment = found;
    return SF_OK;
}

static void memory_close(sf_log_segment *segment)
{
    memory_storage *memory = segment_of(segment)->storage;

    pthread_mutex_lock(&memory->mutex);
    unref(segment_of(segment));
    pthread_mutex_unlock(&memory->mutex);
}

static sf_status memory_size(sf_log_segment *segment, size_t *size, sf_error *err)
{
    memory_segment *memory = segment_of(segment);

    (void)err;
    pthread_mutex_lock(&memory->storage->mutex);
    *size = memory->bytes.size;
    pthread_mutex_unlock(&memory->storage->mutex);
    return SF_OK;
}

static sf_status memory_read(sf_log_segment *segment, size_t at, void *data, size_t size,
                             size_t *got, sf_error *err)
{
    memory_segment *memory = segment_of(segment);

    (void)err;
    pthread_mutex_lock(&memory->storage->mutex);
    *got = at < memory->bytes.size ? memory->bytes.size - at : 0;
    if (*got > size)
        *got = size;
    if (*got)
        memcpy(data, memory->bytes.data + at, *got);
    pthread_mutex_unlock(&memory->storage->mutex);
    return SF_OK;
}

static sf_status memory_append(sf_log_segment *segment, size_t at, const sf_bytes *pieces,
                               size_t count, sf_error *err)
{
    memory_segment *memory = segment_of(segment);

    (void)err;
    pthread_mutex_lock(&memory->storage->mutex);
    for (size_t i = 0; i < count; i++) {
        if (at < memory->bytes.size) /* in one that nobody sees yet, and not beyond its end */
            memcpy(memory->bytes.data + at, pieces[i].data, pieces[i].size);
        else
            sf_buffer_add_bytes(&memory->bytes, pieces[i]);
        at += pieces[i].size;
    }
    pthread_mutex_unlock(&memory->storage->mutex);
    return SF_OK;
}

static sf_status memory_cut(sf_log_segment *segment, size_t size, sf_error *err)
{
    memory_segment *memory = segment_of(segment);

    (void)err;
    pthread_mutex_lock(&memory->storage->mutex);
    memory->bytes.size = size;
    pthread_mutex_unlock(&memory->storage->mutex);
    return SF_OK;
}

static sf_status memory_sync(sf_log_segment *segment, sf_error *err)
{
    (void)segment;
    (void)err;
    return SF_OK;
}

/* ---- cleaning ---- */

static sf_status memory_lock_cleaner(sf_log_storage *storage, bool *got, sf_error *err)
{
    memory_storage *memory = memory_of(storage);

    (void)err;
    pthread_mutex_lock(&memory->mutex);
    *got = !memory->is_cleaned;
    memory->is_cleaned = true;
    pthread_mutex_unlock(&memory->mutex);
    return SF_OK;
}

static void memory_unlock_cleaner(sf_log_storage *storage)
{
    memory_storage *memory = memory_of(storage);

    pthread_mutex_lock(&memory->mutex);
    memory->is_cleaned = false;
    pthread_mutex_unlock(&memory->mutex);
}

static sf_status memory_begin(sf_log_storage *storage, int64_t base, sf_log_segment **segment,
                              sf_error *err)
{
    (void)err;
    *segment = &segment_new(memory_of(storage), base)->segment;
    return SF_OK;
}

static sf_status memory_replace(sf_log_segment *segment, sf_error *err)
{
    memory_segment *replacing = segment_of(segment);
    memory_storage *memory = replacing->storage;
    size_t at;

    pthread_mutex_lock(&memory->mutex);
    at = index_of(memory, segment->base);
    if (at < memory->count) {
        unref(memory->segments[at]);
        memory->segments[at] = replacing;
        replacing->references++;
    }
    pthread_mutex_unlock(&memory->mutex);
    return at < memory->count ? SF_OK
                              : sf_fail(err, SF_NOT_FOUND, "there is no segment at %lld",
                                        (long long)segment->base);
}

static sf_status memory_remove(sf_log_storage *storage, int64_t base, sf_error *err)
{
    memory_storage *memory = memory_of(storage);
    size_t at;

    (void)err;
    pthread_mutex_lock(&memory->mutex);
    at = index_of(memory, base);
    if (at < memory->count) {
        unref(memory->segments[at]);
        memory->count--;
        memmove(&memory->segments[at], &memory->segments[at + 1],
                (memory->count - at) * sizeof(*memory->segments));
    }
    pthread_mutex_unlock(&memory->mutex);
    return SF_OK;
}

static int memory_watch(sf_log_storage *storage)
{
    (void)storage;
    return -1;
}

static const sf_log_storage_ops memory_ops = {
    .free = memory_free,
    .lock = memory_lock,
    .unlock = memory_unlock,
    .list = memory_list,
    .create = memory_create,
    .open = memory_open,
    .close = memory_close,
    .size = memory_size,
    .read = memory_read,
    .append = memory_append,
    .cut = memory_cut,
    .sync = memory_sync,
    .lock_cleaner = memory_lock_cleaner,
    .unlock_cleaner = memory_unlock_cleaner,
    .begin = memory_begin,
    .replace = memory_replace,
    .remove = memory_remove,
    .watch = memory_watch,
};
