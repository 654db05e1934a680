#include "store/sorted_rows.h"

#include <stdlib.h>
#include <string.h>

/* Where the bytes of a row are: key, then value. */
typedef struct place {
    int64_t first;
    int64_t second;
    size_t at;
    size_t key_size;
    size_t value_size;
} place;

void sf_sorted_rows_done(sf_sorted_rows *rows)
{
    sf_buffer_done(&rows->bytes);
    sf_buffer_done(&rows->places);
    *rows = (sf_sorted_rows){0};
}

void sf_sorted_rows_add(sf_sorted_rows *rows, const sf_sorted_row *row)
{
    place added = {.first = row->first,
                   .second = row->second,
                   .at = rows->bytes.size,
                   .key_size = row->key.size,
                   .value_size = row->value.size};

    sf_buffer_add_bytes(&rows->bytes, row->key);
    sf_buffer_add_bytes(&rows->bytes, row->value);
    sf_buffer_add(&rows->places, &added, sizeof(added));
}

static int compare_places(const void *left, const void *right, void *bytes)
{
    const place *a = left;
    const place *b = right;
    const uint8_t *from = bytes;
    int order;

    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    if (a->second != b->second)
        return a->second < b->second ? -1 : 1;
    order = sf_bytes_compare(sf_bytes_of(from + a->at, a->key_size),
                             sf_bytes_of(from + b->at, b->key_size));
    if (order)
        return order;
    return (a->at > b->at) - (a->at < b->at);
}

void sf_sorted_rows_sort(sf_sorted_rows *rows, bool backwards)
{
    if (rows->places.size > 0)
        qsort_r(rows->places.data, rows->places.size / sizeof(place), sizeof(place), compare_places,
                rows->bytes.data);
    rows->backwards = backwards;
    rows->position = backwards ? rows->places.size : 0;
}

bool sf_sorted_rows_next(sf_sorted_rows *rows, sf_sorted_row *row)
{
    place at;

    if (rows->position == (rows->backwards ? 0 : rows->places.size))
        return false;
    if (rows->backwards)
        rows->position -= sizeof(at);
    memcpy(&at, rows->places.data + rows->position, sizeof(at));
    if (!rows->backwards)
        rows->position += sizeof(at);
    *row = (sf_sorted_row){
        .first = at.first,
        .second = at.second,
        .key = sf_bytes_of(rows->bytes.data + at.at, at.key_size),
        .value = sf_bytes_of(rows->bytes.data + at.at + at.key_size, at.value_size),
    };
    return true;
}
