/* subject_dead_letters.c - sums among records that cannot be read: each of those is kept apart, once, in order, and
 * changes nothing else. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "simulation/subject_parts.h"
#include "simulation/subjects.h"
#include "simulation/tally.h"

static const sf_simulation_topic TOPICS[] = {
    {"in", 2, SF_SIMULATION_INPUT},
    {"out", 2, SF_SIMULATION_SEQUENCE},
    {"sim-dlq", 2, SF_SIMULATION_SEQUENCE},
};
static const char *const STORES[] = {"readable"};

static sf_topology *topology(void)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *numbers = sf_builder_stream(builder, "in",
                                           &(sf_consumed){.key = &sf_string_serde,
                                                          .value = &sf_int64_serde,
                                                          .on_error = SF_ON_ERROR_DEAD_LETTER});
    sf_table *sums = sf_grouped_aggregate(
        sf_stream_group_by_key(numbers, NULL), &subject_sum,
        &(sf_materialized){.name = "readable", .value = &sf_int64_serde, .caching_off = true});

    sf_stream_to(sf_table_to_stream(sums), "out");
    return subject_build(builder);
}

static void generate(void *user, sf_simulation_random *random, sf_arena *arena,
                     sf_simulation_input *input)
{
    subject_generate_number(user, random, arena, input);
    if (sf_simulation_random_below(random, 4) == 0)
        input->record.value = sf_bytes_text(
            sf_arena_printf(arena, "x%d", (int)sf_simulation_random_below(random, 100000)));
}

/* A number takes eight bytes; the texts have up to six. */
static sf_status model(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    tally sums = {.count = 0};

    (void)user;
    (void)err;
    for (int32_t p = 0; p < sf_simulation_partitions(outcome, "in"); p++) {
        for (size_t i = 0; i < sf_simulation_record_count(outcome, "in", p); i++) {
            const sf_record *record = sf_simulation_record(outcome, "in", p, i);
            uint8_t wire[8];
            char key[48];

            if (record->value.size != 8) {
                sf_simulation_expect_record(outcome, "sim-dlq", record->key, record->value);
                continue;
            }
            snprintf(key, sizeof(key), "%.*s", TEXT(record->key));
            *tally_of(&sums, key) += subject_get_number(record->value);
            subject_put_number(wire, *tally_of(&sums, key));
            sf_simulation_expect_record(outcome, "out", record->key, sf_bytes_of(wire, 8));
            sf_simulation_expect_row(outcome, "readable", record->key, sf_bytes_of(wire, 8));
        }
    }
    return SF_OK;
}

sf_simulation_subject subject_dead_letters(void)
{
    return (sf_simulation_subject){
        .name = "dead-letters",
        .topology = topology(),
        .topics = TOPICS,
        .topic_count = 3,
        .stores = STORES,
        .store_count = 1,
        .generate = generate,
        .model = model,
    };
}
