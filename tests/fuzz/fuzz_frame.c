/* fuzz_frame.c - any bytes as a frame of the journal: as they are, and with sizes and checksums put right so
 * that what is behind them is reached. What is whole can be walked to its end, records within its bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "journal/block.h"
#include "journal/fact.h"
#include "journal/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool lies_within(sf_bytes part, const uint8_t *from, const uint8_t *to)
{
    return !part.data || (part.data >= from && part.data + part.size <= to);
}

static void walk_facts(sf_bytes facts)
{
    const uint8_t *end = facts.data + facts.size;
    const uint8_t *begin = facts.data;
    sf_fact fact;

    while (sf_fact_next(&facts, &fact)) {
        check(lies_within(fact.name, begin, end));
        check(lies_within(fact.text, begin, end));
    }
}

static void walk_records(const sf_block *block, const uint8_t *records)
{
    sf_block_iterator iterator = sf_block_records(block, records);
    sf_arena *headers = NULL;
    sf_consumed_record record;

    while (iterator.left > 0 && sf_block_next(&iterator, &record, &headers)) {
        check(lies_within(record.record.key, records, records + block->size_bytes));
        check(lies_within(record.record.value, records, records + block->size_bytes));
        for (size_t i = 0; i < record.record.headers.count; i++)
            check(lies_within(record.record.headers.items[i].value, records,
                              records + block->size_bytes));
    }
    sf_arena_free(headers);
}

static void walk(const sf_frame *frame, const uint8_t *end)
{
    const uint8_t *records = frame->records;

    walk_facts(frame->facts);
    for (size_t i = 0; i < frame->block_count; i++) {
        sf_block block = sf_block_get(frame->blocks + i * SF_BLOCK_HEADER_SIZE);

        check(block.size_bytes <= (size_t)(end - records));
        walk_records(&block, records);
        records += block.size_bytes;
    }
}

static void read_frame(sf_bytes bytes)
{
    sf_frame frame;

    (void)sf_frame_wanted_bytes(bytes, 0); /* what it says is used by readers of files alone */
    if (sf_frame_read(bytes, 0, &frame) != SF_FRAME_WHOLE)
        return;
    check(frame.size_bytes <= bytes.size);
    walk(&frame, bytes.data + frame.size_bytes);
}

static void put_le32(uint8_t *to, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(number >> (8 * i));
}

static uint32_t get_le32(const uint8_t *from)
{
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
           (uint32_t)from[3] << 24;
}

/* Size, position, the checksum of the records (the largest that the blocks may have), that of the head. */
static void put_right(uint8_t *bytes, size_t size)
{
    size_t head = SF_FRAME_HEADER_SIZE + (size_t)get_le32(bytes + 44) * SF_BLOCK_HEADER_SIZE +
                  (size_t)get_le32(bytes + 36);
    uint32_t crc;

    put_le32(bytes, (uint32_t)size);
    memset(bytes + 8, 0, 8);
    if (head > size)
        return;
    put_le32(bytes + 32, sf_crc32c(0, bytes + head, size - head));
    crc = sf_crc32c(0, bytes, 4);
    put_le32(bytes + 4, sf_crc32c(crc, bytes + 8, head - 8));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);

    read_frame(sf_bytes_of(data, size));
    walk_facts(sf_bytes_of(data, size));
    memcpy(copy, data, size);
    if (size >= SF_FRAME_HEADER_SIZE)
        put_right(copy, size);
    read_frame(sf_bytes_of(copy, size));
    free(copy);
    return 0;
}
