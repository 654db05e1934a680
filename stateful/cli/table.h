/* table.h - rows for a person or for a program: columns that stand below each other, or a JSON object a
 * line whose members are the columns' names. One thread. */
#ifndef STATEFUL_CLI_TABLE_H
#define STATEFUL_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct table table;

/* names: of the columns, borrowed; lower case words, shown in capitals to a person. */
table *table_new(const char *const *names, size_t columns, bool as_json);

/* The next cell of the row; the row is over with its last column. NULL shows as "-" or null. */
void table_add_text(table *rows, const char *text);
void table_add_number(table *rows, int64_t number);
void table_add_unknown(table *rows);

/* Sorts rows by their first columns: numbers by value, texts by their letters. */
void table_sort(table *rows);

/* Prints it to standard output and frees it. */
void table_print(table *rows);

#endif
