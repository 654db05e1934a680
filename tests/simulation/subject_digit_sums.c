/* subject_digit_sums.c - sums behind a repartition topic: the last ones, and as many results as records. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "simulation/subject_parts.h"
#include "simulation/subjects.h"
#include "simulation/tally.h"

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
    sf_stream *numbers = sf_builder_stream(builder, "in", &subject_numbers);
    sf_table *sums = sf_grouped_aggregate(
        sf_stream_group_by(numbers, select_digit, NULL, "by-digit"), &subject_sum,
        &(sf_materialized){.name = "digit-sums", .value = &sf_int64_serde, .caching_off = true});

    sf_stream_to(sf_table_to_stream(sums), "out");
    return subject_build(builder);
}

static sf_status model_digits(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    tally sums = {.count = 0};
    size_t in = subject_count_records(outcome, "in");
    size_t out = subject_count_records(outcome, "out");

    (void)user;
    for (int32_t p = 0; p < sf_simulation_partitions(outcome, "in"); p++) {
        for (size_t i = 0; i < sf_simulation_record_count(outcome, "in", p); i++) {
            int64_t number = subject_get_number(sf_simulation_record(outcome, "in", p, i)->value);
            char digit[48];

            snprintf(digit, sizeof(digit), "%" PRId64, number % 10);
            *tally_of(&sums, digit) += number;
        }
    }
    for (size_t i = 0; i < sums.count; i++) {
        uint8_t wire[8];
        sf_bytes sum = subject_put_number(wire, sums.entries[i].number);

        sf_simulation_expect_row(outcome, "digit-sums", sf_bytes_text(sums.entries[i].key), sum);
        sf_simulation_expect_record(outcome, "out", sf_bytes_text(sums.entries[i].key), sum);
    }
    return in == out ? SF_OK
                     : sf_fail(err, SF_CORRUPT, "%zu records came in, %zu sums came out", in, out);
}

sf_simulation_subject subject_digit_sums(void)
{
    return (sf_simulation_subject){
        .name = "digit-sums",
        .topology = digits_topology(),
        .topics = DIGIT_TOPICS,
        .topic_count = 2,
        .stores = DIGIT_STORES,
        .store_count = 1,
        .records = 50,
        .generate = subject_generate_number,
        .model = model_digits,
    };
}
