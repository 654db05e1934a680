/* driven_topology.h - a topology under the test driver, its records as texts. */
#ifndef TESTS_SUPPORT_DRIVEN_TOPOLOGY_H
#define TESTS_SUPPORT_DRIVEN_TOPOLOGY_H

#include <stateful/stateful.h>

typedef struct driven_topology {
    sf_builder *builder; /* to build with, until the start */
    sf_topology *topology;
    sf_test_driver *driver;
    char rows[4096]; /* of the last driven_rows */
} driven_topology;

driven_topology *driven_new(void);
void driven_start(driven_topology *driven, const sf_test_driver_options *options);
void driven_free(driven_topology *driven);

/* The sentence with which building fails; the test fails if it does not. */
const char *driven_build_error(driven_topology *driven);

/* Must go well. NULL is null. */
void driven_pipe(driven_topology *driven, const char *topic, const char *key, const char *value,
                 int64_t timestamp);

/* All unread records of the topic: "key=value@timestamp ...", null as "-". A value of 8 bytes is shown
 * as a number, a windowed key as "key/start". */
const char *driven_rows(driven_topology *driven, const char *topic);

/* What a store holds for a key as a text, "-" for nothing; a value of 8 bytes as a number. */
const char *driven_row(driven_topology *driven, const char *store, const char *key);
const char *driven_window(driven_topology *driven, const char *store, const char *key,
                          int64_t start_ms);

/* Aggregator and reducer over texts: "so far" + "+" + value. */
sf_status driven_concat(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                        sf_error *err);

/* Mappers: the key is the value's first character; the value has user's text behind it. */
sf_status driven_first_letter(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                              sf_error *err);
sf_status driven_with_suffix(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                             sf_error *err);

/* Joiner: "left|right". */
sf_status driven_pair(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                      sf_bytes *result, sf_error *err);

/* Predicate: the value begins with user's text. */
bool driven_begins_with(void *user, const sf_record *record);

#endif
