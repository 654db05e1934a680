#include "support/table_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

/* ---- histories ---- */

bool table_chance(sf_random *random, unsigned percent)
{
    return sf_random_below(random, 100) < percent;
}

void table_history_draw(table_history *history, int sides, sf_random *random)
{
    int64_t now = (int64_t)sf_random_below(random, 20);

    history->count = 1 + (size_t)sf_random_below(random, TABLE_UPDATES_MAX);
    for (size_t i = 0; i < history->count; i++) {
        int64_t back = 0;

        if (table_chance(random, 60))
            now += (int64_t)sf_random_below(random, 12);
        if (table_chance(random, 35))
            back = (int64_t)sf_random_below(random, 30);
        history->updates[i] = (table_update){
            .side = (int)sf_random_below(random, (uint64_t)sides),
            .key = (int)sf_random_below(random, TABLE_KEYS),
            .is_null = table_chance(random, 25),
            .number = (int)sf_random_below(random, 1000),
            .timestamp = now > back ? now - back : 0,
        };
    }
}

const char *table_key_text(int key)
{
    static const char *const texts[TABLE_KEYS] = {"a", "b", "c", "d"};

    return texts[key];
}

void table_number_text(const table_update *update, char *text)
{
    (void)snprintf(text, TABLE_TEXT_SIZE, "%d", update->number);
}

void table_pipe(driven_topology *driven, const char *const *topics, const table_update *update,
                table_text_fn text)
{
    char value[TABLE_TEXT_SIZE];

    text(update, value);
    driven_pipe(driven, topics[update->side], table_key_text(update->key),
                update->is_null ? NULL : value, update->timestamp);
}

void table_have_a_fault(driven_topology *driven, sf_random *random)
{
    sf_test_driver *driver = driven->driver;

    if (table_chance(random, 20))
        assert_ok(sf_test_driver_commit(driver, err));
    if (table_chance(random, 8))
        assert_ok(sf_test_driver_abort(driver, err));
    if (table_chance(random, 4))
        assert_ok(sf_test_driver_restart(driver, SF_CRASH_KEEPS_STATE, err));
    if (table_chance(random, 4))
        assert_ok(sf_test_driver_restart(driver, SF_CRASH_LOSES_STATE, err));
}

/* ---- rows ---- */

void table_rows_add(table_rows *rows, const char *key, const char *value, int64_t timestamp)
{
    table_row *row = &rows->items[rows->count++];

    assert_true(rows->count <= TABLE_ROWS_MAX);
    *row = (table_row){.is_null = !value, .timestamp = timestamp};
    (void)snprintf(row->key, sizeof(row->key), "%s", key);
    (void)snprintf(row->value, sizeof(row->value), "%s", value ? value : "");
}

void table_rows_read(table_rows *rows, driven_topology *driven)
{
    sf_record record;

    while (sf_test_driver_read(driven->driver, "out", &record)) {
        char key[TABLE_TEXT_SIZE], value[TABLE_TEXT_SIZE];

        (void)snprintf(key, sizeof(key), "%.*s", (int)record.key.size,
                       (const char *)record.key.data);
        (void)snprintf(value, sizeof(value), "%.*s", (int)record.value.size,
                       record.value.data ? (const char *)record.value.data : "");
        table_rows_add(rows, key, record.value.data ? value : NULL, record.timestamp);
    }
}

const table_row *table_rows_last(const table_rows *rows, const char *key)
{
    for (size_t i = rows->count; i > 0; i--)
        if (!strcmp(rows->items[i - 1].key, key))
            return &rows->items[i - 1];
    return NULL;
}

bool table_row_equal(const table_row *a, const table_row *b)
{
    return !strcmp(a->key, b->key) && !strcmp(a->value, b->value) && a->is_null == b->is_null &&
           a->timestamp == b->timestamp;
}

bool table_rows_equal(const table_rows *a, const table_rows *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!table_row_equal(&a->items[i], &b->items[i]))
            return false;
    return true;
}

/* ---- for people ---- */

void table_history_print(const table_history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        const table_update *update = &history->updates[i];

        printf("  %zu: side %d %s = ", i, update->side, table_key_text(update->key));
        if (update->is_null)
            printf("null");
        else
            printf("%d", update->number);
        printf(" @%" PRId64 "\n", update->timestamp);
    }
}

void table_rows_print(const char *title, const table_rows *rows)
{
    printf("%s\n", title);
    for (size_t i = 0; i < rows->count; i++)
        printf("  %s = %s @%" PRId64 "\n", rows->items[i].key,
               rows->items[i].is_null ? "null" : rows->items[i].value, rows->items[i].timestamp);
}
