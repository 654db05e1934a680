/* What a processor is given and may ask for: context, stores, punctuations. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"

static char heard[512], everything[] = "";

static void hear(const char *text)
{
    (void)snprintf(heard + strlen(heard), sizeof(heard) - strlen(heard), "%s ", text);
}

static sf_stream *processed(driven_topology *driven, const sf_processor *processor)
{
    heard[0] = 0;
    return sf_stream_process(sf_builder_stream(driven->builder, "in", NULL), processor, NULL);
}

/* ---- context ---- */

static sf_status tell_origin(void *state, sf_context *context, const sf_record *record,
                             sf_error *err)
{
    const sf_origin *origin = sf_context_origin(context);
    char text[128];

    (void)state;
    (void)snprintf(text, sizeof(text), "%s/%d@%lld:%s:%d:%lld:%lld:%s", origin->topic,
                   origin->partition, (long long)origin->offset, sf_context_task_id(context),
                   sf_context_partition(context), (long long)sf_context_stream_time(context),
                   (long long)sf_context_now(context), sf_context_application_id(context));
    hear(text);
    return sf_context_forward(context, record, err);
}

static void a_processor_knows_where_a_record_came_from(void **state)
{
    static const sf_processor telling = {.process = tell_origin};
    driven_topology *driven = driven_new();

    (void)state;
    processed(driven, &telling);
    driven_start(driven, &(sf_test_driver_options){.application_id = "shop", .now_ms = 77});
    driven_pipe(driven, "in", "k", "v", 5);
    driven_pipe(driven, "in", "k", "v", 3);

    assert_string_equal(heard, "in/0@0:0_0:0:5:77:shop in/0@1:0_0:0:5:77:shop ");
    driven_free(driven);
}

static sf_status to_child(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    char name[32];

    (void)state;
    (void)snprintf(name, sizeof(name), "%.*s", (int)record->value.size,
                   (const char *)record->value.data);
    return sf_context_forward_to(context, name, record, err);
}

