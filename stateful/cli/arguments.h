/* arguments.h - the words behind a command, sorted into options and operands by its table.
 *
 * Options may stand anywhere; "--name VALUE", "--name=VALUE" and "-n VALUE" are the same; "--" ends them.
 * What is wrong with them comes as SF_REJECT with a sentence: a misuse, not a failure. One thread.
 */
#ifndef STATEFUL_CLI_ARGUMENTS_H
#define STATEFUL_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stateful/error.h>

typedef struct option {
    const char *name;  /* "partition", written --partition */
    char letter;       /* 'p', written -p; 0: none */
    const char *value; /* what stands for its value in the help text, "N"; NULL: a flag */
    const char *meaning;
    bool may_repeat;
} option;

/* Tables end with a zero entry; two are looked through, the command's own and the common ones. */
typedef struct option_tables {
    const option *own;
    const option *common;
} option_tables;

typedef struct arguments arguments;

/* Borrows the words for its life. */
sf_status arguments_read(const option_tables *tables, int count, char *const *words,
                         arguments **read, sf_error *err);
void arguments_free(arguments *read);

size_t arguments_operand_count(const arguments *read);
const char *arguments_operand(const arguments *read, size_t index); /* NULL: not so many */

/* Options by name, which must be in a table. */
bool arguments_has(const arguments *read, const char *name);
const char *arguments_text(const arguments *read, const char *name); /* the last; NULL: none */
size_t arguments_count(const arguments *read, const char *name);
const char *arguments_text_at(const arguments *read, const char *name, size_t index);

/* *number = the option's, untouched if it was not given. */
sf_status arguments_number(const arguments *read, const char *name, int64_t least, int64_t most,
                           int64_t *number, sf_error *err);

/* *index = of the option's word among the list (NULL-terminated), untouched if it was not given; an
 * unknown word names the nearest. */
sf_status arguments_choice(const arguments *read, const char *name, const char *const *words,
                           size_t *index, sf_error *err);

/* A whole decimal number and nothing else. */
bool text_is_number(const char *text, int64_t *number);

#endif
