/* json_writer.h - appends JSON to a buffer: compact, commas by itself, escaped right.
 *
 *     sf_json_write_object(json, NULL);
 *     sf_json_write_integer(json, "id", 1);
 *     sf_json_write_money(json, "price", price, exponent);
 *     sf_json_write_end_object(json);
 *
 * name is the member's name inside an object, and NULL inside an array and at the top. The writer
 * does not check that objects and arrays are closed as they were opened. One thread.
 */
#ifndef SF_SERVICE_JSON_WRITER_H
#define SF_SERVICE_JSON_WRITER_H

#include "base/buffer.h"
#include "service/money.h"

typedef struct sf_json_writer {
    sf_buffer *out; /* borrowed */
    bool needs_comma;
} sf_json_writer;

/* Writes to the end of out, which is borrowed until the last call. */
void sf_json_writer_init(sf_json_writer *json, sf_buffer *out);

void sf_json_write_object(sf_json_writer *json, const char *name);
void sf_json_write_end_object(sf_json_writer *json);
void sf_json_write_array(sf_json_writer *json, const char *name);
void sf_json_write_end_array(sf_json_writer *json);

/* Text is UTF-8; bytes that are not are written as U+FFFD. NULL and SF_NULL give null. */
void sf_json_write_text(sf_json_writer *json, const char *name, const char *text);
void sf_json_write_bytes(sf_json_writer *json, const char *name, sf_bytes text);

void sf_json_write_integer(sf_json_writer *json, const char *name, int64_t value);
void sf_json_write_boolean(sf_json_writer *json, const char *name, bool value);
void sf_json_write_null(sf_json_writer *json, const char *name);

/* A number with at least one fraction digit: 1000.0, 19.99. */
void sf_json_write_money(sf_json_writer *json, const char *name, sf_money money, int exponent);

/* A text in the form of timestamp.h. */
void sf_json_write_timestamp(sf_json_writer *json, const char *name, int64_t time_ms);

/* Bytes that are JSON already. */
void sf_json_write_raw(sf_json_writer *json, const char *name, sf_bytes value);

#endif
