#include "support/equality_rows.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void equality_rows_init(equality_rows *rows)
{
    *rows = (equality_rows){.memory = sf_arena_new()};
}

void equality_rows_done(equality_rows *rows)
{
    free(rows->items);
    sf_arena_free(rows->memory);
}

void equality_rows_add(equality_rows *rows, const equality_row *row)
{
    equality_row *added;

    rows->items = sf_realloc_array(rows->items, rows->count + 1, sizeof(*rows->items));
    added = &rows->items[rows->count++];
    *added = *row;
    added->key = sf_arena_copy(rows->memory, row->key);
    added->value = sf_arena_copy(rows->memory, row->value);
}

/* ---- order ---- */

static int compare_times(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare(const equality_row *a, const equality_row *b)
{
    int order = sf_bytes_compare(a->key, b->key);

    if (!order)
        order = compare_times(a->start_ms, b->start_ms);
    if (!order)
        order = compare_times(a->end_ms, b->end_ms);
    return order ? order : compare_times(a->timestamp, b->timestamp);
}

/* By insertion: the lists are short, and equals stay in order. */
static void sort_by(equality_rows *rows, int (*order)(const equality_row *a, const equality_row *b))
{
    for (size_t i = 1; i < rows->count; i++) {
        equality_row row = rows->items[i];
        size_t at = i;

        for (; at > 0 && order(&rows->items[at - 1], &row) > 0; at--)
            rows->items[at] = rows->items[at - 1];
        rows->items[at] = row;
    }
}

void equality_rows_sort(equality_rows *rows)
{
    sort_by(rows, compare);
}

static int compare_keys(const equality_row *a, const equality_row *b)
{
    return sf_bytes_compare(a->key, b->key);
}

static int compare_without_key(const equality_row *a, const equality_row *b)
{
    int order = !a->key.data - !b->key.data;

    if (order || a->key.data)
        return order;
    order = compare_times(a->timestamp, b->timestamp);
    return order ? order : sf_bytes_compare(a->value, b->value);
}

void equality_rows_part_keyless(equality_rows *rows)
{
    sort_by(rows, compare_without_key);
}

void equality_rows_leave_last(equality_rows *rows)
{
    size_t kept = 0, keyed = 0, count = rows->count;

    equality_rows_part_keyless(rows);
    while (keyed < count && rows->items[keyed].key.data)
        keyed++;
    rows->count = keyed;
    sort_by(rows, compare_keys);
    for (size_t i = 0; i < keyed; i++) {
        bool is_last = i + 1 == keyed || compare_keys(&rows->items[i], &rows->items[i + 1]) != 0;

        if (is_last && rows->items[i].value.data)
            rows->items[kept++] = rows->items[i];
    }
    for (size_t i = keyed; i < count; i++)
        rows->items[kept++] = rows->items[i];
    rows->count = kept;
}

void equality_rows_drop_zeros(equality_rows *rows)
{
    size_t kept = 0;

    for (size_t i = 0; i < rows->count; i++)
        if (!sf_bytes_equal(rows->items[i].value, sf_bytes_text("0")))
            rows->items[kept++] = rows->items[i];
    rows->count = kept;
}

void equality_rows_forget_times(equality_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        rows->items[i].timestamp = 0;
}

/* ---- differences ---- */

static bool is_equal(const equality_row *a, const equality_row *b)
{
    return sf_bytes_equal(a->key, b->key) && sf_bytes_equal(a->value, b->value) &&
           !a->key.data == !b->key.data && !a->value.data == !b->value.data &&
           a->start_ms == b->start_ms && a->end_ms == b->end_ms &&
           a->valid_to_ms == b->valid_to_ms && a->timestamp == b->timestamp;
}

static void print_bytes(sf_bytes bytes)
{
    if (!bytes.data)
        printf("null");
    for (size_t i = 0; i < bytes.size; i++)
        if (isprint(bytes.data[i]))
            putchar(bytes.data[i]);
        else
            printf("\\%02x", bytes.data[i]);
}

static void print_row(const char *title, size_t i, const equality_rows *rows)
{
    const equality_row *row = &rows->items[i];

    printf("  %s %zu of %zu: ", title, i, rows->count);
    if (i >= rows->count) {
        printf("nothing\n");
        return;
    }
    print_bytes(row->key);
    printf(" [%" PRId64 ",%" PRId64 ",%" PRId64 "] = ", row->start_ms, row->end_ms,
           row->valid_to_ms);
    print_bytes(row->value);
    printf(" @%" PRId64 "\n", row->timestamp);
}

bool equality_rows_equal(const equality_rows *expected, const equality_rows *found)
{
    size_t at = 0;

    while (at < expected->count && at < found->count &&
           is_equal(&expected->items[at], &found->items[at]))
        at++;
    if (at == expected->count && at == found->count)
        return true;
    for (size_t i = at > 2 ? at - 2 : 0; i < at + 3; i++) {
        print_row("expected", i, expected);
        print_row("found   ", i, found);
    }
    return false;
}
