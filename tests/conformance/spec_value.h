/* spec_value.h - the types of the topology language: how their values are read from JSON, carried in
 * flight, written on the wire and shown in messages. A null is a value of every type.
 */
#ifndef TESTS_CONFORMANCE_SPEC_VALUE_H
#define TESTS_CONFORMANCE_SPEC_VALUE_H

#include <cjson/cJSON.h>

#include <stateful/serde.h>

/* In flight: UTF-8 without NUL, int32_t, int64_t, double. */
typedef enum spec_type {
    SPEC_STRING,
    SPEC_INT,
    SPEC_LONG,
    SPEC_DOUBLE,
} spec_type;

/* The type of keys at a place in the topology. A windowed key is an sf_windowed in flight. */
typedef struct spec_key_type {
    spec_type type;
    bool is_windowed;
} spec_key_type;

sf_status spec_read_type(const cJSON *object, const char *field, spec_type *type, sf_error *err);
const char *spec_type_name(spec_type type);

/* A constant. The serde of windowed keys writes both ends, whatever kind of window it is. */
const sf_serde *spec_serde(spec_type type);
const sf_serde *spec_key_serde(spec_key_type key);

/* From JSON to in flight, in the arena. */
sf_status spec_value_read(const cJSON *json, spec_type type, const char *what, sf_arena *arena,
                          sf_bytes *value, sf_error *err);

/* The same for keys: {"key", "window_start", "window_end"} where the key is a windowed one. */
sf_status spec_key_read(const cJSON *json, spec_key_type type, const char *what, sf_arena *arena,
                        sf_bytes *key, sf_error *err);

/* The text of a literal with the type that follows from it: text or a whole number. */
sf_status spec_literal_read(const cJSON *json, const char *what, sf_arena *arena, spec_type *type,
                            sf_bytes *value, sf_error *err);

/* What `concat` and `null_when` see: plain text, numbers in decimal, null as "null". */
const char *spec_value_text(sf_bytes value, spec_type type, sf_arena *arena);

/* What messages show: the same, texts in quotes. */
const char *spec_value_shown(sf_bytes value, spec_type type, sf_arena *arena);

bool spec_is_number(spec_type type);

/* A whole number in flight, of either size, and a number of any type. */
int64_t spec_value_whole(sf_bytes value, spec_type type);
double spec_value_real(sf_bytes value, spec_type type);

/* A number in flight; an int keeps the lower 32 bits. */
sf_bytes spec_value_of_whole(int64_t number, spec_type type, sf_arena *arena);
sf_bytes spec_value_of_real(double number, sf_arena *arena);

#endif
