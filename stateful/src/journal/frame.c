#include "journal/frame.h"

#include "base/crc32c.h"
#include "base/encoding.h"

enum {
    AT_SIZE = 0,
    AT_CRC = 4,
    AT_POSITION = 8,
    AT_SYNCED = 16,
    AT_TIME = 24,
    AT_PAYLOAD_CRC = 32,
    AT_FACTS_SIZE = 36,
    AT_FLAGS = 40,
    AT_BLOCK_COUNT = 44,
};

static size_t head_size_of(size_t block_count, size_t facts_size)
{
    return SF_FRAME_HEADER_SIZE + block_count * SF_BLOCK_HEADER_SIZE + facts_size;
}

void sf_frame_draft_seal(sf_frame_draft *draft)
{
    draft->payload_crc = 0;
    draft->size_bytes = head_size_of(draft->block_count, draft->facts.size);
    for (size_t i = 0; i < draft->block_count; i++) {
        sf_bytes records = draft->records[i];

        draft->payload_crc = sf_crc32c(draft->payload_crc, records.data, records.size);
        draft->size_bytes += records.size;
    }
}

static uint32_t crc_of_head(const uint8_t *head, size_t size)
{
    return sf_crc32c(sf_crc32c(0, head, AT_CRC), head + AT_POSITION, size - AT_POSITION);
}

void sf_frame_draft_head(const sf_frame_draft *draft, sf_frame_mark mark, sf_buffer *head)
{
    size_t size = head_size_of(draft->block_count, draft->facts.size);
    uint8_t *at = sf_buffer_extend(head, size);

    sf_put_le32(at + AT_SIZE, (uint32_t)draft->size_bytes);
    sf_put_le64(at + AT_POSITION, (uint64_t)mark.position);
    sf_put_le64(at + AT_SYNCED, (uint64_t)mark.synced);
    sf_put_le64(at + AT_TIME, (uint64_t)mark.time_ms);
    sf_put_le32(at + AT_PAYLOAD_CRC, draft->payload_crc);
    sf_put_le32(at + AT_FACTS_SIZE, (uint32_t)draft->facts.size);
    sf_put_le32(at + AT_FLAGS, draft->flags);
    sf_put_le32(at + AT_BLOCK_COUNT, (uint32_t)draft->block_count);
    for (size_t i = 0; i < draft->block_count; i++)
        sf_block_put(&draft->blocks[i], at + head_size_of(i, 0));
    if (draft->facts.size)
        memcpy(at + size - draft->facts.size, draft->facts.data, draft->facts.size);
    sf_put_le32(at + AT_CRC, crc_of_head(at, size));
}

size_t sf_frame_wanted_bytes(sf_bytes bytes, int64_t position)
{
    size_t size;

    if (bytes.size < SF_FRAME_HEADER_SIZE)
        return SF_FRAME_HEADER_SIZE;
    size = sf_get_le32(bytes.data + AT_SIZE);
    if (size < SF_FRAME_HEADER_SIZE || size > SF_FRAME_MAX_SIZE ||
        (int64_t)sf_get_le64(bytes.data + AT_POSITION) != position)
        return 0;
    return size;
}

sf_frame sf_frame_of_head(sf_bytes head)
{
    size_t facts_size = sf_get_le32(head.data + AT_FACTS_SIZE);
    size_t block_count = sf_get_le32(head.data + AT_BLOCK_COUNT);
    size_t head_size = head_size_of(block_count, facts_size);

    return (sf_frame){
        .mark = {(int64_t)sf_get_le64(head.data + AT_POSITION),
                 (int64_t)sf_get_le64(head.data + AT_SYNCED),
                 (int64_t)sf_get_le64(head.data + AT_TIME)},
        .flags = sf_get_le32(head.data + AT_FLAGS),
        .size_bytes = sf_get_le32(head.data + AT_SIZE),
        .block_count = block_count,
        .blocks = head.data + SF_FRAME_HEADER_SIZE,
        .facts = sf_bytes_of(head.data + head_size - facts_size, facts_size),
        .records = head.data + head_size,
    };
}

/* The blocks' records fill the rest of the frame exactly. */
static bool blocks_fit(const sf_frame *frame, size_t payload_size)
{
    size_t sum = 0;

    for (size_t i = 0; i < frame->block_count; i++)
        sum += sf_block_get(frame->blocks + i * SF_BLOCK_HEADER_SIZE).size_bytes;
    return sum == payload_size;
}

sf_frame_state sf_frame_read(sf_bytes bytes, int64_t position, sf_frame *frame)
{
    size_t size = sf_frame_wanted_bytes(bytes, position);
    size_t head_size, payload_size;
    sf_frame read;

    if (!size)
        return SF_FRAME_BAD;
    if (bytes.size < size)
        return SF_FRAME_SHORT;
    read = sf_frame_of_head(bytes);
    head_size = (size_t)(read.records - bytes.data);
    if (read.block_count > size / SF_BLOCK_HEADER_SIZE || head_size > size ||
        sf_get_le32(bytes.data + AT_CRC) != crc_of_head(bytes.data, head_size))
        return SF_FRAME_BAD;
    payload_size = size - head_size;
    if (sf_get_le32(bytes.data + AT_PAYLOAD_CRC) != sf_crc32c(0, read.records, payload_size) ||
        !blocks_fit(&read, payload_size))
        return SF_FRAME_BAD;
    *frame = read;
    return SF_FRAME_WHOLE;
}
