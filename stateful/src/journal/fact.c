#include "journal/fact.h"

#include "base/encoding.h"

static void add_number(sf_buffer *to, int64_t number)
{
    to->size += sf_put_varint(sf_buffer_reserve(to, SF_VARINT_MAX), sf_zigzag(number));
}

static void add_bytes(sf_buffer *to, sf_bytes bytes)
{
    add_number(to, bytes.data ? (int64_t)bytes.size : -1);
    sf_buffer_add_bytes(to, bytes);
}

void sf_fact_add(sf_buffer *facts, const sf_fact *fact)
{
    sf_buffer rest = SF_BUFFER_EMPTY;
    uint8_t kind = (uint8_t)fact->kind;

    add_number(&rest, fact->topic);
    add_number(&rest, fact->partition);
    add_number(&rest, fact->number);
    add_number(&rest, fact->low);
    add_number(&rest, fact->max_timestamp);
    add_bytes(&rest, fact->name);
    add_bytes(&rest, fact->text);
    sf_buffer_add(facts, &kind, 1);
    add_bytes(facts, sf_buffer_bytes(&rest));
    sf_buffer_done(&rest);
}

static bool take_number(sf_bytes *from, int64_t *number)
{
    uint64_t raw;

    if (!sf_take_varint(from, &raw))
        return false;
    *number = sf_unzigzag(raw);
    return true;
}

static bool take_bytes(sf_bytes *from, sf_bytes *bytes)
{
    int64_t size;

    *bytes = SF_NULL;
    if (!take_number(from, &size) || size < -1)
        return false;
    return size < 0 || sf_take_bytes(from, (uint64_t)size, bytes);
}

bool sf_fact_next(sf_bytes *facts, sf_fact *fact)
{
    sf_bytes at = *facts;
    int64_t topic, partition;
    sf_bytes rest;

    if (!at.size)
        return false;
    fact->kind = (sf_fact_kind)at.data[0];
    at = sf_bytes_of(at.data + 1, at.size - 1);
    if (!take_bytes(&at, &rest) || !take_number(&rest, &topic) || !take_number(&rest, &partition) ||
        !take_number(&rest, &fact->number) || !take_number(&rest, &fact->low) ||
        !take_number(&rest, &fact->max_timestamp) || !take_bytes(&rest, &fact->name) ||
        !take_bytes(&rest, &fact->text))
        return false;
    fact->topic = (uint32_t)topic;
    fact->partition = (int32_t)partition;
    *facts = at;
    return true;
}
