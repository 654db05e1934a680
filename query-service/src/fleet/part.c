#include "fleet/part.h"

#include "base/encoding.h"

enum { SIZE_BYTES = 4, ITEM = 1, END = 0 };

/* ---- writing ---- */

void part_writer_init(part_writer *writer, sf_buffer *page)
{
    *writer = (part_writer){.page = page};
}

void part_writer_init_reply(part_writer *writer, sf_json_writer *reply)
{
    *writer = (part_writer){.reply = reply};
}

static void add_byte(sf_buffer *page, uint8_t byte)
{
    sf_buffer_add(page, &byte, 1);
}

static void add_sized(sf_buffer *page, sf_bytes bytes)
{
    sf_put_be32(sf_buffer_extend(page, SIZE_BYTES), (uint32_t)bytes.size);
    sf_buffer_add_bytes(page, bytes);
}

sf_json_writer *part_writer_begin(part_writer *writer, sf_bytes rank)
{
    if (writer->reply)
        return writer->reply;
    add_byte(writer->page, ITEM);
    add_sized(writer->page, rank);
    writer->size_at = writer->page->size;
    (void)sf_buffer_extend(writer->page, SIZE_BYTES); /* written at the item's end */
    sf_json_writer_init(&writer->item, writer->page);
    return &writer->item;
}

void part_writer_end(part_writer *writer)
{
    size_t size;

    if (writer->reply)
        return;
    size = writer->page->size - writer->size_at - SIZE_BYTES;
    sf_put_be32(writer->page->data + writer->size_at, (uint32_t)size);
}

void part_writer_add(part_writer *writer, sf_bytes rank, sf_bytes item)
{
    sf_json_write_raw(part_writer_begin(writer, rank), NULL, item);
    part_writer_end(writer);
}

void part_writer_close(part_writer *writer, bool has_more, sf_bytes place)
{
    if (writer->reply)
        return;
    add_byte(writer->page, END);
    add_byte(writer->page, has_more);
    add_sized(writer->page, place);
}

/* ---- reading ---- */

static bool take(sf_bytes *left, size_t size, sf_bytes *taken)
{
    if (left->size < size)
        return false;
    *taken = sf_bytes_of(left->data, size);
    *left = sf_bytes_of(left->data + size, left->size - size);
    return true;
}

static bool take_sized(sf_bytes *left, sf_bytes *taken)
{
    sf_bytes size;

    return take(left, SIZE_BYTES, &size) && take(left, sf_get_be32(size.data), taken);
}

static bool take_item(sf_bytes *left, sf_bytes *rank, sf_bytes *item)
{
    sf_bytes rest = *left, kind;

    if (!take(&rest, 1, &kind) || kind.data[0] != ITEM || !take_sized(&rest, rank) ||
        !take_sized(&rest, item))
        return false;
    *left = rest;
    return true;
}

static bool take_end(sf_bytes *left, bool *has_more, sf_bytes *place)
{
    sf_bytes kind, more;

    if (!take(left, 1, &kind) || kind.data[0] != END || !take(left, 1, &more) || more.data[0] > 1 ||
        !take_sized(left, place))
        return false;
    *has_more = more.data[0];
    return !left->size;
}

sf_status part_reader_open(part_reader *reader, sf_bytes part, sf_error *err)
{
    sf_bytes left = part, rank, item, place;
    bool has_more;

    while (take_item(&left, &rank, &item))
        continue;
    *reader = (part_reader){.left = sf_bytes_of(part.data, part.size - left.size)};
    if (!take_end(&left, &has_more, &place))
        return sf_fail(err, SF_CORRUPT, "what another instance sent is not a part of an answer");
    reader->has_more = has_more;
    reader->place = has_more ? place : SF_NULL;
    return SF_OK;
}

bool part_reader_next(part_reader *reader, sf_bytes *rank, sf_bytes *item)
{
    return take_item(&reader->left, rank, item);
}
