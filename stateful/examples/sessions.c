/* sessions.c - what belongs together by time: clicks of a user with at most 30 minutes between them are
 * one visit, told once it is over.
 *
 *   sessions         runs a few records through the test driver, without any broker
 *
 * A visit may grow backwards too, and two visits become one, when a late click falls between them: as
 * long as stream time has not passed their end by gap and grace.
 */
#include <inttypes.h>
#include <stdio.h>

#include <stateful/stateful.h>

enum { MINUTE = 60 * 1000 };

/* ---- the program ---- */

static sf_status visits(sf_topology **topology, sf_error *err)
{
    sf_consumed texts = {.key = &sf_string_serde, .value = &sf_string_serde};
    sf_session_window half_an_hour = {.gap_ms = 30 * MINUTE, .grace_ms = 5 * MINUTE};
    sf_builder *builder = sf_builder_new();
    sf_stream *clicks = sf_builder_stream(builder, "clicks", &texts);
    sf_grouped *sessions = sf_grouped_sessions(sf_stream_group_by_key(clicks, NULL), half_an_hour);
    sf_table *counts = sf_grouped_count_with(
        sf_grouped_emit(sessions, SF_EMIT_ON_CLOSE),
        &(sf_materialized){.name = "clicks-per-visit", .retention_ms = 24 * 60 * MINUTE});
    sf_status status;

    sf_stream_to(sf_table_to_stream(counts), "visits");
    status = sf_builder_build(builder, topology, err);
    sf_builder_free(builder);
    return status;
}

/* ---- a few records ---- */

typedef struct click {
    const char *user;
    int64_t minute;
} click;

static const click clicks[] = {
    {"ann", 0},  {"bob", 31},  {"ann", 34},  {"ann", 20}, /* late, and makes one visit of two */
    {"bob", 40}, {"ann", 120}, {"eve", 240},
};

/* Keys of windowed results are the key and its window; this serde knows how they are written. */
static sf_status print_visits(sf_test_driver *driver, sf_error *err)
{
    const sf_windowed_format format = {.key = &sf_string_serde};
    const sf_serde windowed_serde = sf_session_windowed_serde(&format);
    sf_arena *arena = sf_arena_new();
    sf_status status = SF_OK;
    sf_record record;

    while (!status && sf_test_driver_read(driver, "visits", &record)) {
        const sf_windowed *visit;
        sf_bytes key, count;

        status = sf_serde_decode(&windowed_serde, record.key, arena, &key, err);
        if (!status)
            status = sf_serde_decode(&sf_int64_serde, record.value, arena, &count, err);
        if (status)
            break;
        visit = sf_windowed_of(key);
        printf("%.*s from minute %" PRId64 " to %" PRId64 ": %" PRId64 " clicks\n",
               (int)visit->key.size, (const char *)visit->key.data, visit->start_ms / MINUTE,
               visit->end_ms / MINUTE, sf_bytes_to_int64(count));
    }
    sf_arena_free(arena);
    return status;
}

static sf_status run(const sf_topology *topology, sf_error *err)
{
    sf_test_driver *driver = NULL;
    sf_status status = sf_test_driver_new(topology, NULL, &driver, err);

    for (size_t i = 0; i < sizeof(clicks) / sizeof(*clicks) && !status; i++)
        status = sf_test_driver_pipe_text(driver, "clicks", clicks[i].user, "click",
                                          clicks[i].minute * MINUTE, err);
    if (!status)
        status = print_visits(driver, err);
    sf_test_driver_free(driver);
    return status;
}

int main(void)
{
    sf_error err = {0};
    sf_topology *topology = NULL;
    sf_status status = visits(&topology, &err);

    if (!status)
        status = run(topology, &err);
    if (status)
        fprintf(stderr, "sessions: %s\n", err.text);
    sf_topology_free(topology);
    return status ? 1 : 0;
}
