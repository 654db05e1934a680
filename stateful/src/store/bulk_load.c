#include "store/bulk_load.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/arena.h>

#include "base/memory.h"
#include "store/key_order.h"
#include "store/state_db_implementation.h"

/* Key and value lie one behind the other. */
typedef struct gathered {
    uint64_t order; /* of the key among the others, as far as 8 bytes tell */
    const uint8_t *bytes;
    uint32_t key_size;
    uint32_t value_size;
    uint32_t number; /* later rows have greater ones */
    bool is_deleted;
} gathered;

typedef struct family_rows {
    sf_state_family *family;
    gathered *rows;
    size_t count;
    size_t capacity;
    size_t common; /* bytes that all keys begin with */
} family_rows;

struct sf_bulk_load {
    sf_state_batch base; /* first: it is one */
    sf_state_db *db;
    sf_arena *arena;
    size_t bytes;
    family_rows *families; /* few: a store has two at most */
    size_t family_count;
    sf_state_row *sorted; /* scratch */
    size_t sorted_capacity;
};

static family_rows *rows_of(sf_bulk_load *load, sf_state_family *family)
{
    for (size_t i = 0; i < load->family_count; i++)
        if (load->families[i].family == family)
            return &load->families[i];
    load->families =
        sf_realloc_array(load->families, load->family_count + 1, sizeof(load->families[0]));
    load->families[load->family_count] = (family_rows){.family = family};
    return &load->families[load->family_count++];
}

static void make_room(family_rows *to)
{
    if (to->count < to->capacity)
        return;
    to->capacity = to->capacity ? 2 * to->capacity : 1024;
    to->rows = sf_realloc_array(to->rows, to->capacity, sizeof(to->rows[0]));
}

static void gather(sf_bulk_load *load, sf_state_family *family, sf_bytes key, sf_bytes value)
{
    family_rows *to = rows_of(load, family);
    uint8_t *bytes = sf_arena_alloc(load->arena, key.size + value.size);

    assert(key.size <= UINT32_MAX && value.size <= UINT32_MAX); /* so are a topic's records */
    memcpy(bytes, key.data, key.size);
    if (value.size > 0)
        memcpy(bytes + key.size, value.data, value.size);
    make_room(to);
    to->rows[to->count] = (gathered){
        .bytes = bytes,
        .key_size = (uint32_t)key.size,
        .value_size = (uint32_t)value.size,
        .number = (uint32_t)to->count,
        .is_deleted = !value.data,
    };
    to->common =
        sf_key_order_common(key, sf_bytes_of(to->rows[0].bytes, to->count ? to->common : key.size));
    to->count++;
    load->bytes += key.size + value.size + sizeof(to->rows[0]);
}

/* ---- as a batch ---- */

static void load_put(sf_state_batch *batch, sf_state_family *family, sf_bytes key, sf_bytes value)
{
    gather((sf_bulk_load *)batch, family, key, value);
}

static void load_delete(sf_state_batch *batch, sf_state_family *family, sf_bytes key)
{
    gather((sf_bulk_load *)batch, family, key, SF_NULL);
}

static const sf_state_db_ops ops = {
    .batch_put = load_put,
    .batch_delete = load_delete,
};

/* ---- life ---- */

sf_bulk_load *sf_bulk_load_new(sf_state_db *db)
{
    sf_bulk_load *load = sf_zalloc(sizeof(*load));

    load->base.ops = &ops;
    load->db = db;
    load->arena = sf_arena_new();
    return load;
}

static void drop_rows(sf_bulk_load *load)
{
    for (size_t i = 0; i < load->family_count; i++)
        load->families[i].count = 0;
    sf_arena_reset(load->arena);
    load->base.count = 0;
    load->bytes = 0;
}

void sf_bulk_load_free(sf_bulk_load *load)
{
    if (!load)
        return;
    for (size_t i = 0; i < load->family_count; i++)
        free(load->families[i].rows);
    free(load->families);
    free(load->sorted);
    sf_arena_free(load->arena);
    free(load);
}

sf_state_batch *sf_bulk_load_batch(sf_bulk_load *load)
{
    return &load->base;
}

size_t sf_bulk_load_bytes(const sf_bulk_load *load)
{
    return load->bytes;
}

/* ---- writing ---- */

static sf_bytes key_of(const gathered *row)
{
    return sf_bytes_of(row->bytes, row->key_size);
}

static int compare(const void *left, const void *right)
{
    const gathered *a = left;
    const gathered *b = right;
    int order;

    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    order = sf_bytes_compare(key_of(a), key_of(b));
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

static void sort(family_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        rows->rows[i].order = sf_key_order_of(key_of(&rows->rows[i]), rows->common);
    if (rows->count > 1)
        qsort(rows->rows, rows->count, sizeof(rows->rows[0]), compare);
}

static bool is_last_of_key(const family_rows *rows, size_t index)
{
    const gathered *row = &rows->rows[index];

    return index + 1 == rows->count || row[1].order != row->order ||
           !sf_bytes_equal(key_of(row), key_of(row + 1));
}

static size_t take_last_of_each(sf_bulk_load *load, const family_rows *rows)
{
    size_t count = 0;

    if (load->sorted_capacity < rows->count) {
        load->sorted_capacity = rows->count;
        load->sorted = sf_realloc_array(load->sorted, rows->count, sizeof(load->sorted[0]));
    }
    for (size_t i = 0; i < rows->count; i++) {
        const gathered *row = &rows->rows[i];

        if (is_last_of_key(rows, i))
            load->sorted[count++] = (sf_state_row){
                .key = key_of(row),
                .value = row->is_deleted ? SF_NULL
                                         : sf_bytes_of(row->bytes + row->key_size, row->value_size),
            };
    }
    return count;
}

sf_status sf_bulk_load_write(sf_bulk_load *load, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < load->family_count; i++) {
        family_rows *rows = &load->families[i];
        size_t count;

        sort(rows);
        count = take_last_of_each(load, rows);
        status = sf_state_db_ingest(load->db, rows->family, load->sorted, count, err);
    }
    if (!status)
        drop_rows(load);
    return status;
}
