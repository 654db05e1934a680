/* Tables whose values a processor makes. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"

/* "value/key@offset"; nothing for "hide", both for "twice", "none" for null. */
static sf_status describe(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    sf_record made = *record;
    sf_status status = SF_OK;

    (void)state;
    if (!record->value.data) {
        made.value = sf_bytes_text("none");
    } else if (sf_bytes_equal(record->value, sf_bytes_text("hide"))) {
        return SF_OK;
    } else {
        made.value =
            sf_bytes_text(sf_arena_printf(sf_context_arena(context), "%.*s/%.*s",
                                          (int)record->value.size, (const char *)record->value.data,
                                          (int)record->key.size, (const char *)record->key.data));
    }
    if (sf_bytes_equal(record->value, sf_bytes_text("twice")))
        status = sf_context_forward(context, record, err);
    return status ? status : sf_context_forward(context, &made, err);
}

static const sf_processor DESCRIBER = {.process = describe};

static sf_table *rows(driven_topology *driven)
{
    return sf_builder_table(driven->builder, "in", NULL,
                            &(sf_materialized){.name = "rows", .caching_off = true});
}

static void send_out(sf_table *table)
{
    sf_stream_to(sf_table_to_stream(table), "out");
}

static void each_row_gets_what_the_processor_forwards_last(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    send_out(
        sf_table_transform_values(rows(driven), &DESCRIBER, NULL,
                                  &(sf_materialized){.name = "described", .caching_off = true}));
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "1", 5);
    driven_pipe(driven, "in", "b", "twice", 6);
    assert_string_equal(driven_rows(driven, "out"), "a=1/a@5 b=twice/b@6");
    assert_string_equal(driven_row(driven, "described", "b"), "twice/b");
    driven_free(driven);
}

static void a_row_nothing_is_forwarded_for_is_gone(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    send_out(
        sf_table_transform_values(rows(driven), &DESCRIBER, NULL,
                                  &(sf_materialized){.name = "described", .caching_off = true}));
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "1", 5);
    driven_pipe(driven, "in", "a", "hide", 6);
    assert_string_equal(driven_rows(driven, "out"), "a=1/a@5 a=-@6");
    assert_string_equal(driven_row(driven, "described", "a"), "-");
    driven_free(driven);
}

static void deletions_are_shown_to_the_processor(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    send_out(sf_table_transform_values(rows(driven), &DESCRIBER, NULL, NULL));
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "1", 5);
    driven_pipe(driven, "in", "a", NULL, 6);
    assert_string_equal(driven_rows(driven, "out"), "a=1/a@5 a=none@6");
    driven_free(driven);
}

/* ---- with a store ---- */

static sf_status find_counts(void *user, sf_context *context, void **state, sf_error *err)
{
    (void)user;
    (void)err;
    *state = sf_context_key_value_store(context, "changes");
    assert_non_null(*state);
    return SF_OK;
}

/* The value with one more "!" for each change of its row. */
static sf_status count_changes(void *state, sf_context *context, const sf_record *record,
                               sf_error *err)
{
    sf_record made = *record;
    sf_stored before;
    sf_bytes marks;
    sf_status status = sf_key_value_store_get(state, record->key, &before, err);

    if (status)
        return status;
    marks = sf_bytes_text(sf_arena_printf(sf_context_arena(context), "%.*s!",
                                          (int)before.value.size, (const char *)before.value.data));
    made.value =
        sf_bytes_text(sf_arena_printf(sf_context_arena(context), "%.*s%s", (int)record->value.size,
                                      (const char *)record->value.data, (const char *)marks.data));
    status = sf_key_value_store_put(state, record->key, marks, record->timestamp, err);
    return status ? status : sf_context_forward(context, &made, err);
}

