#include "table.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "service/json_writer.h"

typedef struct cell {
    char *text; /* NULL: unknown */
    int64_t number;
    bool is_number;
} cell;

struct table {
    const char *const *names;
    size_t columns;
    bool as_json;
    cell *cells; /* row by row */
    size_t count;
};

table *table_new(const char *const *names, size_t columns, bool as_json)
{
    table *rows = sf_zalloc(sizeof(*rows));

    rows->names = names;
    rows->columns = columns;
    rows->as_json = as_json;
    return rows;
}

static void add(table *rows, cell added)
{
    rows->cells = sf_realloc_array(rows->cells, rows->count + 1, sizeof(cell));
    rows->cells[rows->count++] = added;
}

void table_add_text(table *rows, const char *text)
{
    add(rows, (cell){.text = sf_text_copy(text)});
}

void table_add_number(table *rows, int64_t number)
{
    add(rows, (cell){
                  .text = sf_text_printf("%" PRId64, number),
                  .number = number,
                  .is_number = true,
              });
}

void table_add_unknown(table *rows)
{
    add(rows, (cell){0});
}

/* ---- order ---- */

static int compare_cells(const cell *a, const cell *b)
{
    if (a->is_number && b->is_number)
        return (a->number > b->number) - (a->number < b->number);
    return strcmp(a->text ? a->text : "", b->text ? b->text : "");
}

static int compare_rows(const void *a, const void *b, void *user)
{
    size_t columns = *(const size_t *)user;

    for (size_t i = 0; i < columns; i++) {
        int order = compare_cells((const cell *)a + i, (const cell *)b + i);

        if (order)
            return order;
    }
    return 0;
}

void table_sort(table *rows)
{
    if (rows->count)
        qsort_r(rows->cells, rows->count / rows->columns, rows->columns * sizeof(cell),
                compare_rows, &rows->columns);
}

/* ---- print ---- */

static void print_json_row(const table *rows, const cell *row)
{
    sf_buffer line = SF_BUFFER_EMPTY;
    sf_json_writer json;

    sf_json_writer_init(&json, &line);
    sf_json_write_object(&json, NULL);
    for (size_t i = 0; i < rows->columns; i++) {
        if (row[i].is_number)
            sf_json_write_integer(&json, rows->names[i], row[i].number);
        else
            sf_json_write_text(&json, rows->names[i], row[i].text);
    }
    sf_json_write_end_object(&json);
    puts(sf_buffer_text(&line));
    sf_buffer_done(&line);
}

static const char *shown(const cell *one)
{
    return one->text ? one->text : "-";
}

static size_t width_of(const table *rows, size_t column)
{
    size_t widest = strlen(rows->names[column]);

    for (size_t i = column; i < rows->count; i += rows->columns) {
        size_t width = strlen(shown(&rows->cells[i]));

        widest = width > widest ? width : widest;
    }
    return widest;
}

/* Numbers to the right; nothing is put behind the last column. */
static void print_padded(const char *text, bool to_the_right, size_t width, bool is_last)
{
    if (to_the_right)
        printf("%*s", (int)width, text);
    else
        printf("%-*s", is_last ? 0 : (int)width, text);
    fputs(is_last ? "\n" : "  ", stdout);
}

static bool is_of_numbers(const table *rows, size_t column)
{
    for (size_t i = column; i < rows->count; i += rows->columns)
        if (rows->cells[i].text && !rows->cells[i].is_number)
            return false;
    return rows->count > 0;
}

static void print_heads(const table *rows, const size_t *widths, const bool *of_numbers)
{
    for (size_t i = 0; i < rows->columns; i++) {
        char *name = sf_text_copy(rows->names[i]);

        for (char *at = name; *at; at++)
            *at = *at == '_' ? ' ' : (char)toupper((unsigned char)*at);
        print_padded(name, of_numbers[i], widths[i], i + 1 == rows->columns);
        free(name);
    }
}

static void print_rows(const table *rows)
{
    size_t *widths = sf_zalloc(rows->columns * sizeof(*widths));
    bool *of_numbers = sf_zalloc(rows->columns * sizeof(*of_numbers));

    for (size_t i = 0; i < rows->columns; i++) {
        widths[i] = width_of(rows, i);
        of_numbers[i] = is_of_numbers(rows, i);
    }
    print_heads(rows, widths, of_numbers);
    for (size_t i = 0; i < rows->count; i++) {
        size_t column = i % rows->columns;

        print_padded(shown(&rows->cells[i]), of_numbers[column], widths[column],
                     column + 1 == rows->columns);
    }
    free(widths);
    free(of_numbers);
}

void table_print(table *rows)
{
    if (rows->as_json)
        for (size_t i = 0; i < rows->count; i += rows->columns)
            print_json_row(rows, &rows->cells[i]);
    else
        print_rows(rows);
    for (size_t i = 0; i < rows->count; i++)
        free(rows->cells[i].text);
    free(rows->cells);
    free(rows);
}