static void a_record_can_go_to_one_child_by_its_name(void **state)
{
    static const sf_processor choosing = {.process = to_child};
    static const sf_processor passing = {0};
    driven_topology *driven = driven_new();
    sf_stream *stream = processed(driven, &choosing);
    sf_error err;

    (void)state;
    sf_stream_to(sf_stream_named(sf_stream_process(stream, &passing, NULL), "left"), "left-out");
    sf_stream_to(sf_stream_named(sf_stream_process(stream, &passing, NULL), "right"), "right-out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "k", "right", 1);

    assert_string_equal(driven_rows(driven, "right-out"), "k=right@1");
    assert_string_equal(driven_rows(driven, "left-out"), "");
    assert_int_equal(sf_test_driver_pipe_text(driven->driver, "in", "k", "up", 2, &err), SF_STOP);
    assert_non_null(strstr(err.text, "has no child 'up'"));
    driven_free(driven);
}

static sf_status look_for_stores(void *user, sf_context *context, void **state, sf_error *err)
{
    (void)user;
    (void)state;
    (void)err;
    hear(sf_context_key_value_store(context, "mine") ? "mine" : "-");
    hear(sf_context_window_store(context, "mine") ? "window" : "-");
    hear(sf_context_key_value_store(context, "others") ? "others" : "-");
    return SF_OK;
}

static void only_connected_stores_are_there(void **state)
{
    static const sf_processor looking = {.init = look_for_stores};
    static const sf_processor using = {0};
    driven_topology *driven = driven_new();
    const char *const mine[] = {"mine", NULL}, *const others[] = {"others", NULL};
    sf_stream *in = sf_builder_stream(driven->builder, "in", NULL);

    (void)state;
    heard[0] = 0;
    sf_builder_add_store(driven->builder, &(sf_store_options){.name = "mine"});
    sf_builder_add_store(driven->builder, &(sf_store_options){.name = "others"});
    sf_stream_process(in, &looking, mine);
    sf_stream_process(in, &using, others);
    driven_start(driven, NULL);

    assert_string_equal(heard, "mine - - ");
    driven_free(driven);
}

/* Two processors share a store: what one puts the other sees. */
static sf_status put_value(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    (void)state;
    return sf_key_value_store_put(sf_context_key_value_store(context, "shared"), record->key,
                                  record->value, record->timestamp, err);
}

static sf_status get_value(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    sf_record out = *record;
    sf_stored stored;
    sf_status status = sf_key_value_store_get(sf_context_key_value_store(context, "shared"),
                                              record->key, &stored, err);

    (void)state;
    if (status)
        return status;
    out.value = sf_arena_copy(sf_context_arena(context), stored.value);
    return sf_context_forward(context, &out, err);
}

static void a_shared_store_joins_two_streams_into_one_task(void **state)
{
    static const sf_processor putting = {.process = put_value}, getting = {.process = get_value};
    driven_topology *driven = driven_new();
    const char *const shared[] = {"shared", NULL};
    sf_builder *builder = driven->builder;

    (void)state;
    sf_builder_add_store(builder, &(sf_store_options){.name = "shared"});
    sf_stream_process(sf_builder_stream(builder, "products", NULL), &putting, shared);
    sf_stream_to(sf_stream_process(sf_builder_stream(builder, "orders", NULL), &getting, shared),
                 "out");
    driven_start(driven, &(sf_test_driver_options){.partitions = 3});
    driven_pipe(driven, "products", "p", "laptop", 1);
    driven_pipe(driven, "orders", "p", "one", 2);

    assert_string_equal(driven_rows(driven, "out"), "p=laptop@2");
    driven_free(driven);
}

/* ---- punctuations ---- */

static sf_punctuation *ticking;

static sf_status tick(void *state, sf_context *context, int64_t time, sf_error *err)
{
    char text[32];
    sf_record out = {.key = sf_bytes_text("tick"), .timestamp = time};

    (void)state;
    assert_null(sf_context_origin(context));
    (void)snprintf(text, sizeof(text), "%lld", (long long)time);
    hear(text);
    out.value = sf_bytes_text(text);
    return sf_context_forward(context, &out, err);
}

static sf_status schedule_ticks(void *user, sf_context *context, void **state, sf_error *err)
{
    (void)state;
    return sf_context_schedule(context, user, &ticking, err);
}

static driven_topology *ticked(sf_schedule *schedule)
{
    static sf_processor processor;
    driven_topology *driven = driven_new();

    processor = (sf_processor){.init = schedule_ticks, .user = schedule};
    sf_stream_to(sf_stream_filter(processed(driven, &processor), driven_begins_with, everything),
                 "out");
    driven_start(driven, &(sf_test_driver_options){.now_ms = 1000});
    return driven;
}

static void stream_time_punctuations_follow_the_grid(void **state)
{
    sf_schedule every_ten = {SF_STREAM_TIME, 10, tick};
    driven_topology *driven = ticked(&every_ten);

    (void)state;
    driven_pipe(driven, "in", "k", "v", 3); /* the first record fires */
    driven_pipe(driven, "in", "k", "v", 9);
    driven_pipe(driven, "in", "k", "v", 10);
    driven_pipe(driven, "in", "k", "v", 45); /* missed ones are one */
    driven_pipe(driven, "in", "k", "v", 49);
    driven_pipe(driven, "in", "k", "v", 50);

    assert_string_equal(heard, "3 10 45 50 ");
    assert_int_equal(sf_test_driver_produced(driven->driver, "out"), 10);
    driven_free(driven);
}

/* What was called before does not come again: a restart changes nothing in the result. */
static void stream_time_punctuations_go_on_over_restarts(void **state)
{
    static const sf_test_crash crashes[] = {SF_CRASH_KEEPS_STATE, SF_CRASH_LOSES_STATE};
    sf_schedule every_ten = {SF_STREAM_TIME, 10, tick};

    (void)state;
    for (int i = 0; i < 2; i++) {
        driven_topology *driven = ticked(&every_ten);

        driven_pipe(driven, "in", "k", "v", 12);
        assert_ok(sf_test_driver_restart(driven->driver, crashes[i], err));
        driven_pipe(driven, "in", "k", "v", 19);
        assert_ok(sf_test_driver_abort(driven->driver, err));
        driven_pipe(driven, "in", "k", "v", 20);
        driven_pipe(driven, "in", "k", "v", 21);

        assert_string_equal(heard, "12 20 ");
        driven_free(driven);
    }
}

static void wall_clock_punctuations_come_after_each_interval(void **state)
{
    sf_schedule every_ten = {SF_WALL_CLOCK, 10, tick};
    driven_topology *driven = ticked(&every_ten);

    (void)state;
    assert_ok(sf_test_driver_advance(driven->driver, 9, err));
    assert_string_equal(heard, "");
    assert_ok(sf_test_driver_advance(driven->driver, 1, err));
    assert_ok(sf_test_driver_advance(driven->driver, 35, err));
    assert_ok(sf_test_driver_advance(driven->driver, 5, err));

    assert_string_equal(heard, "1010 1045 1050 ");
    assert_string_equal(driven_rows(driven, "out"), "tick=1010@1010 tick=1045@1045 tick=1050@1050");
    driven_free(driven);
}

static sf_status tick_once(void *state, sf_context *context, int64_t time, sf_error *err)
{
    sf_punctuation_cancel(ticking);
    return tick(state, context, time, err);
}

static void a_punctuation_may_cancel_itself(void **state)
{
    sf_schedule once = {SF_WALL_CLOCK, 10, tick_once};
    driven_topology *driven = ticked(&once);

    (void)state;
    assert_ok(sf_test_driver_advance(driven->driver, 10, err));
    assert_ok(sf_test_driver_advance(driven->driver, 10, err));

    assert_string_equal(heard, "1010 ");
    driven_free(driven);
}

static sf_status refuse_tick(void *state, sf_context *context, int64_t time, sf_error *err)
{
    sf_status status = tick(state, context, time, err);

    return status ? status : sf_reject(err, "not now");
}

static void a_refused_punctuation_sends_nothing_and_stops(void **state)
{
    sf_schedule refused = {SF_WALL_CLOCK, 10, refuse_tick};
    driven_topology *driven = ticked(&refused);
    sf_error err;

    (void)state;
    assert_int_equal(sf_test_driver_advance(driven->driver, 10, &err), SF_STOP);
    assert_non_null(strstr(err.text, "not now"));
    assert_int_equal(sf_test_driver_produced(driven->driver, "out"), 0);
    driven_free(driven);
}

/* ---- kinds of stores ---- */

static sf_status look_for_kinds(void *user, sf_context *context, void **state, sf_error *err)
{
    (void)user;
    (void)state;
    (void)err;
    hear(sf_context_session_store(context, "sessions") ? "sessions" : "-");
    hear(sf_context_versioned_store(context, "versions") ? "versions" : "-");
    hear(sf_context_session_store(context, "versions") ? "wrong" : "-");
    hear(sf_context_versioned_store(context, "sessions") ? "wrong" : "-");
    hear(sf_context_versioned_store(context, "others") ? "wrong" : "-");
    return SF_OK;
}

static sf_status keep_in_both(void *state, sf_context *context, const sf_record *record,
                              sf_error *err)
{
    const sf_session session = {record->key, record->timestamp, record->timestamp + 5};
    sf_status status = sf_session_store_put(sf_context_session_store(context, "sessions"), &session,
                                            record->value, NULL, err);

    (void)state;
    if (status)
        return status;
    return sf_versioned_store_put(sf_context_versioned_store(context, "versions"), record->key,
                                  record->value, record->timestamp, NULL, err);
}

static void stores_are_found_as_their_kind(void **state)
{
    static const sf_processor keeping = {.init = look_for_kinds, .process = keep_in_both};
    driven_topology *driven = driven_new();
    const char *const both[] = {"sessions", "versions", NULL};
    const sf_session session = {sf_bytes_text("k"), 7, 12};
    sf_session_store *sessions;
    sf_versioned_store *versions;
    sf_stored stored;

    (void)state;
    heard[0] = 0;
    sf_builder_add_store(
        driven->builder,
        &(sf_store_options){.name = "sessions", .kind = SF_SESSION_STORE, .retention_ms = 1000});
    sf_builder_add_store(
        driven->builder,
        &(sf_store_options){.name = "versions", .kind = SF_VERSIONED_STORE, .history_ms = 1000});
    sf_stream_process(sf_builder_stream(driven->builder, "in", NULL), &keeping, both);
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "k", "v", 7);

    assert_string_equal(heard, "sessions versions - - - ");
    sessions = sf_test_driver_session_store(driven->driver, "sessions", 0);
    versions = sf_test_driver_versioned_store(driven->driver, "versions", 0);
    assert_ok(sf_session_store_get(sessions, &session, &stored, err));
    assert_bytes(stored.value, "v");
    assert_ok(sf_versioned_store_get(versions, sf_bytes_text("k"), &stored, err));
    assert_bytes(stored.value, "v");
    assert_string_equal(sf_store_name((const sf_store *)sessions), "sessions");
    assert_int_equal(sf_store_kind_of((const sf_store *)versions), SF_VERSIONED_STORE);
    driven_free(driven);
}

