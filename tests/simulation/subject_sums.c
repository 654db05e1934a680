/* subject_sums.c - running sums of each key; every one comes out, in order. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "simulation/subject_parts.h"
#include "simulation/subjects.h"
#include "simulation/tally.h"

static void key_text(char text[48], sf_bytes key)
{
    snprintf(text, 48, "%.*s", TEXT(key));
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
    sf_stream *numbers = sf_builder_stream(builder, "in", &subject_numbers);
    sf_table *sums = sf_grouped_aggregate(
        sf_stream_group_by_key(numbers, NULL), &subject_sum,
        &(sf_materialized){.name = "sums", .value = &sf_int64_serde, .caching_off = true});

    sf_stream_to(sf_table_to_stream(sums), "out");
    return subject_build(builder);
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
            *sum += subject_get_number(record->value);
            sf_simulation_expect_record(outcome, "out", record->key,
                                        subject_put_number(wire, *sum));
            sf_simulation_expect_row(outcome, "sums", record->key, subject_put_number(wire, *sum));
        }
    }
    return SF_OK;
}

sf_simulation_subject subject_sums(void)
{
    return (sf_simulation_subject){
        .name = "sums",
        .topology = sums_topology(),
        .topics = SUMS_TOPICS,
        .topic_count = 2,
        .stores = SUMS_STORES,
        .store_count = 1,
        .generate = subject_generate_number,
        .model = model_sums,
    };
}
