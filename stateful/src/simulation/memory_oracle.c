#include "simulation/memory_oracle.h"

#include "store/write_buffer_implementation.h"

enum { ROWS_BYTES = 12 * 1024 }; /* of one record: it may release all that a history held back */

static void look_at_changes(const sf_machine *machine, const sf_worker *worker)
{
    size_t share = worker->options.shares.dirty_bytes;
    size_t dirty = 0;

    for (size_t i = 0; i < worker->task_count; i++) {
        if (worker->tasks[i]->state == SF_ACTIVE_RUNNING)
            dirty += sf_task_dirty_bytes(worker->tasks[i]->task);
    }
    if (dirty >= share)
        sf_simulated_cluster_complain(
            machine->options.cluster,
            "a thread of %s holds %zu uncommitted bytes, its share are %zu", machine->options.name,
            dirty, share);
}

/* Without the filters of its stores, which have a size of their own. */
static size_t clean_bytes(const sf_read_cache *cache)
{
    size_t bytes = cache->bytes;

    for (const sf_write_buffer *buffer = cache->first; buffer; buffer = buffer->next_in_cache)
        bytes -= buffer->filter_bytes;
    return bytes;
}

static void look_at_cache(const sf_machine *machine, const sf_worker *worker)
{
    const sf_memory_shares *shares = &worker->options.shares;
    size_t clean = clean_bytes(&worker->cache);

    if (clean > 2 * shares->cache_bytes + shares->dirty_bytes * 5 / 4 + ROWS_BYTES)
        sf_simulated_cluster_complain(machine->options.cluster,
                                      "a thread of %s keeps %zu clean bytes, its share are %zu",
                                      machine->options.name, clean, shares->cache_bytes);
}

void sf_memory_oracle_look(const sf_machine *machine)
{
    for (size_t i = 0; machine->streams && i < machine->streams->thread_count; i++) {
        const sf_worker *worker = sf_stream_thread_worker(machine->streams->threads[i]);

        look_at_changes(machine, worker);
        look_at_cache(machine, worker);
    }
}
