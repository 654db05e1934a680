#include "store/window_rows.h"

#include <stdlib.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "store/buffer_entry.h"
#include "store/sorted_rows.h"

struct sf_window_rows {
    sf_range *range; /* NULL: sorted, or nothing to show */
    sf_window_layout layout;
    sf_buffer key;
    bool has_key;
    bool is_index; /* the range is the index's: values are elsewhere */
    int64_t from_ms;
    int64_t to_ms;
    sf_sorted_rows sorted;
    sf_buffer full_key; /* scratch, for values of an index */
    sf_buffer value;
};

/* Keys that begin with the key lie in between; they are longer, and left out by that. */
static void add_bound(const sf_window_rows *rows, uint64_t start_ms, sf_buffer *bound)
{
    if (!rows->layout.by_time)
        sf_buffer_add_bytes(bound, sf_buffer_bytes(&rows->key));
    sf_put_be64(sf_buffer_extend(bound, SF_WINDOW_START_SIZE), start_ms);
}

static sf_range *open_times(const sf_window_rows *rows, const sf_window_query *query)
{
    sf_buffer from = SF_BUFFER_EMPTY;
    sf_buffer to = SF_BUFFER_EMPTY;
    sf_range *range;

    add_bound(rows, (uint64_t)rows->from_ms, &from);
    add_bound(rows, (uint64_t)rows->to_ms + 1, &to);
    range = query->source.open(query->source.store, rows->is_index, sf_buffer_bytes(&from),
                               sf_buffer_bytes(&to), query->backwards);
    sf_buffer_done(&from);
    sf_buffer_done(&to);
    return range;
}

static bool is_wanted(const sf_window_rows *rows, const sf_window_key *window)
{
    if (window->start_ms < rows->from_ms || window->start_ms > rows->to_ms)
        return false;
    return !rows->has_key || sf_bytes_equal(window->key, sf_buffer_bytes(&rows->key));
}

static bool next_in_range(sf_window_rows *rows, sf_window_key *window, sf_bytes *full_value,
                          sf_status *status, sf_error *err)
{
    sf_bytes full_key;

    while (sf_range_next(rows->range, &full_key, full_value, status, err)) {
        sf_bytes key =
            sf_bytes_of(full_key.data + SF_PARTITION_SIZE, full_key.size - SF_PARTITION_SIZE);

        if (!sf_window_key_decode(rows->layout, key, window) ||
            full_value->size < SF_TIMESTAMP_SIZE) {
            *status = sf_fail(err, SF_CORRUPT, "a window's key of %zu and value of %zu bytes",
                              key.size, full_value->size);
            return false;
        }
        if (is_wanted(rows, window))
            return true;
    }
    return false;
}

static void add_sorted(sf_window_rows *rows, const sf_window_key *window, sf_bytes full_value)
{
    sf_sorted_row row = {.first = window->start_ms, .key = window->key, .value = full_value};

    sf_sorted_rows_add(&rows->sorted, &row);
}

/* The row that an index entry stands for. */
static sf_status add_indexed(sf_window_rows *rows, const sf_window_query *query,
                             const sf_window_key *window, sf_error *err)
{
    sf_status status;

    sf_buffer_clear(&rows->value);
    sf_window_key_encode(query->layout, window, &rows->full_key);
    status = query->source.read(query->source.store, sf_buffer_bytes(&rows->full_key), &rows->value,
                                err);
    if (!status && rows->value.size > 0)
        add_sorted(rows, window, sf_buffer_bytes(&rows->value));
    return status;
}

/* What the range has is read, so that it can be sorted, or is found at all. */
static sf_status read_and_sort(sf_window_rows *rows, const sf_window_query *query, sf_error *err)
{
    sf_status status;
    sf_window_key window;
    sf_bytes full_value;

    while (next_in_range(rows, &window, &full_value, &status, err)) {
        if (rows->is_index)
            status = add_indexed(rows, query, &window, err);
        else
            add_sorted(rows, &window, full_value);
        if (status)
            break;
    }
    sf_range_free(rows->range);
    rows->range = NULL;
    sf_sorted_rows_sort(&rows->sorted, query->backwards);
    return status;
}

static sf_status open_rows(sf_window_rows *rows, const sf_window_query *query, sf_error *err)
{
    bool is_in_order = rows->layout.by_time || rows->has_key;

    if (rows->from_ms > rows->to_ms)
        return SF_OK; /* nothing to show */
    if (!is_in_order && query->has_index) {
        rows->is_index = true;
        rows->layout.by_time = true;
    }
    if (rows->layout.by_time || rows->has_key)
        rows->range = open_times(rows, query);
    else
        rows->range = query->source.open(query->source.store, false, SF_NULL, SF_NULL, false);
    return is_in_order ? SF_OK : read_and_sort(rows, query, err);
}

sf_status sf_window_rows_open(const sf_window_query *query, sf_window_rows **opened, sf_error *err)
{
    sf_window_rows *rows = sf_zalloc(sizeof(*rows));
    sf_status status;

    rows->layout = query->layout;
    rows->has_key = !sf_bytes_is_null(query->key);
    sf_buffer_add_bytes(&rows->key, query->key);
    rows->from_ms = query->from_ms > query->first_start_ms ? query->from_ms : query->first_start_ms;
    rows->to_ms = query->to_ms;
    status = open_rows(rows, query, err);
    if (status)
        sf_window_rows_free(rows);
    else
        *opened = rows;
    return status;
}

static bool next_sorted(sf_window_rows *rows, sf_window_key *window, sf_bytes *full_value)
{
    sf_sorted_row row;

    if (!sf_sorted_rows_next(&rows->sorted, &row))
        return false;
    *window = (sf_window_key){.key = row.key, .start_ms = row.first};
    *full_value = row.value;
    return true;
}

bool sf_window_rows_next(sf_window_rows *rows, sf_window_key *window, sf_bytes *full_value,
                         sf_status *status, sf_error *err)
{
    *status = SF_OK;
    return rows->range ? next_in_range(rows, window, full_value, status, err)
                       : next_sorted(rows, window, full_value);
}

void sf_window_rows_free(sf_window_rows *rows)
{
    if (!rows)
        return;
    sf_range_free(rows->range);
    sf_buffer_done(&rows->key);
    sf_sorted_rows_done(&rows->sorted);
    sf_buffer_done(&rows->full_key);
    sf_buffer_done(&rows->value);
    free(rows);
}