/* ---- what is left out ---- */

static sf_status leave_out(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    (void)state;
    (void)err;
    if (sf_bytes_is_null(record->value))
        sf_context_count_dropped_for(context, SF_DROP_NULL);
    else
        sf_context_count_dropped(context);
    return SF_OK;
}

static void what_a_processor_leaves_out_is_counted(void **state)
{
    static const sf_processor leaving = {.process = leave_out};
    driven_topology *driven = driven_new();

    (void)state;
    processed(driven, &leaving);
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "k", "v", 1);
    driven_pipe(driven, "in", "k", NULL, 2);

    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 2);
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_processor_knows_where_a_record_came_from),
        cmocka_unit_test(a_record_can_go_to_one_child_by_its_name),
        cmocka_unit_test(only_connected_stores_are_there),
        cmocka_unit_test(a_shared_store_joins_two_streams_into_one_task),
        cmocka_unit_test(stream_time_punctuations_follow_the_grid),
        cmocka_unit_test(stream_time_punctuations_go_on_over_restarts),
        cmocka_unit_test(wall_clock_punctuations_come_after_each_interval),
        cmocka_unit_test(a_punctuation_may_cancel_itself),
        cmocka_unit_test(a_refused_punctuation_sends_nothing_and_stops),
        cmocka_unit_test(stores_are_found_as_their_kind),
        cmocka_unit_test(what_a_processor_leaves_out_is_counted),
    };

    return run_tests(tests);
}
