/* subject_parts.h - what the subjects have in common: numbers and texts as they are on the wire. */
#ifndef TESTS_SIMULATION_SUBJECT_PARTS_H
#define TESTS_SIMULATION_SUBJECT_PARTS_H

#include <stateful/simulation.h>
#include <stateful/stateful.h>

enum { SUBJECT_KEYS = 9 };

/* How topics of texts by number, and texts by text, are read. */
extern const sf_consumed subject_numbers;
extern const sf_consumed subject_texts;

/* A sum of numbers. */
extern const sf_aggregation subject_sum;

/* "%.*s" of bytes. */
#define TEXT(bytes) (int)(bytes).size, (const char *)(bytes).data

sf_bytes subject_put_number(uint8_t wire[8], int64_t number);
int64_t subject_get_number(sf_bytes wire);

/* "key-0" ... "key-8", in the arena. */
sf_bytes subject_draw_key(sf_simulation_random *random, sf_arena *arena);

/* A key and a number below 1000 for the topic "in". */
void subject_generate_number(void *user, sf_simulation_random *random, sf_arena *arena,
                             sf_simulation_input *input);

/* left|right */
sf_status subject_pair(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                       sf_bytes *result, sf_error *err);

/* Frees the builder; a topology that cannot be built is a mistake of the subject's. */
sf_topology *subject_build(sf_builder *builder);

/* Over all partitions. */
size_t subject_count_records(const sf_simulation_outcome *outcome, const char *topic);

/* The last record that a topic has for a key; NULL: none, or it is a deletion. */
const sf_record *subject_last_of(const sf_simulation_outcome *outcome, const char *topic,
                                 sf_bytes key);

#endif