static void the_processor_has_stores_that_survive(void **state)
{
    static const sf_processor counting = {.init = find_counts, .process = count_changes};
    static const char *const stores[] = {"changes", NULL};
    driven_topology *driven = driven_new();

    (void)state;
    sf_builder_add_store(driven->builder, &(sf_store_options){.name = "changes"});
    send_out(sf_table_transform_values(rows(driven), &counting, stores, NULL));
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "x", 1);
    assert_ok(sf_test_driver_restart(driven->driver, SF_CRASH_LOSES_STATE, err));
    driven_pipe(driven, "in", "a", "y", 2);
    driven_pipe(driven, "in", "b", "z", 3);
    assert_string_equal(driven_rows(driven, "out"), "a=x!@1 a=y!!@2 b=z!@3");
    driven_free(driven);
}

/* ---- behind it ---- */

static sf_status by_last_letter(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                                sf_error *err)
{
    (void)user;
    (void)arena;
    (void)err;
    out->key = sf_bytes_of(in->value.data + in->value.size - 1, 1);
    return SF_OK;
}

/* Not kept: the value before a change is asked for again. */
static void a_group_behind_it_gives_back_what_it_was_given(void **state)
{
    driven_topology *driven = driven_new();
    sf_table *described = sf_table_transform_values(rows(driven), &DESCRIBER, NULL, NULL);
    sf_table_grouped *groups = sf_table_group_by(described, by_last_letter, NULL, "by-letter");

    (void)state;
    send_out(
        sf_table_grouped_count(groups, &(sf_materialized){.name = "counts", .caching_off = true}));
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "1", 1);
    driven_pipe(driven, "in", "a", "2", 2);  /* still ends with its key */
    driven_pipe(driven, "in", "a", NULL, 3); /* "none": another group */
    assert_string_equal(driven_row(driven, "counts", "a"), "0");
    assert_string_equal(driven_row(driven, "counts", "e"), "1");
    driven_free(driven);
}

static void a_join_wants_it_kept(void **state)
{
    driven_topology *driven = driven_new();
    sf_table *described = sf_table_transform_values(rows(driven), &DESCRIBER, NULL, NULL);
    sf_table *other =
        sf_builder_table(driven->builder, "other", NULL, &(sf_materialized){.name = "other"});

    (void)state;
    send_out(sf_table_join(described, other, driven_pair, NULL, NULL));
    assert_non_null(strstr(driven_build_error(driven), "wants a table that is kept"));
    driven_free(driven);
}

static sf_status forward_once_more(void *state, sf_context *context, int64_t time, sf_error *err)
{
    sf_record late = {.key = sf_bytes_text("a"), .value = sf_bytes_text("late")};

    (void)state;
    late.timestamp = time;
    return sf_context_forward(context, &late, err);
}

static sf_status schedule(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_schedule ticks = {SF_STREAM_TIME, 10, forward_once_more};

    (void)user;
    (void)state;
    return sf_context_schedule(context, &ticks, NULL, err);
}

static void a_forward_without_a_row_is_refused(void **state)
{
    static const sf_processor ticking = {.init = schedule, .process = describe};
    driven_topology *driven = driven_new();
    sf_record record = {.key = sf_bytes_text("a"), .value = sf_bytes_text("1"), .timestamp = 5};
    sf_error err = {0};

    (void)state;
    send_out(sf_table_transform_values(rows(driven), &ticking, NULL, NULL));
    driven_start(driven, NULL);
    assert_int_equal(sf_test_driver_pipe(driven->driver, "in", &record, &err), SF_STOP);
    assert_non_null(strstr(err.text, "may forward only while it is given a row"));
    driven_free(driven);
}

static void a_transformation_wants_a_processor(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    send_out(sf_table_transform_values(rows(driven), NULL, NULL, NULL));
    assert_non_null(strstr(driven_build_error(driven), "sf_table_transform_values"));
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_gets_what_the_processor_forwards_last),
        cmocka_unit_test(a_row_nothing_is_forwarded_for_is_gone),
        cmocka_unit_test(deletions_are_shown_to_the_processor),
        cmocka_unit_test(the_processor_has_stores_that_survive),
        cmocka_unit_test(a_group_behind_it_gives_back_what_it_was_given),
        cmocka_unit_test(a_join_wants_it_kept),
        cmocka_unit_test(a_forward_without_a_row_is_refused),
        cmocka_unit_test(a_transformation_wants_a_processor),
    };

    return run_tests(tests);
}
