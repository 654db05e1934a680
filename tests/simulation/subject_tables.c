/* subject_tables.c - two tables joined by key, rows that come and go. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "simulation/subject_parts.h"
#include "simulation/subjects.h"

static const sf_simulation_topic TABLE_TOPICS[] = {
    {"left", 2, SF_SIMULATION_INPUT},
    {"right", 2, SF_SIMULATION_INPUT},
};
static const char *const TABLE_STORES[] = {"left-rows", "right-rows", "both"};

static sf_topology *tables_topology(void)
{
    sf_builder *builder = sf_builder_new();
    sf_table *left =
        sf_builder_table(builder, "left", &subject_texts, &(sf_materialized){.name = "left-rows"});
    sf_table *right = sf_builder_table(builder, "right", &subject_texts,
                                       &(sf_materialized){.name = "right-rows"});

    (void)sf_table_join(left, right, subject_pair, NULL,
                        &(sf_materialized){.name = "both", .value = &sf_string_serde});
    return subject_build(builder);
}

static void generate_row(void *user, sf_simulation_random *random, sf_arena *arena,
                         sf_simulation_input *input)
{
    (void)user;
    input->topic = sf_simulation_random_below(random, 2) ? "left" : "right";
    input->record.key = sf_bytes_text(
        sf_arena_printf(arena, "row-%d", (int)sf_simulation_random_below(random, SUBJECT_KEYS)));
    if (sf_simulation_random_below(random, 4))
        input->record.value = sf_bytes_text(sf_arena_printf(
            arena, "%c%d", input->topic[0], (int)sf_simulation_random_below(random, 100000)));
}

static sf_status model_tables(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    (void)user;
    (void)err;
    for (int k = 0; k < SUBJECT_KEYS; k++) {
        char key[48];
        char both[96];
        const sf_record *left;
        const sf_record *right;

        snprintf(key, sizeof(key), "row-%d", k);
        left = subject_last_of(outcome, "left", sf_bytes_text(key));
        right = subject_last_of(outcome, "right", sf_bytes_text(key));
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

sf_simulation_subject subject_tables(void)
{
    return (sf_simulation_subject){
        .name = "tables",
        .topology = tables_topology(),
        .topics = TABLE_TOPICS,
        .topic_count = 2,
        .stores = TABLE_STORES,
        .store_count = 3,
        .generate = generate_row,
        .model = model_tables,
    };
}
