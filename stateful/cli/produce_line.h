/* produce_line.h - from a line of text to a record. One thread. */
#ifndef STATEFUL_CLI_PRODUCE_LINE_H
#define STATEFUL_CLI_PRODUCE_LINE_H

#include <stateful/record.h>

#include "record_text.h"

/* How lines are to be read. */
typedef struct produce_form {
    text_form keys;
    text_form values;
    const char *separator; /* NULL: no keys */
    const char *null;      /* NULL: no text stands for null */
    bool as_json;
    int64_t timestamp;  /* -1: now */
    int32_t partition;  /* or SF_PARTITION_BY_KEY */
    int32_t partitions; /* of the topic */
    sf_headers headers; /* of every record */
    sf_arena *arena;    /* of the headers */
} produce_form;

/* Fills in what the line says, in the arena; the rest of record and partition stays. SF_REJECT says what is
 * wrong with the line. */
sf_status produce_line_parse(const produce_form *form, char *line, sf_arena *arena,
                             sf_record *record, int32_t *partition, sf_error *err);

#endif
