#include "simulation/subjects.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/stateful.h>

#include "simulation/tally.h"

enum {
    KEYS = 9,
    WINDOW_MS = 60,
    GRACE_MS = 25,
    LATE_MS = 160,
};

static const sf_consumed NUMBERS = {.key = &sf_string_serde, .value = &sf_int64_serde};
static const sf_consumed TEXTS = {.key = &sf_string_serde, .value = &sf_string_serde};

/* ---- numbers as they are on the wire ---- */

static sf_bytes put_number(uint8_t wire[8], int64_t number)
{
    for (int i = 0; i < 8; i++)
        wire[i] = (uint8_t)((uint64_t)number >> (8 * (7 - i)));
    return sf_bytes_of(wire, 8);
}

static int64_t get_number(sf_bytes wire)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | wire.data[i];
    return (int64_t)number;
}

static void key_text(char text[48], sf_bytes key)
{
    snprintf(text, 48, "%.*s", (int)key.size, (const char *)key.data);
}

/* ---- building ---- */

static sf_topology *build(sf_builder *builder)
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

static const sf_aggregation SUM = {.add = add_number};

static void generate_number(void *user, sf_simulation_random *random, sf_arena *arena,
                            sf_simulation_input *input)
{
    uint8_t *wire = sf_arena_alloc(arena, 8);

    (void)user;
    input->topic = "in";
    input->record.key = sf_bytes_text(
        sf_arena_printf(arena, "key-%d", (int)sf_simulation_random_below(random, KEYS)));
    input->record.value = put_number(wire, (int64_t)sf_simulation_random_below(random, 1000));
}

/* ---- sums ---- */

static const sf_simulation_topic SUMS_TOPICS[] = {
    {"in", 3, SF_SIMULATION_INPUT},
    {"out", 3, SF_SIMULATION_SEQUENCE},
};
static const char *const SUMS_STORES[] = {"sums"};

static sf_topology *sums_topology(void)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *numbers = sf_builder_stream(builder, "in", &NUMBERS);
    sf_table *sums = sf_grouped_aggregate(
        sf_stream_group_by_key(numbers, NULL), &SUM,
        &(sf_materialized){.name = "sums", .value = &sf_int64_serde, .caching_off = true});

    sf_stream_to(sf_table_to_stream(sums), "out");
    return build(builder);
}

static sf_status model_sums(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    tally sums = {.count = 0};

    (void)user;
    (void)err;
    for (int32_t p = 0; p < sf_simulation_partitions(outcome, "in"); p++) {
        for (size_t i = 0; i < sf_simulation_record_count(outcome, "in", p); i++) {
            const sf_record *record = sf_simulation_record(outcome, "in", p, i);
            uint8_t wire[8];
            char key[48];
            int64_t *sum;

            key_text(key, record->key);
            sum = tally_of(&sums, key);
            *sum += get_number(record->value);
            sf_simulation_expect_record(outcome, "out", record->key, put_number(wire, *sum));
            sf_simulation_expect_row(outcome, "sums", record->key, put_number(wire, *sum));
        }
    }
    return SF_OK;
}

/* ---- digit-sums ---- */

static const sf_simulation_topic DIGIT_TOPICS[] = {
    {"in", 2, SF_SIMULATION_INPUT},
    {"out", 2, SF_SIMULATION_LAST},
};
static const char *const DIGIT_STORES[] = {"digit-sums"};

static sf_status select_digit(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                              sf_error *err)
{
    (void)user;
    (void)err;
    out->key = sf_bytes_text(sf_arena_printf(arena, "%" PRId64, sf_bytes_to_int64(in->value) % 10));
    return SF_OK;
}

static sf_topology *digits_topology(void)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *numbers = sf_builder_stream(builder, "in", &NUMBERS);
    sf_table *sums = sf_grouped_aggregate(
        sf_stream_group_by(numbers, select_digit, NULL, "by-digit"), &SUM,
        &(sf_materialized){.name = "digit-sums", .value = &sf_int64_serde, .caching_off = true});

    sf_stream_to(sf_table_to_stream(sums), "out");
    return build(builder);
}

static size_t count_records(const sf_simulation_outcome *outcome, const char *topic)
{
    size_t count = 0;

    for (int32_t p = 0; p < sf_simulation_partitions(outcome, topic); p++)
        count += sf_simulation_record_count(outcome, topic, p);
    return count;
}

static sf_status model_digits(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    tally sums = {.count = 0};
    size_t in = count_records(outcome, "in");
    size_t out = count_records(outcome, "out");

    (void)user;
    for (int32_t p = 0; p < sf_simulation_partitions(outcome, "in"); p++) {
        for (size_t i = 0; i < sf_simulation_record_count(outcome, "in", p); i++) {
            int64_t number = get_number(sf_simulation_record(outcome, "in", p, i)->value);
            char digit[48];

            snprintf(digit, sizeof(digit), "%" PRId64, number % 10);
            *tally_of(&sums, digit) += number;
        }
    }
    for (size_t i = 0; i < sums.count; i++) {
        uint8_t wire[8];
        sf_bytes sum = put_number(wire, sums.entries[i].number);

        sf_simulation_expect_row(outcome, "digit-sums", sf_bytes_text(sums.entries[i].key), sum);
        sf_simulation_expect_record(outcome, "out", sf_bytes_text(sums.entries[i].key), sum);
    }
    return in == out ? SF_OK
                     : sf_fail(err, SF_CORRUPT, "%zu records came in, %zu sums came out", in, out);
}

/* ---- windows ---- */

static const sf_simulation_topic WINDOW_TOPICS[] = {{"in", 3, SF_SIMULATION_INPUT}};
static const char *const WINDOW_STORES[] = {"counts"};

