/* subject_stream_join.c - two streams joined by time: every pair comes out once; with a narrow grace a left record
 * comes out alone at most once, and in each of its pairs at most once (a late right one may still meet it). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "simulation/subject_parts.h"
#include "simulation/subjects.h"

enum {
    BEFORE_MS = 30,
    AFTER_MS = 50,
    LATE_MS = 100,
};

static const sf_simulation_topic TOPICS[] = {
    {"left", 3, SF_SIMULATION_INPUT},
    {"right", 3, SF_SIMULATION_INPUT},
    {"pairs", 3, SF_SIMULATION_UNCHECKED},
    {"all-left", 3, SF_SIMULATION_UNCHECKED},
};

static const sf_join_window WIDE = {
    .before_ms = BEFORE_MS, .after_ms = AFTER_MS, .grace_ms = (int64_t)1000 * 24 * 3600 * 1000};
static const sf_join_window NARROW = {.before_ms = BEFORE_MS, .after_ms = AFTER_MS, .grace_ms = 20};

static sf_topology *topology(void)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *left = sf_builder_stream(builder, "left", &subject_texts);
    sf_stream *right = sf_builder_stream(builder, "right", &subject_texts);

    sf_stream_to(
        sf_stream_join(left, right, WIDE, subject_pair, NULL, &(sf_stream_joined){.name = "inner"}),
        "pairs");
    sf_stream_to(sf_stream_left_join(left, right, NARROW, subject_pair, NULL,
                                     &(sf_stream_joined){.name = "outer"}),
                 "all-left");
    return subject_build(builder);
}

static void generate(void *user, sf_simulation_random *random, sf_arena *arena,
                     sf_simulation_input *input)
{
    bool is_left = sf_simulation_random_below(random, 2);

    (void)user;
    input->topic = is_left ? "left" : "right";
    input->record.key = subject_draw_key(random, arena);
    input->record.timestamp -= (int64_t)sf_simulation_random_below(random, LATE_MS);
    input->record.value = sf_bytes_text(sf_arena_printf(
        arena, "%c%d", input->topic[0], (int)sf_simulation_random_below(random, 1000000000)));
}

static size_t times_in(const sf_simulation_outcome *outcome, const char *topic, int32_t partition,
                       const char *value)
{
    size_t times = 0;

    for (size_t i = 0; i < sf_simulation_record_count(outcome, topic, partition); i++)
        times += sf_bytes_equal(sf_simulation_record(outcome, topic, partition, i)->value,
                                sf_bytes_text(value));
    return times;
}

static bool belong_together(const sf_record *left, const sf_record *right)
{
    return sf_bytes_equal(left->key, right->key) &&
           right->timestamp >= left->timestamp - BEFORE_MS &&
           right->timestamp <= left->timestamp + AFTER_MS;
}

static sf_status judge_left(const sf_simulation_outcome *outcome, int32_t p, const sf_record *left,
                            size_t *pairs, size_t *narrow, sf_error *err)
{
    size_t met = 0;
    size_t alone;
    char both[96];

    for (size_t i = 0; i < sf_simulation_record_count(outcome, "right", p); i++) {
        const sf_record *right = sf_simulation_record(outcome, "right", p, i);
        size_t times;

        if (!belong_together(left, right))
            continue;
        snprintf(both, sizeof(both), "%.*s|%.*s", TEXT(left->value), TEXT(right->value));
        if (times_in(outcome, "pairs", p, both) != 1)
            return sf_fail(err, SF_CORRUPT, "pair %s came out %zu times", both,
                           times_in(outcome, "pairs", p, both));
        times = times_in(outcome, "all-left", p, both);
        if (times > 1)
            return sf_fail(err, SF_CORRUPT, "pair %s of the left join came out %zu times", both,
                           times);
        met += times;
        ++*pairs;
    }
    snprintf(both, sizeof(both), "%.*s|", TEXT(left->value));
    alone = times_in(outcome, "all-left", p, both);
    *narrow += met + alone;
    return alone < 2 ? SF_OK : sf_fail(err, SF_CORRUPT, "%s came out alone %zu times", both, alone);
}

static sf_status model(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    sf_status status = SF_OK;

    (void)user;
    for (int32_t p = 0; !status && p < sf_simulation_partitions(outcome, "left"); p++) {
        size_t pairs = 0;
        size_t narrow = 0;

        for (size_t i = 0; !status && i < sf_simulation_record_count(outcome, "left", p); i++)
            status = judge_left(outcome, p, sf_simulation_record(outcome, "left", p, i), &pairs,
                                &narrow, err);
        if (!status && pairs != sf_simulation_record_count(outcome, "pairs", p))
            status = sf_fail(err, SF_CORRUPT, "there are %zu pairs, %zu came out", pairs,
                             sf_simulation_record_count(outcome, "pairs", p));
        if (!status && narrow != sf_simulation_record_count(outcome, "all-left", p))
            status = sf_fail(err, SF_CORRUPT, "the left join put out %zu records, %zu are known",
                             sf_simulation_record_count(outcome, "all-left", p), narrow);
    }
    return status;
}

sf_simulation_subject subject_stream_join(void)
{
    return (sf_simulation_subject){
        .name = "stream-join",
        .topology = topology(),
        .topics = TOPICS,
        .topic_count = 4,
        .generate = generate,
        .model = model,
    };
}
