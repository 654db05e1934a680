/* subject_windows.c - counts by key and window, with late records that must be dropped. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "simulation/subject_parts.h"
#include "simulation/subjects.h"
#include "simulation/tally.h"

enum {
    WINDOW_MS = 60,
    GRACE_MS = 25,
    LATE_MS = 160,
};

static const sf_simulation_topic WINDOW_TOPICS[] = {{"in", 3, SF_SIMULATION_INPUT}};
static const char *const WINDOW_STORES[] = {"counts"};

static sf_topology *windows_topology(void)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *numbers = sf_builder_stream(builder, "in", &subject_numbers);
    sf_grouped *windows =
        sf_grouped_windowed(sf_stream_group_by_key(numbers, NULL),
                            (sf_window){.size_ms = WINDOW_MS, .grace_ms = GRACE_MS});

    (void)sf_grouped_count_with(
        windows,
        &(sf_materialized){.name = "counts", .retention_ms = (int64_t)1000 * 24 * 3600 * 1000});
    return subject_build(builder);
}

static void generate_late(void *user, sf_simulation_random *random, sf_arena *arena,
                          sf_simulation_input *input)
{
    subject_generate_number(user, random, arena, input);
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
                                        subject_put_number(wire, *count));
        }
    }
    return SF_OK;
}

sf_simulation_subject subject_windows(void)
{
    return (sf_simulation_subject){
        .name = "windows",
        .topology = windows_topology(),
        .topics = WINDOW_TOPICS,
        .topic_count = 1,
        .stores = WINDOW_STORES,
        .store_count = 1,
        .generate = generate_late,
        .model = model_windows,
    };
}