static sf_topology *windows_topology(void)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *numbers = sf_builder_stream(builder, "in", &NUMBERS);
    sf_grouped *windows =
        sf_grouped_windowed(sf_stream_group_by_key(numbers, NULL),
                            (sf_window){.size_ms = WINDOW_MS, .grace_ms = GRACE_MS});

    (void)sf_grouped_count_with(
        windows, &(sf_materialized){.name = "counts", .retention_ms = (int64_t)24 * 3600 * 1000});
    return build(builder);
}

static void generate_late(void *user, sf_simulation_random *random, sf_arena *arena,
                          sf_simulation_input *input)
{
    generate_number(user, random, arena, input);
    if (sf_simulation_random_below(random, 2))
        input->record.timestamp -= (int64_t)sf_simulation_random_below(random, LATE_MS);
}

static sf_status model_windows(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    (void)user;
    (void)err;
    for (int32_t p = 0; p < sf_simulation_partitions(outcome, "in"); p++) {
        tally counts = {.count = 0};
        int64_t stream_time = -1;

        for (size_t i = 0; i < sf_simulation_record_count(outcome, "in", p); i++) {
            const sf_record *record = sf_simulation_record(outcome, "in", p, i);
            int64_t start = record->timestamp - record->timestamp % WINDOW_MS;
            uint8_t wire[8];
            char place[48];
            int64_t *count;

            stream_time = record->timestamp > stream_time ? record->timestamp : stream_time;
            if (start + WINDOW_MS <= stream_time - GRACE_MS)
                continue;
            snprintf(place, sizeof(place), "%.*s@%" PRId64, (int)record->key.size,
                     (const char *)record->key.data, start);
            count = tally_of(&counts, place);
            (*count)++;
            sf_simulation_expect_window(outcome, "counts", record->key, start,
                                        put_number(wire, *count));
        }
    }
    return SF_OK;
}

/* ---- tables ---- */

static const sf_simulation_topic TABLE_TOPICS[] = {
    {"left", 2, SF_SIMULATION_INPUT},
    {"right", 2, SF_SIMULATION_INPUT},
};
static const char *const TABLE_STORES[] = {"left-rows", "right-rows", "both"};

static sf_status pair(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                      sf_bytes *result, sf_error *err)
{
    (void)user;
    (void)err;
    *result = sf_bytes_text(sf_arena_printf(arena, "%.*s|%.*s", (int)left->value.size,
                                            (const char *)left->value.data, (int)right.size,
                                            (const char *)right.data));
    return SF_OK;
}

static sf_topology *tables_topology(void)
{
    sf_builder *builder = sf_builder_new();
    sf_table *left =
        sf_builder_table(builder, "left", &TEXTS, &(sf_materialized){.name = "left-rows"});
    sf_table *right =
        sf_builder_table(builder, "right", &TEXTS, &(sf_materialized){.name = "right-rows"});

    (void)sf_table_join(left, right, pair, NULL,
                        &(sf_materialized){.name = "both", .value = &sf_string_serde});
    return build(builder);
}

static void generate_row(void *user, sf_simulation_random *random, sf_arena *arena,
                         sf_simulation_input *input)
{
    (void)user;
    input->topic = sf_simulation_random_below(random, 2) ? "left" : "right";
    input->record.key = sf_bytes_text(
        sf_arena_printf(arena, "row-%d", (int)sf_simulation_random_below(random, KEYS)));
    if (sf_simulation_random_below(random, 4))
        input->record.value = sf_bytes_text(sf_arena_printf(
            arena, "%c%d", input->topic[0], (int)sf_simulation_random_below(random, 100000)));
}

/* The last value that a topic has for a key; NULL: none. */
static const sf_record *last_of(const sf_simulation_outcome *outcome, const char *topic,
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

static sf_status model_tables(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    (void)user;
    (void)err;
    for (int k = 0; k < KEYS; k++) {
        char key[48];
        char both[96];
        const sf_record *left;
        const sf_record *right;

        snprintf(key, sizeof(key), "row-%d", k);
        left = last_of(outcome, "left", sf_bytes_text(key));
        right = last_of(outcome, "right", sf_bytes_text(key));
        if (left)
            sf_simulation_expect_row(outcome, "left-rows", sf_bytes_text(key), left->value);
        if (right)
            sf_simulation_expect_row(outcome, "right-rows", sf_bytes_text(key), right->value);
        if (!left || !right)
            continue;
        snprintf(both, sizeof(both), "%.*s|%.*s", (int)left->value.size,
                 (const char *)left->value.data, (int)right->value.size,
                 (const char *)right->value.data);
        sf_simulation_expect_row(outcome, "both", sf_bytes_text(key), sf_bytes_text(both));
    }
    return SF_OK;
}

/* ---- all ---- */

void subjects_open(sf_simulation_subject subjects[SUBJECTS_COUNT])
{
    const sf_simulation_subject all[SUBJECTS_COUNT] = {
        {"sums", sums_topology(), SUMS_TOPICS, 2, SUMS_STORES, 1, 60, generate_number, model_sums,
         NULL},
        {"digit-sums", digits_topology(), DIGIT_TOPICS, 2, DIGIT_STORES, 1, 50, generate_number,
         model_digits, NULL},
        {"windows", windows_topology(), WINDOW_TOPICS, 1, WINDOW_STORES, 1, 60, generate_late,
         model_windows, NULL},
        {"tables", tables_topology(), TABLE_TOPICS, 2, TABLE_STORES, 3, 60, generate_row,
         model_tables, NULL},
    };

    memcpy(subjects, all, sizeof(all));
}

void subjects_close(sf_simulation_subject subjects[SUBJECTS_COUNT])
{
    for (size_t i = 0; i < SUBJECTS_COUNT; i++)
        sf_topology_free((sf_topology *)subjects[i].topology);
}
