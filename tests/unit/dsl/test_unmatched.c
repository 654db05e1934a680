#include "dsl/operators/unmatched.h"

#include <string.h>

#include "base/buffer.h"
#include "check.h"
#include "support/lone_store.h"
#include "topology/processor_implementation.h"

/* A node of one side with the store that both share. */
typedef struct join_side {
    lone_store rows;
    sf_store *store;
    sf_operator_times times;
    sf_pipeline_context pipeline;
    sf_node node;
    sf_context_child children[1]; /* none of them is there */
    sf_context context;
    sf_stream_join_plan plan;
    sf_buffer results; /* values, parted by commas */
} join_side;

static sf_status log_nothing(void *user, size_t store, sf_bytes key, sf_bytes value,
                             int64_t timestamp, sf_error *err)
{
    (void)user;
    (void)store;
    (void)key;
    (void)value;
    (void)timestamp;
    (void)err;
    return SF_OK;
}

static sf_status note_result(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                             sf_bytes *result, sf_error *err)
{
    (void)arena;
    (void)err;
    *result = sf_bytes_is_null(right) ? left->value : right;
    sf_buffer_add_bytes(user, *result);
    sf_buffer_add_text(user, ",");
    return SF_OK;
}

static void open_side(join_side *at)
{
    const sf_stream_side side = {
        .key = &sf_bytes_serde, .value = &sf_bytes_serde, .after_ms = 10, .is_outer = true};

    *at = (join_side){.rows = {.options = {.name = "waiting"}, .changed = log_nothing},
                      .plan = {.joiner = {note_result, &at->results},
                               .sides = {side, side},
                               .unmatched = "waiting"}};
    lone_store_open(&at->rows);
    at->store = lone_store_of(&at->rows);
    at->pipeline = (sf_pipeline_context){
        .arena = sf_arena_new(), .clock = sf_clock_system(), .times = &at->times};
    at->node.store_count = 1;
    at->context = (sf_context){.pipeline = &at->pipeline,
                               .node = &at->node,
                               .stores = &at->store,
                               .children = at->children};
}

static void close_side(join_side *at)
{
    sf_arena_free(at->pipeline.arena);
    lone_store_close(&at->rows);
    sf_buffer_done(&at->results);
}

static void put_row(join_side *at, sf_bytes key, sf_bytes value)
{
    assert_ok(sf_key_value_store_put(sf_store_as_key_value(at->store), key, value, 0, err));
}

static void add(sf_unmatched *unmatched, int side, const char *value, int64_t timestamp)
{
    assert_ok(sf_unmatched_add(unmatched, side, sf_bytes_text("key"), sf_bytes_text(value),
                               timestamp, err));
}

static sf_status emit_at(sf_unmatched *unmatched, int64_t timestamp, sf_error *err)
{
    const sf_record trigger = {.key = sf_bytes_text("key"), .timestamp = timestamp};

    sf_unmatched_observe(unmatched, timestamp);
    return sf_unmatched_emit(unmatched, SF_JOIN_LEFT, &trigger, err);
}

static void what_met_nothing_comes_by_time_and_right_before_left(void **state)
{
    sf_unmatched unmatched;
    join_side at;

    (void)state;
    open_side(&at);
    assert_ok(sf_unmatched_init(&unmatched, &at.plan, &at.context, err));
    add(&unmatched, SF_JOIN_LEFT, "left", 20);
    add(&unmatched, SF_JOIN_RIGHT, "right", 20);
    add(&unmatched, SF_JOIN_LEFT, "first", 5);
    add(&unmatched, SF_JOIN_LEFT, "again", 5);
    add(&unmatched, SF_JOIN_LEFT, "open", 30);

    assert_ok(emit_at(&unmatched, 31, err));

    assert_string_equal(sf_buffer_text(&at.results), "first,again,right,left,");
    assert_int_equal(*unmatched.earliest, 30);
    close_side(&at);
}

static void a_list_that_is_cut_is_named(void **state)
{
    sf_unmatched unmatched;
    sf_error error = {0};
    join_side at;

    (void)state;
    open_side(&at);
    put_row(&at, sf_bytes_of("\0\0\0\0\0\0\0\5\1key", 12), sf_bytes_text("cut"));
    assert_ok(sf_unmatched_init(&unmatched, &at.plan, &at.context, err));

    assert_int_equal(emit_at(&unmatched, 100, &error), SF_STOP);

    assert_string_equal(error.text, "the store 'waiting' has a list that is cut");
    close_side(&at);
}

static void a_key_that_is_none_is_named_when_it_is_met_and_at_a_start(void **state)
{
    sf_unmatched unmatched;
    sf_error error = {0}, next = {0};
    join_side at;

    (void)state;
    open_side(&at);
    assert_ok(sf_unmatched_init(&unmatched, &at.plan, &at.context, err));
    add(&unmatched, SF_JOIN_LEFT, "left", 20);
    put_row(&at, sf_bytes_of("\0\0\0", 3), sf_bytes_text("short"));

    assert_int_equal(emit_at(&unmatched, 100, &error), SF_STOP);
    assert_int_equal(sf_unmatched_init(&unmatched, &at.plan, &at.context, &next), SF_STOP);

    assert_string_equal(error.text, "the store 'waiting' has a key of 3 bytes");
    assert_string_equal(next.text, error.text);
    close_side(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_met_nothing_comes_by_time_and_right_before_left),
        cmocka_unit_test(a_list_that_is_cut_is_named),
        cmocka_unit_test(a_key_that_is_none_is_named_when_it_is_met_and_at_a_start),
    };

    return run_tests(tests);
}
