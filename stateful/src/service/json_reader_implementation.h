/* json_reader_implementation.h - what json_reader.c (structure), json_value.c (values) and
 * json_errors.c lend each other. */
#ifndef SF_SERVICE_JSON_READER_IMPLEMENTATION_H
#define SF_SERVICE_JSON_READER_IMPLEMENTATION_H

#include "service/json_reader.h"

/* Begins to read the value that is due, which must be of the kind wanted. False: it is not (noted and
 * skipped), or all is broken. what says what is wanted: "a text". */
bool sf_json_reader_begin(sf_json_reader *json, sf_json_kind wanted, const char *what);

/* Takes a string (the reader stands on its quote), or a number (on its first byte). False: broken. */
bool sf_json_reader_take_text(sf_json_reader *json, sf_bytes *text);
bool sf_json_reader_take_number(sf_json_reader *json, sf_bytes *token);

/* The end of all reading, with a sentence. Always false. */
bool sf_json_reader_fail(sf_json_reader *json, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same: "expected <what> at byte <offset>". Always false. */
bool sf_json_reader_break(sf_json_reader *json, const char *expected);

#endif
