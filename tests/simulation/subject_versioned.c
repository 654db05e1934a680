/* subject_versioned.c - streams that wait for a versioned table and meet the row that was valid at their time. Both come
 * from one topic, so that the order in which they meet is known. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "simulation/subject_parts.h"
#include "simulation/subjects.h"

enum {
    GRACE_MS = 60,
    LATE_MS = 200,
    MOST = 512,
};

static const sf_simulation_topic TOPICS[] = {
    {"in", 3, SF_SIMULATION_INPUT},
    {"out", 3, SF_SIMULATION_SEQUENCE},
};

/* A value that begins with 't' is a row, one with 's' is for the stream. */
static bool is_row(void *user, const sf_record *record)
{
    (void)user;
    return record->value.data[0] == 't';
}

static sf_topology *topology(void)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *in = sf_builder_stream(builder, "in", &subject_texts);
    sf_table *rows = sf_stream_to_table(
        sf_stream_filter(in, is_row, NULL),
        &(sf_materialized){.name = "versions", .history_ms = (int64_t)1000 * 24 * 3600 * 1000});
    sf_stream *met =
        sf_stream_join_table(sf_stream_filter_not(in, is_row, NULL), rows, subject_pair, NULL,
                             &(sf_joined){.name = "met", .grace_ms = GRACE_MS});

    sf_stream_to(met, "out");
    return subject_build(builder);
}

static void generate(void *user, sf_simulation_random *random, sf_arena *arena,
                     sf_simulation_input *input)
{
    /* One after the other: compilers differ in the order of arguments. */
    char kind = "ts"[sf_simulation_random_below(random, 2)];
    int number = (int)sf_simulation_random_below(random, 100000);

    (void)user;
    input->topic = "in";
    input->record.key = subject_draw_key(random, arena);
    input->record.timestamp -= (int64_t)sf_simulation_random_below(random, LATE_MS);
    input->record.value = sf_bytes_text(sf_arena_printf(arena, "%c%d", kind, number));
}

/* ---- the model: lists of what came ---- */

typedef struct seen {
    const sf_record *rows[MOST];
    size_t row_count;
    const sf_record *waiting[MOST]; /* by time, equals as they came */
    size_t waiting_count;
    int64_t stream_time;
} seen;

/* Of the rows that came so far the one that was valid then; of two with one time the later one. */
static const sf_record *row_at(const seen *all, sf_bytes key, int64_t time_ms)
{
    const sf_record *found = NULL;

    for (size_t i = 0; i < all->row_count; i++) {
        const sf_record *row = all->rows[i];

        if (sf_bytes_equal(row->key, key) && row->timestamp <= time_ms &&
            (!found || row->timestamp >= found->timestamp))
            found = row;
    }
    return found;
}

static void meet(const seen *all, const sf_record *record, sf_simulation_outcome *outcome)
{
    const sf_record *row = row_at(all, record->key, record->timestamp);
    char both[96];

    if (!row)
        return;
    snprintf(both, sizeof(both), "%.*s|%.*s", TEXT(record->value), TEXT(row->value));
    sf_simulation_expect_record(outcome, "out", record->key, sf_bytes_text(both));
}

static void wait_for_rows(seen *all, const sf_record *record)
{
    size_t at = all->waiting_count++;

    for (; at > 0 && all->waiting[at - 1]->timestamp > record->timestamp; at--)
        all->waiting[at] = all->waiting[at - 1];
    all->waiting[at] = record;
}

static void release(seen *all, sf_simulation_outcome *outcome)
{
    size_t gone = 0;

    while (gone < all->waiting_count &&
           all->waiting[gone]->timestamp + GRACE_MS <= all->stream_time)
        meet(all, all->waiting[gone++], outcome);
    all->waiting_count -= gone;
    memmove(all->waiting, all->waiting + gone, all->waiting_count * sizeof(all->waiting[0]));
}

static void take(seen *all, const sf_record *record, sf_simulation_outcome *outcome)
{
    if (record->value.data[0] == 't') {
        all->rows[all->row_count++] = record;
        return;
    }
    if (record->timestamp > all->stream_time)
        all->stream_time = record->timestamp;
    if (record->timestamp < all->stream_time - GRACE_MS)
        meet(all, record, outcome);
    else
        wait_for_rows(all, record);
    release(all, outcome);
}

static sf_status model(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    (void)user;
    (void)err;
    for (int32_t p = 0; p < sf_simulation_partitions(outcome, "in"); p++) {
        seen all = {.row_count = 0};

        for (size_t i = 0; i < sf_simulation_record_count(outcome, "in", p); i++)
            take(&all, sf_simulation_record(outcome, "in", p, i), outcome);
    }
    return SF_OK;
}

sf_simulation_subject subject_versioned(void)
{
    return (sf_simulation_subject){
        .name = "versioned",
        .topology = topology(),
        .topics = TOPICS,
        .topic_count = 2,
        .generate = generate,
        .model = model,
    };
}
