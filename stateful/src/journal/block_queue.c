#include "journal/block_queue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { PAGE_SIZE = 64 * 1024, KEPT_BATCHES = 16, MOST_RECORDS = 65536 };

struct sf_block_page {
    atomic_size_t references;
    size_t used;
    size_t capacity;
    uint8_t bytes[];
};

typedef struct journal_batch {
    sf_record_batch batch; /* first: it is one */
    sf_batch_pool *pool;
    sf_consumed_record *records;
    size_t capacity;
    sf_block_page **pages;
    size_t page_count;
    size_t page_capacity;
    sf_arena *headers; /* NULL: no record had any yet */
    struct journal_batch *next;
} journal_batch;

struct sf_batch_pool {
    pthread_mutex_t mutex;
    journal_batch *idle;
    size_t idle_count;
    size_t out_count;
    bool is_closed;
};

/* ---- pages ---- */

static sf_block_page *page_new(size_t wanted)
{
    size_t capacity = wanted > PAGE_SIZE ? wanted : PAGE_SIZE;
    sf_block_page *page = sf_alloc(sizeof(*page) + capacity);

    atomic_init(&page->references, 1);
    page->used = 0;
    page->capacity = capacity;
    return page;
}

static sf_block_page *page_ref(sf_block_page *page)
{
    atomic_fetch_add(&page->references, 1);
    return page;
}

static void page_unref(sf_block_page *page)
{
    if (page && atomic_fetch_sub(&page->references, 1) == 1)
        free(page);
}

/* A page with that much room; the one being filled, or a new one. */
static sf_block_page *page_with_room(sf_block_queue *queue, size_t size)
{
    if (!queue->page || queue->page->capacity - queue->page->used < size) {
        page_unref(queue->page);
        queue->page = page_new(size);
    }
    return queue->page;
}

/* ---- the queue ---- */

static sf_queued_block *first_block(sf_block_queue *queue)
{
    return &queue->blocks[queue->head];
}

static void drop_first(sf_block_queue *queue)
{
    sf_queued_block *first = first_block(queue);

    queue->size_bytes -= first->block.size_bytes + sizeof(*first);
    page_unref(first->page);
    queue->head = (queue->head + 1) % queue->capacity;
    queue->count--;
    queue->is_begun = false;
}

void sf_block_queue_clear(sf_block_queue *queue)
{
    while (queue->count)
        drop_first(queue);
    page_unref(queue->page);
    queue->page = NULL;
}

void sf_block_queue_done(sf_block_queue *queue)
{
    sf_block_queue_clear(queue);
    free(queue->blocks);
}

static void grow(sf_block_queue *queue)
{
    size_t capacity = queue->capacity ? queue->capacity * 2 : 16;
    sf_queued_block *blocks = sf_alloc(capacity * sizeof(*blocks));

    for (size_t i = 0; i < queue->count; i++)
        blocks[i] = queue->blocks[(queue->head + i) % queue->capacity];
    free(queue->blocks);
    queue->blocks = blocks;
    queue->capacity = capacity;
    queue->head = 0;
}

void sf_block_queue_push(sf_block_queue *queue, const sf_block *block, const uint8_t *records)
{
    sf_block_page *page = page_with_room(queue, block->size_bytes);
    uint8_t *place = page->bytes + page->used;

    if (queue->count == queue->capacity)
        grow(queue);
    if (block->size_bytes)
        memcpy(place, records, block->size_bytes);
    page->used += block->size_bytes;
    queue->blocks[(queue->head + queue->count) % queue->capacity] =
        (sf_queued_block){*block, page_ref(page), place};
    queue->count++;
    queue->size_bytes += block->size_bytes + sizeof(sf_queued_block);
}

/* ---- batches ---- */

static void batch_free(journal_batch *batch)
{
    free(batch->records);
    free(batch->pages);
    sf_arena_free(batch->headers);
    free(batch);
}

