/* Processors with stores and punctuations, and global tables, on the test driver and in the runtime: see
 * support/topology_equality.h. Nothing is repartitioned, so the order of results is defined. */
#include <stdlib.h>
#include <string.h>

#include <stateful/stateful.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "check.h"
#include "support/driven_topology.h"
#include "support/topology_equality.h"

enum { TICK_MS = 25 };

static sf_stream *stream(sf_builder *builder, const char *topic)
{
    sf_stream *made = sf_builder_stream(builder, topic, NULL);

    equality_commit_often(made);
    return made;
}

/* ---- stores and punctuations ---- */

/* The newest record of each key is kept; at each tick of stream time all go out and are forgotten. */
typedef struct gatherer {
    sf_key_value_store *kept;
} gatherer;

static sf_status send_all(gatherer *state, sf_context *context, sf_error *err)
{
    sf_arena *arena = sf_context_arena(context);
    sf_key_value_iterator *iterator;
    sf_stored stored;
    sf_bytes key;
    sf_status status =
        sf_key_value_store_range(state->kept, SF_NULL, SF_NULL, false, &iterator, err);

    if (status)
        return status;
    while (!status && sf_key_value_iterator_next(iterator, &key, &stored, &status, err)) {
        sf_record record = {.key = sf_arena_copy(arena, key),
                            .value = sf_arena_copy(arena, stored.value),
                            .timestamp = stored.timestamp};

        status = sf_context_forward(context, &record, err);
        if (!status)
            status = sf_key_value_store_put(state->kept, record.key, SF_NULL, 0, err);
    }
    sf_key_value_iterator_free(iterator);
    return status;
}

static sf_status tick(void *state, sf_context *context, int64_t time, sf_error *err)
{
    (void)time;
    return send_all(state, context, err);
}

static sf_status gather_new(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_schedule ticks = {.clock = SF_STREAM_TIME, .interval_ms = TICK_MS, .punctuate = tick};
    gatherer *made = sf_zalloc(sizeof(*made));
    sf_status status;

    (void)user;
    made->kept = sf_context_key_value_store(context, "gathered");
    status = sf_context_schedule(context, &ticks, NULL, err);
    if (status)
        free(made);
    else
        *state = made;
    return status;
}

static sf_status gather(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    gatherer *to = state;

    (void)context;
    if (!record->key.data)
        return SF_OK;
    return sf_key_value_store_put(to->kept, record->key, record->value, record->timestamp, err);
}

static const sf_processor GATHERER = {.init = gather_new, .process = gather, .close = free};

static void build_punctuated(sf_builder *builder, bool is_cached)
{
    static const char *const stores[] = {"gathered", NULL};

    sf_builder_add_store(builder,
                         &(sf_store_options){.name = "gathered", .caching_off = !is_cached});
    sf_stream_to(sf_stream_process(stream(builder, "in"), &GATHERER, stores), "out");
}

static void punctuations_by_stream_time_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "punctuations by stream time",
                                       .build = build_punctuated,
                                       .inputs = {"in"},
                                       .stores = {"gathered"},
                                       .order_is_defined = true});
}

/* ---- a chain of stores ---- */

/* Numbers the records of each key, in a store of its own in memory; late ones too. */
static sf_status number_record(void *state, sf_context *context, const sf_record *record,
                               sf_error *err)
{
    sf_key_value_store *counts = state;
    sf_record numbered = *record;
    sf_stored before;
    sf_status status;
    int64_t count;

    if (!record->key.data)
        return SF_OK;
    status = sf_key_value_store_get(counts, record->key, &before, err);
    if (status)
        return status;
    count = before.value.data ? (int64_t)sf_get_be64(before.value.data) : 0;
    count++;
    numbered.value = sf_bytes_text(sf_arena_printf(sf_context_arena(context), "%lld:%lld at %lld",
                                                   (long long)count, (long long)record->timestamp,
                                                   (long long)sf_context_stream_time(context)));
    {
        uint8_t bytes[8];

        sf_put_be64(bytes, (uint64_t)count);
        status = sf_key_value_store_put(counts, record->key, sf_bytes_of(bytes, sizeof(bytes)),
                                        record->timestamp, err);
    }
    return status ? status : sf_context_forward(context, &numbered, err);
}

static sf_status number_new(void *user, sf_context *context, void **state, sf_error *err)
{
    (void)user;
    (void)err;
    *state = sf_context_key_value_store(context, "numbers");
    return SF_OK;
}

static void build_numbered(sf_builder *builder, bool is_cached)
{
    static const sf_processor numbering = {.init = number_new, .process = number_record};
    static const char *const stores[] = {"numbers", NULL};

    sf_builder_add_store(
        builder,
        &(sf_store_options){.name = "numbers", .in_memory = true, .caching_off = !is_cached});
    sf_stream_to(sf_stream_process(stream(builder, "in"), &numbering, stores), "out");
}

/* The time of the task is in each result: it must be what it was, whatever was lost. */
static void stream_times_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "stream times",
                                       .build = build_numbered,
                                       .inputs = {"in"},
                                       .stores = {"numbers"},
                                       .order_is_defined = true});
}

/* ---- global tables ---- */

static sf_status own_key(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                         sf_error *err)
{
    (void)user;
    (void)arena;
    (void)err;
    out->key = in->key;
    return SF_OK;
}

static void build_global(sf_builder *builder, bool is_cached)
{
    sf_global_table *rows =
        sf_builder_global_table(builder, "rows", NULL, &(sf_materialized){.name = "rows"});

    (void)is_cached;
    sf_stream_to(
        sf_stream_left_join_global(stream(builder, "in"), rows, own_key, driven_pair, NULL), "out");
}

/* Rows that are there before a part begins are all read before any of its records, in the runtime; the
 * driver follows them first too. */
static void streams_that_meet_global_tables_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "stream meets global table",
                                       .build = build_global,
                                       .inputs = {"in", "rows"},
                                       .order_is_defined = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(punctuations_by_stream_time_are_the_same),
        cmocka_unit_test(stream_times_are_the_same),
        cmocka_unit_test(streams_that_meet_global_tables_are_the_same),
    };

    return run_tests(tests);
}
