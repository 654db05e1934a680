#include "task/collector.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    ENOUGH_RECORDS = 1024,
    ENOUGH_BYTES = 512 * 1024,
    FIRST_CAPACITY = 1024,
    HEADER_OVERHEAD = 21,
};

void sf_collector_init(sf_collector *collector, const sf_output_port *port)
{
    memset(collector, 0, sizeof(*collector));
    collector->port = *port;
    collector->arena = sf_arena_new();
    collector->capacity = FIRST_CAPACITY;
    collector->outputs = sf_realloc_array(NULL, FIRST_CAPACITY, sizeof(*collector->outputs));
}

void sf_collector_done(sf_collector *collector)
{
    free(collector->outputs);
    sf_arena_free(collector->arena);
}

static sf_output *next_output(sf_collector *collector)
{
    if (collector->count == collector->capacity) {
        collector->capacity *= 2;
        collector->outputs =
            sf_realloc_array(collector->outputs, collector->capacity, sizeof(*collector->outputs));
    }
    return &collector->outputs[collector->count++];
}

/* Key and value into one piece of memory. */
static void copy_bytes(sf_collector *collector, sf_record *record)
{
    size_t size = record->key.size + record->value.size;
    uint8_t *memory = sf_arena_alloc(collector->arena, size + 1); /* empty is not null */

    if (record->key.data) {
        if (record->key.size)
            memcpy(memory, record->key.data, record->key.size);
        record->key.data = memory;
    }
    if (record->value.data) {
        if (record->value.size)
            memcpy(memory + record->key.size, record->value.data, record->value.size);
        record->value.data = memory + record->key.size;
    }
    collector->bytes += size;
}

/* At most: a header costs its name, its value and two lengths. */
static size_t size_on_wire(const sf_record *record)
{
    size_t size = record->key.size + record->value.size;

    for (size_t i = 0; i < record->headers.count; i++)
        size += strlen(record->headers.items[i].name) + record->headers.items[i].value.size +
                HEADER_OVERHEAD;
    return size;
}

/* Told now, while what the record has done can still be taken back. */
static sf_status check_size(const sf_collector *collector, const sf_record *record, sf_error *err)
{
    size_t max = collector->port.record_max_bytes;
    size_t size = max ? size_on_wire(record) : 0;

    if (size <= max)
        return SF_OK;
    return sf_reject(err, "a record of %zu bytes is larger than the %zu that can be sent", size,
                     max);
}

sf_status sf_collector_add(sf_collector *collector, const sf_output *output, sf_error *err)
{
    const sf_record *record = &output->record;
    sf_status status = check_size(collector, record, err);
    sf_output *added;

    if (status)
        return status;
    added = next_output(collector);
    *added = *output;
    if (record->headers.count) {
        added->record = sf_record_copy(record, collector->arena);
        collector->bytes += record->key.size + record->value.size;
    } else {
        copy_bytes(collector, &added->record);
    }
    if (collector->sends_at_once && sf_collector_is_full(collector))
        return sf_collector_send(collector, err);
    return SF_OK;
}

bool sf_collector_is_full(const sf_collector *collector)
{
    return collector->count >= ENOUGH_RECORDS || collector->bytes >= ENOUGH_BYTES;
}

sf_status sf_collector_send(sf_collector *collector, sf_error *err)
{
    sf_status status = SF_OK;

    if (collector->count)
        status =
            collector->port.send(collector->port.user, collector->outputs, collector->count, err);
    if (!status)
        sf_collector_clear(collector);
    return status;
}

void sf_collector_clear(sf_collector *collector)
{
    collector->count = 0;
    collector->marked = 0;
    collector->bytes = 0;
    sf_arena_reset(collector->arena);
}
