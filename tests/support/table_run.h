/* table_run.h - random histories of updates of tables, for the model tests: what goes in, and what came
 * out of the topic "out".
 *
 * An update sets the row of one of a few keys to a number, or deletes it; times are in disorder and
 * often equal. A run may have its transactions aborted and its process killed, with or without its
 * disk.
 */
#ifndef TESTS_SUPPORT_TABLE_RUN_H
#define TESTS_SUPPORT_TABLE_RUN_H

#include "base/random.h"
#include "support/driven_topology.h"

enum { TABLE_UPDATES_MAX = 48, TABLE_KEYS = 4, TABLE_ROWS_MAX = 1024, TABLE_TEXT_SIZE = 96 };

typedef struct table_update {
    int side; /* which topic */
    int key;  /* 0 to TABLE_KEYS - 1 */
    bool is_null;
    int number;
    int64_t timestamp;
} table_update;

typedef struct table_history {
    table_update updates[TABLE_UPDATES_MAX];
    size_t count;
} table_history;

/* A row as a model or the engine has it; no text is null. */
typedef struct table_row {
    char key[TABLE_TEXT_SIZE];
    char value[TABLE_TEXT_SIZE];
    bool is_null;
    int64_t timestamp;
} table_row;

typedef struct table_rows {
    table_row items[TABLE_ROWS_MAX];
    size_t count;
} table_rows;

bool table_chance(sf_random *random, unsigned percent);

void table_history_draw(table_history *history, int sides, sf_random *random);

/* "a", "b", ... */
const char *table_key_text(int key);

/* How an update's value is written; text has TABLE_TEXT_SIZE bytes. */
typedef void (*table_text_fn)(const table_update *update, char *text);
void table_number_text(const table_update *update, char *text); /* the number */

/* Pipes an update to its topic. */
void table_pipe(driven_topology *driven, const char *const *topics, const table_update *update,
                table_text_fn text);

/* Now and then a commit, an abort, a crash. For drivers whose commits are left to the test. */
void table_have_a_fault(driven_topology *driven, sf_random *random);

/* ---- rows ---- */

/* value NULL: null. */
void table_rows_add(table_rows *rows, const char *key, const char *value, int64_t timestamp);

/* All unread ones of "out". */
void table_rows_read(table_rows *rows, driven_topology *driven);

/* The last row of a key; NULL: there is none. */
const table_row *table_rows_last(const table_rows *rows, const char *key);

bool table_row_equal(const table_row *a, const table_row *b);
bool table_rows_equal(const table_rows *a, const table_rows *b);

void table_history_print(const table_history *history);
void table_rows_print(const char *title, const table_rows *rows);

#endif
