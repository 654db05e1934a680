#include "journal/outbox.h"

#include <stdlib.h>

#include "base/memory.h"

void sf_outbox_deliveries_add(sf_outbox_deliveries *deliveries, sf_outbox_delivery delivery)
{
    if (deliveries->count == deliveries->capacity) {
        deliveries->capacity = deliveries->capacity ? deliveries->capacity * 2 : 64;
        deliveries->items =
            sf_realloc_array(deliveries->items, deliveries->capacity, sizeof(*deliveries->items));
    }
    deliveries->items[deliveries->count++] = delivery;
}

void sf_outbox_done(sf_outbox *outbox)
{
    free(outbox->touched);
    free(outbox->records.items);
    sf_buffer_done(&outbox->facts);
}

/* Offsets to leave out, as markers and compaction do. */
static uint32_t gap(sf_outbox *outbox, uint64_t one_in)
{
    if (!outbox->leaves_gaps || sf_random_below(&outbox->random, one_in))
        return 0;
    return 1 + (uint32_t)sf_random_below(&outbox->random, 3);
}

static void touch(sf_outbox *outbox, sf_outbox_partition *partition)
{
    if (outbox->touched_count == outbox->touched_capacity) {
        outbox->touched_capacity = outbox->touched_capacity ? outbox->touched_capacity * 2 : 16;
        outbox->touched =
            sf_realloc_array(outbox->touched, outbox->touched_capacity, sizeof(*outbox->touched));
    }
    outbox->touched[outbox->touched_count++] = partition;
}

void sf_outbox_add(sf_outbox *outbox, sf_outbox_partition *partition, const sf_record *record,
                   void *tag)
{
    size_t before = partition->draft.records.size;
    int64_t offset;

    if (!partition->draft.count)
        touch(outbox, partition);
    offset = sf_block_draft_add(&partition->draft, record, gap(outbox, 8));
    outbox->size_bytes += partition->draft.records.size - before;
    if (outbox->keeps_tags)
        sf_outbox_deliveries_add(&outbox->records, (sf_outbox_delivery){partition, offset, tag});
}

void sf_outbox_clear(sf_outbox *outbox)
{
    for (size_t i = 0; i < outbox->touched_count; i++)
        sf_block_draft_clear(&outbox->touched[i]->draft);
    outbox->touched_count = 0;
    outbox->records.count = 0;
    outbox->size_bytes = 0;
    sf_buffer_clear(&outbox->facts);
}

bool sf_outbox_is_empty(const sf_outbox *outbox)
{
    return !outbox->touched_count && !outbox->facts.size;
}

static int64_t next_of(const sf_outbox_partition *partition)
{
    return atomic_load(&partition->topic->partitions[partition->partition].next);
}

/* The frame without offsets, which are known under the lock only. */
static void build(const sf_outbox *outbox, sf_frame_draft *frame, sf_bytes *records)
{
    for (size_t i = 0; i < outbox->touched_count; i++) {
        const sf_outbox_partition *partition = outbox->touched[i];

        records[i] = sf_buffer_bytes(&partition->draft.records);
        frame->blocks[i] = (sf_block){
            .topic = partition->topic->id,
            .partition = partition->partition,
            .base_timestamp = partition->draft.base_timestamp,
            .max_timestamp = partition->draft.max_timestamp,
            .count = partition->draft.count,
            .size_bytes = (uint32_t)partition->draft.records.size,
        };
    }
    frame->records = records;
    frame->block_count = outbox->touched_count;
    frame->facts = sf_buffer_bytes(&outbox->facts);
    sf_frame_draft_seal(frame);
}

static void give_offsets(sf_outbox *outbox, sf_frame_draft *frame)
{
    for (size_t i = 0; i < outbox->touched_count; i++) {
        sf_outbox_partition *partition = outbox->touched[i];

        partition->base_offset = next_of(partition);
        frame->blocks[i].base_offset = partition->base_offset;
        frame->blocks[i].next_offset =
            partition->base_offset + partition->draft.span + gap(outbox, 2);
    }
}

static sf_status append(sf_outbox *outbox, sf_shared_log *log, sf_frame_draft *frame,
                        sf_outbox_check_fn check, void *user, int64_t *end, sf_error *err)
{
    sf_catalog *catalog;
    sf_status status = sf_shared_log_begin_append(log, &catalog, err);

    if (status)
        return status;
    if (check)
        status = check(user, catalog, err);
    if (!status && !sf_outbox_is_empty(outbox)) {
        give_offsets(outbox, frame);
        status = sf_shared_log_append(log, frame, err);
    }
    *end = sf_shared_log_end_append(log);
    return status;
}

static void collect(sf_outbox *outbox, sf_outbox_deliveries *written, sf_outbox_deliveries *ends)
{
    for (size_t i = 0; i < outbox->touched_count; i++) {
        sf_outbox_partition *partition = outbox->touched[i];
        int64_t end = partition->base_offset + partition->draft.span;

        sf_outbox_deliveries_add(ends, (sf_outbox_delivery){partition, end, NULL});
    }
    for (size_t i = 0; i < outbox->records.count; i++) {
        sf_outbox_delivery delivery = outbox->records.items[i];

        delivery.offset += delivery.partition->base_offset;
        sf_outbox_deliveries_add(written, delivery);
    }
}

sf_status sf_outbox_write(sf_outbox *outbox, sf_shared_log *log, sf_outbox_check_fn check,
                          void *user, sf_outbox_deliveries *written, sf_outbox_deliveries *ends,
                          int64_t *end, sf_error *err)
{
    sf_frame_draft frame = {
        .blocks = sf_realloc_array(NULL, outbox->touched_count, sizeof(*frame.blocks))};
    sf_bytes *records = sf_realloc_array(NULL, outbox->touched_count, sizeof(*records));
    sf_status status;

    build(outbox, &frame, records);
    status = append(outbox, log, &frame, check, user, end, err);
    if (!status) {
        collect(outbox, written, ends);
        sf_outbox_clear(outbox);
    }
    free(records);
    free(frame.blocks);
    return status;
}
