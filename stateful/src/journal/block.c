#include "journal/block.h"

#include "base/encoding.h"

enum { KEPT_SIZE = 1024 * 1024 };

void sf_block_put(const sf_block *block, uint8_t *to)
{
    sf_put_le32(to, block->topic);
    sf_put_le32(to + 4, (uint32_t)block->partition);
    sf_put_le64(to + 8, (uint64_t)block->base_offset);
    sf_put_le64(to + 16, (uint64_t)block->next_offset);
    sf_put_le64(to + 24, (uint64_t)block->base_timestamp);
    sf_put_le64(to + 32, (uint64_t)block->max_timestamp);
    sf_put_le32(to + 40, block->count);
    sf_put_le32(to + 44, block->size_bytes);
    sf_put_le64(to + 48, 0); /* room for a codec */
}

sf_block sf_block_get(const uint8_t *from)
{
    return (sf_block){
        .topic = sf_get_le32(from),
        .partition = (int32_t)sf_get_le32(from + 4),
        .base_offset = (int64_t)sf_get_le64(from + 8),
        .next_offset = (int64_t)sf_get_le64(from + 16),
        .base_timestamp = (int64_t)sf_get_le64(from + 24),
        .max_timestamp = (int64_t)sf_get_le64(from + 32),
        .count = sf_get_le32(from + 40),
        .size_bytes = sf_get_le32(from + 44),
    };
}

void sf_block_draft_done(sf_block_draft *draft)
{
    sf_buffer_done(&draft->records);
}

void sf_block_draft_clear(sf_block_draft *draft)
{
    if (draft->records.capacity > KEPT_SIZE)
        sf_buffer_done(&draft->records);
    *draft = (sf_block_draft){.records = draft->records};
    sf_buffer_clear(&draft->records);
}

size_t sf_record_size_bytes(const sf_record *record)
{
    size_t size = 5 * SF_VARINT_MAX + record->key.size + record->value.size;

    for (size_t i = 0; i < record->headers.count; i++)
        size += 2 * SF_VARINT_MAX + strlen(record->headers.items[i].name) + 1 +
                record->headers.items[i].value.size;
    return size;
}

static uint8_t *put_bytes(uint8_t *at, sf_bytes bytes)
{
    if (bytes.size)
        memcpy(at, bytes.data, bytes.size);
    return at + bytes.size;
}

static uint8_t *put_size(uint8_t *at, sf_bytes bytes)
{
    return at + sf_put_varint(at, bytes.data ? bytes.size + 1 : 0);
}

static uint8_t *put_header(uint8_t *at, const sf_header *header)
{
    sf_bytes name = sf_bytes_text(header->name);

    at += sf_put_varint(at, name.size);
    at = put_bytes(at, sf_bytes_of(name.data, name.size + 1));
    at = put_size(at, header->value);
    return put_bytes(at, header->value);
}

int64_t sf_block_draft_add(sf_block_draft *draft, const sf_record *record, uint32_t skipped)
{
    uint8_t *begin = sf_buffer_reserve(&draft->records, sf_record_size_bytes(record));
    uint8_t *at = begin;
    int64_t offset = draft->span + skipped;

    if (!draft->count)
        draft->base_timestamp = draft->max_timestamp = record->timestamp;
    if (record->timestamp > draft->max_timestamp)
        draft->max_timestamp = record->timestamp;
    at += sf_put_varint(at, skipped);
    at += sf_put_varint(
        at, sf_zigzag((int64_t)((uint64_t)record->timestamp - (uint64_t)draft->base_timestamp)));
    at = put_size(at, record->key);
    at = put_size(at, record->value);
    at += sf_put_varint(at, record->headers.count);
    for (size_t i = 0; i < record->headers.count; i++)
        at = put_header(at, &record->headers.items[i]);
    at = put_bytes(at, record->key);
    at = put_bytes(at, record->value);
    draft->records.size += (size_t)(at - begin);
    draft->count++;
    draft->span = offset + 1;
    return offset;
}

sf_block_iterator sf_block_records(const sf_block *block, const uint8_t *records)
{
    return (sf_block_iterator){.at = records,
                               .end = records + block->size_bytes,
                               .offset = block->base_offset,
                               .next_offset = block->next_offset,
                               .base_timestamp = block->base_timestamp,
                               .left = block->count};
}

static inline bool take_number(sf_block_iterator *it, uint64_t *number)
{
    size_t size;

    if (it->at < it->end && *it->at < 0x80) {
        *number = *it->at++;
        return true;
    }
    size = sf_get_varint(it->at, (size_t)(it->end - it->at), number);
    it->at += size;
    return size > 0;
}

/* size_and_one: 0 for null. */
static inline bool take_bytes(sf_block_iterator *it, uint64_t size_and_one, sf_bytes *bytes)
{
    if (!size_and_one) {
        *bytes = SF_NULL;
        return true;
    }
    if (size_and_one - 1 > (uint64_t)(it->end - it->at))
        return false;
    *bytes = sf_bytes_of(it->at, (size_t)size_and_one - 1);
    it->at += bytes->size;
    return true;
}

static bool take_header(sf_block_iterator *it, sf_header *header)
{
    uint64_t name_size, value_size;
    sf_bytes name;

    if (!take_number(it, &name_size) || name_size > (uint64_t)(it->end - it->at) ||
        !take_bytes(it, name_size + 2, &name) || name.data[name_size] != 0)
        return false;
    header->name = (const char *)name.data;
    return take_number(it, &value_size) && take_bytes(it, value_size, &header->value);
}

static bool take_headers(sf_block_iterator *it, uint64_t count, sf_headers *headers,
                         sf_arena **arena)
{
    sf_header *items;

    *headers = (sf_headers){0};
    if (!count)
        return true;
    if (count > (uint64_t)(it->end - it->at))
        return false;
    if (!*arena)
        *arena = sf_arena_new();
    items = sf_arena_alloc(*arena, (size_t)count * sizeof(*items));
    for (uint64_t i = 0; i < count; i++)
        if (!take_header(it, &items[i]))
            return false;
    *headers = (sf_headers){items, (size_t)count};
    return true;
}

/* Its offset is one of the block's. */
static bool take_offset(sf_block_iterator *it, int64_t *offset)
{
    uint64_t skipped;

    if (!take_number(it, &skipped) || it->offset < 0 || it->offset >= it->next_offset ||
        skipped >= (uint64_t)(it->next_offset - it->offset))
        return false;
    *offset = it->offset + (int64_t)skipped;
    it->offset = *offset + 1;
    return true;
}

bool sf_block_next(sf_block_iterator *it, sf_consumed_record *record, sf_arena **headers)
{
    uint64_t time, key_size, value_size, header_count;

    if (!take_offset(it, &record->offset) || !take_number(it, &time) ||
        !take_number(it, &key_size) || !take_number(it, &value_size) ||
        !take_number(it, &header_count) ||
        !take_headers(it, header_count, &record->record.headers, headers) ||
        !take_bytes(it, key_size, &record->record.key) ||
        !take_bytes(it, value_size, &record->record.value))
        return false;
    record->record.timestamp =
        (int64_t)((uint64_t)it->base_timestamp + (uint64_t)sf_unzigzag(time));
    it->left--;
    return true;
}