static void pool_free(sf_batch_pool *pool)
{
    while (pool->idle) {
        journal_batch *next = pool->idle->next;

        batch_free(pool->idle);
        pool->idle = next;
    }
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

sf_batch_pool *sf_batch_pool_new(void)
{
    sf_batch_pool *pool = sf_zalloc(sizeof(*pool));

    pthread_mutex_init(&pool->mutex, NULL);
    return pool;
}

void sf_batch_pool_close(sf_batch_pool *pool)
{
    bool is_last;

    pthread_mutex_lock(&pool->mutex);
    pool->is_closed = true;
    is_last = !pool->out_count;
    pthread_mutex_unlock(&pool->mutex);
    if (is_last)
        pool_free(pool);
}

/* Puts the batch back into its pool, or frees it, and the pool with it if it was closed. */
static void give_back(journal_batch *batch)
{
    sf_batch_pool *pool = batch->pool;
    bool is_kept, is_last;

    pthread_mutex_lock(&pool->mutex);
    is_kept = pool->idle_count < KEPT_BATCHES;
    if (is_kept) {
        batch->next = pool->idle;
        pool->idle = batch;
        pool->idle_count++;
    }
    pool->out_count--;
    is_last = pool->is_closed && !pool->out_count;
    pthread_mutex_unlock(&pool->mutex);
    if (!is_kept)
        batch_free(batch);
    if (is_last)
        pool_free(pool);
}

static void release(sf_record_batch *released)
{
    journal_batch *batch = (journal_batch *)released;

    for (size_t i = 0; i < batch->page_count; i++)
        page_unref(batch->pages[i]);
    batch->page_count = 0;
    if (batch->headers)
        sf_arena_reset(batch->headers);
    give_back(batch);
}

static journal_batch *take_out(sf_batch_pool *pool)
{
    journal_batch *batch;

    pthread_mutex_lock(&pool->mutex);
    batch = pool->idle;
    if (batch) {
        pool->idle = batch->next;
        pool->idle_count--;
    }
    pool->out_count++;
    pthread_mutex_unlock(&pool->mutex);
    if (!batch) {
        batch = sf_zalloc(sizeof(*batch));
        batch->pool = pool;
    }
    batch->batch = (sf_record_batch){.release = release};
    return batch;
}

static void hold_page(journal_batch *batch, sf_block_page *page)
{
    if (batch->page_count && batch->pages[batch->page_count - 1] == page)
        return;
    if (batch->page_count == batch->page_capacity) {
        batch->page_capacity = batch->page_capacity ? batch->page_capacity * 2 : 8;
        batch->pages = sf_realloc_array(batch->pages, batch->page_capacity, sizeof(*batch->pages));
    }
    batch->pages[batch->page_count++] = page_ref(page);
}

static void make_room(journal_batch *batch, size_t max)
{
    size_t capacity = batch->capacity ? batch->capacity : 64;

    if (batch->batch.count < batch->capacity)
        return;
    while (capacity <= batch->batch.count)
        capacity *= 2;
    if (capacity > max)
        capacity = max;
    batch->records = sf_realloc_array(batch->records, capacity, sizeof(*batch->records));
    batch->capacity = capacity;
}

/* Takes records of the first block until it is done or the batch has max. */
static bool take_from_first(sf_block_queue *queue, journal_batch *batch, size_t max,
                            int64_t *position)
{
    sf_queued_block *first = first_block(queue);

    if (!queue->is_begun)
        queue->current = sf_block_records(&first->block, first->records);
    queue->is_begun = true;
    while (queue->current.left && batch->batch.count < max) {
        sf_consumed_record *record;

        make_room(batch, max);
        record = &batch->records[batch->batch.count];
        if (!sf_block_next(&queue->current, record, &batch->headers))
            return false;
        if (record->offset >= *position) {
            *position = record->offset + 1;
            batch->batch.count++;
        }
    }
    if (batch->batch.count)
        hold_page(batch, first->page);
    if (!queue->current.left) {
        if (first->block.next_offset > *position)
            *position = first->block.next_offset;
        drop_first(queue);
    }
    return true;
}

sf_status sf_block_queue_take(sf_block_queue *queue, sf_batch_pool *pool, size_t max,
                              int64_t *position, sf_record_batch **batch, sf_error *err)
{
    journal_batch *taken;

    if (max > MOST_RECORDS)
        max = MOST_RECORDS;
    *batch = NULL;
    if (!queue->count || !max)
        return SF_OK;
    taken = take_out(pool);
    while (queue->count && taken->batch.count < max)
        if (!take_from_first(queue, taken, max, position)) {
            release(&taken->batch);
            return sf_fail(err, SF_CORRUPT, "records behind offset %lld make no sense",
                           (long long)*position);
        }
    if (!taken->batch.count) {
        release(&taken->batch);
        return SF_OK;
    }
    taken->batch.records = taken->records;
    taken->batch.position_after = *position;
    *batch = &taken->batch;
    return SF_OK;
}
