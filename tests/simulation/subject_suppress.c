/* subject_suppress.c - counts that are held back: by a time limit, and until their windows close. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulation/subject_parts.h"
#include "simulation/subjects.h"
#include "simulation/tally.h"

enum {
    WINDOW_MS = 50,
    GRACE_MS = 30,
    LIMIT_MS = 40,
    LATE_MS = 120,
    HELD_MAX = 64,
};

static const sf_simulation_topic TOPICS[] = {
    {"in", 3, SF_SIMULATION_INPUT},
    {"limited", 3, SF_SIMULATION_SEQUENCE},
    {"final", 3, SF_SIMULATION_SEQUENCE},
};

/* The key of a window's result: "key-1@1750000000000". */
static sf_status name_window(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                             sf_error *err)
{
    const sf_windowed *windowed = sf_windowed_of(in->key);

    (void)user;
    (void)err;
    out->key = sf_bytes_text(
        sf_arena_printf(arena, "%.*s@%" PRId64, TEXT(windowed->key), windowed->start_ms));
    return SF_OK;
}

static void final_counts(sf_grouped *grouped)
{
    const sf_window window = {.size_ms = WINDOW_MS, .grace_ms = GRACE_MS};
    sf_table *counts = sf_grouped_count_with(
        sf_grouped_windowed(grouped, window),
        &(sf_materialized){.name = "by-window", .retention_ms = (int64_t)1000 * 24 * 3600 * 1000});
    sf_table *final = sf_table_suppress(
        counts, &(sf_suppressed){.name = "open-windows", .until = SF_UNTIL_WINDOW_CLOSES});
    sf_stream *named = sf_stream_map(sf_table_to_stream(final), name_window, NULL);

    sf_stream_to(sf_stream_as(named, &sf_string_serde, &sf_int64_serde), "final");
}

static sf_topology *topology(void)
{
    sf_builder *builder = sf_builder_new();
    sf_grouped *grouped =
        sf_stream_group_by_key(sf_builder_stream(builder, "in", &subject_numbers), NULL);
    sf_table *counts =
        sf_grouped_count_with(grouped, &(sf_materialized){.name = "all", .caching_off = true});
    sf_table *limited = sf_table_suppress(
        counts,
        &(sf_suppressed){.name = "waiting", .until = SF_UNTIL_TIME_LIMIT, .limit_ms = LIMIT_MS});

    sf_stream_to(sf_table_to_stream(limited), "limited");
    final_counts(grouped);
    return subject_build(builder);
}

static void generate(void *user, sf_simulation_random *random, sf_arena *arena,
                     sf_simulation_input *input)
{
    subject_generate_number(user, random, arena, input);
    if (sf_simulation_random_below(random, 2))
        input->record.timestamp -= (int64_t)sf_simulation_random_below(random, LATE_MS);
}

/* ---- until a limit: a list of what waits ---- */

typedef struct held {
    sf_bytes key;
    int64_t since_ms;
    int64_t count;
} held;

typedef struct waiting {
    held items[HELD_MAX];
    size_t count;
} waiting;

static void hold(waiting *list, sf_bytes key, int64_t since_ms, int64_t count)
{
    for (size_t i = 0; i < list->count; i++) {
        if (sf_bytes_equal(list->items[i].key, key)) {
            list->items[i].count = count;
            return;
        }
    }
    list->items[list->count++] = (held){key, since_ms, count};
}

static void release(waiting *list, sf_simulation_outcome *outcome, int64_t until_ms)
{
    size_t left = 0;

    for (size_t i = 0; i < list->count; i++) { /* of each key there is one: no order to keep */
        uint8_t wire[8];

        if (list->items[i].since_ms > until_ms)
            list->items[left++] = list->items[i];
        else
            sf_simulation_expect_record(outcome, "limited", list->items[i].key,
                                        subject_put_number(wire, list->items[i].count));
    }
    list->count = left;
}

/* Counts are told with the largest time of their records. */
static void model_limited(sf_simulation_outcome *outcome, int32_t partition)
{
    waiting list = {.count = 0};
    tally counts = {.count = 0};
    tally times = {.count = 0};
    int64_t stream_time = 0;

    for (size_t i = 0; i < sf_simulation_record_count(outcome, "in", partition); i++) {
        const sf_record *record = sf_simulation_record(outcome, "in", partition, i);
        char key[48];
        int64_t *time_ms;

        snprintf(key, sizeof(key), "%.*s", TEXT(record->key));
        time_ms = tally_of(&times, key);
        *time_ms = record->timestamp > *time_ms ? record->timestamp : *time_ms;
        stream_time = *time_ms > stream_time ? *time_ms : stream_time;
        hold(&list, record->key, *time_ms, ++*tally_of(&counts, key));
        release(&list, outcome, stream_time - LIMIT_MS);
    }
}

/* ---- until windows close ---- */

static void model_final(sf_simulation_outcome *outcome, int32_t partition)
{
    tally counts = {.count = 0};
    int64_t stream_time = 0;

    for (size_t i = 0; i < sf_simulation_record_count(outcome, "in", partition); i++) {
        const sf_record *record = sf_simulation_record(outcome, "in", partition, i);
        int64_t start = record->timestamp - record->timestamp % WINDOW_MS;
        char place[48];

        stream_time = record->timestamp > stream_time ? record->timestamp : stream_time;
        if (start + WINDOW_MS <= stream_time - GRACE_MS)
            continue;
        snprintf(place, sizeof(place), "%.*s@%" PRId64, TEXT(record->key), start);
        ++*tally_of(&counts, place);
    }
    for (size_t i = 0; i < counts.count; i++) {
        const char *place = counts.entries[i].key;
        int64_t end = strtoll(strchr(place, '@') + 1, NULL, 10) + WINDOW_MS;
        uint8_t wire[8];

        if (end <= stream_time - GRACE_MS)
            sf_simulation_expect_record(outcome, "final", sf_bytes_text(place),
                                        subject_put_number(wire, counts.entries[i].number));
    }
}

static sf_status model(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    (void)user;
    (void)err;
    for (int32_t p = 0; p < sf_simulation_partitions(outcome, "in"); p++) {
        model_limited(outcome, p);
        model_final(outcome, p);
    }
    return SF_OK;
}

sf_simulation_subject subject_suppress(void)
{
    return (sf_simulation_subject){
        .name = "suppress",
        .topology = topology(),
        .topics = TOPICS,
        .topic_count = 3,
        .generate = generate,
        .model = model,
    };
}
