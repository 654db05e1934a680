#include "simulation/subject_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const sf_consumed subject_numbers = {.key = &sf_string_serde, .value = &sf_int64_serde};
const sf_consumed subject_texts = {.key = &sf_string_serde, .value = &sf_string_serde};

/* ---- numbers as they are on the wire ---- */

sf_bytes subject_put_number(uint8_t wire[8], int64_t number)
{
    for (int i = 0; i < 8; i++)
        wire[i] = (uint8_t)((uint64_t)number >> (8 * (7 - i)));
    return sf_bytes_of(wire, 8);
}

int64_t subject_get_number(sf_bytes wire)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | wire.data[i];
    return (int64_t)number;
}

/* ---- building ---- */

sf_topology *subject_build(sf_builder *builder)
{
    sf_topology *topology = NULL;
    sf_error error = {0};

    if (sf_builder_build(builder, &topology, &error)) {
        fprintf(stderr, "a subject cannot be built: %s\n", error.text);
        abort();
    }
    sf_builder_free(builder);
    return topology;
}

static sf_status add_number(void *user, sf_arena *arena, const sf_record *record,
                            sf_bytes *aggregate, sf_error *err)
{
    (void)user;
    (void)err;
    *aggregate = sf_bytes_from_int64(
        sf_bytes_to_int64(*aggregate) + sf_bytes_to_int64(record->value), arena);
    return SF_OK;
}

const sf_aggregation subject_sum = {.add = add_number};

sf_status subject_pair(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                       sf_bytes *result, sf_error *err)
{
    (void)user;
    (void)err;
    *result = sf_bytes_text(sf_arena_printf(arena, "%.*s|%.*s", (int)left->value.size,
                                            (const char *)left->value.data, (int)right.size,
                                            (const char *)right.data));
    return SF_OK;
}

/* ---- inputs ---- */

sf_bytes subject_draw_key(sf_simulation_random *random, sf_arena *arena)
{
    return sf_bytes_text(
        sf_arena_printf(arena, "key-%d", (int)sf_simulation_random_below(random, SUBJECT_KEYS)));
}

void subject_generate_number(void *user, sf_simulation_random *random, sf_arena *arena,
                             sf_simulation_input *input)
{
    uint8_t *wire = sf_arena_alloc(arena, 8);

    (void)user;
    input->topic = "in";
    input->record.key = subject_draw_key(random, arena);
    input->record.value =
        subject_put_number(wire, (int64_t)sf_simulation_random_below(random, 1000));
}

/* ---- what came of it ---- */

size_t subject_count_records(const sf_simulation_outcome *outcome, const char *topic)
{
    size_t count = 0;

    for (int32_t p = 0; p < sf_simulation_partitions(outcome, topic); p++)
        count += sf_simulation_record_count(outcome, topic, p);
    return count;
}

const sf_record *subject_last_of(const sf_simulation_outcome *outcome, const char *topic,
                                 sf_bytes key)
{
    const sf_record *last = NULL;

    for (int32_t p = 0; p < sf_simulation_partitions(outcome, topic); p++) {
        for (size_t i = 0; i < sf_simulation_record_count(outcome, topic, p); i++) {
            const sf_record *record = sf_simulation_record(outcome, topic, p, i);

            if (sf_bytes_equal(record->key, key))
                last = record;
        }
    }
    return last && !sf_bytes_is_null(last->value) ? last : NULL;
}
