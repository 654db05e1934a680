/* Operators without state, each under the test driver. */
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"

static char letter_a[] = "a", letters_ab[] = "ab", mark[] = "!", key_too[] = "";

static sf_stream *input(driven_topology *driven)
{
    return sf_builder_stream(driven->builder, "in", NULL);
}

static void filter_keeps_what_the_predicate_takes(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *in = input(driven);

    (void)state;
    sf_stream_to(sf_stream_filter(in, driven_begins_with, letter_a), "taken");
    sf_stream_to(sf_stream_filter_not(in, driven_begins_with, letter_a), "left");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "k", "ab", 1);
    driven_pipe(driven, "in", NULL, "ba", 2);
    driven_pipe(driven, "in", "k", "ac", 3);

    assert_string_equal(driven_rows(driven, "taken"), "k=ab@1 k=ac@3");
    assert_string_equal(driven_rows(driven, "left"), "-=ba@2");
    driven_free(driven);
}

static void maps_change_key_or_value_and_keep_time_and_headers(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *in = input(driven);
    sf_header header = {"trace", sf_bytes_text("t1")};
    sf_record record = {sf_bytes_text("k"), sf_bytes_text("xyz"), 7, {&header, 1}};
    sf_record out;

    (void)state;
    sf_stream_to(sf_stream_map(in, driven_first_letter, NULL), "mapped");
    sf_stream_to(sf_stream_select_key(in, driven_first_letter, NULL), "keyed");
    sf_stream_to(sf_stream_map_values(in, driven_with_suffix, mark), "valued");
    driven_start(driven, NULL);
    assert_ok(sf_test_driver_pipe(driven->driver, "in", &record, err));

    assert_string_equal(driven_rows(driven, "mapped"), "x=xyz@7");
    assert_string_equal(driven_rows(driven, "keyed"), "x=xyz@7");
    assert_true(sf_test_driver_read(driven->driver, "valued", &out));
    assert_bytes(out.value, "xyz!");
    assert_bytes(out.key, "k");
    assert_int_equal(out.headers.count, 1);
    assert_bytes(sf_headers_last(out.headers, "trace")->value, "t1");
    driven_free(driven);
}

/* map_values may say what it wants of the key: it stays. */
static void map_values_cannot_change_the_key(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    sf_stream_to(sf_stream_map_values(input(driven), driven_first_letter, NULL), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "k", "xyz", 1);

    assert_string_equal(driven_rows(driven, "out"), "k=xyz@1");
    driven_free(driven);
}

static sf_status each_letter(void *user, sf_context *context, const sf_record *in, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; i < in->value.size && !status; i++) {
        sf_record out = *in;

        out.value = sf_bytes_of(in->value.data + i, 1);
        if (user)
            out.key = out.value;
        status = sf_context_forward(context, &out, err);
    }
    return status;
}

static void flat_map_gives_any_number(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *in = input(driven);

    (void)state;
    sf_stream_to(sf_stream_flat_map(in, each_letter, key_too), "both");
    sf_stream_to(sf_stream_flat_map_values(in, each_letter, NULL), "values");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "k", "ab", 1);
    driven_pipe(driven, "in", "k", "", 2);

    assert_string_equal(driven_rows(driven, "both"), "a=a@1 b=b@1");
    assert_string_equal(driven_rows(driven, "values"), "k=a@1 k=b@1");
    driven_free(driven);
}

static void a_locked_key_that_is_changed_is_an_error(void **state)
{
    driven_topology *driven = driven_new();
    sf_error err;

    (void)state;
    sf_stream_to(sf_stream_flat_map_values(input(driven), each_letter, key_too), "out");
    driven_start(driven, NULL);

    assert_int_equal(sf_test_driver_pipe_text(driven->driver, "in", "k", "ab", 1, &err), SF_STOP);
    assert_non_null(strstr(err.text, "may not change the key"));
    assert_int_equal(sf_test_driver_produced(driven->driver, "out"), 0);
    driven_free(driven);
}

static sf_status remember(void *user, const sf_record *record, sf_error *err)
{
    (void)err;
    strncat(user, (const char *)record->value.data, record->value.size);
    return SF_OK;
}

static void peek_and_foreach_see_each_record(void **state)
{
    driven_topology *driven = driven_new();
    char peeked[16] = "", visited[16] = "";
    sf_stream *in = input(driven);

    (void)state;
    sf_stream_to(sf_stream_peek(in, remember, peeked), "out");
    sf_stream_foreach(in, remember, visited);
    driven_start(driven, NULL);
    driven_pipe(driven, "in", NULL, "a", 1);
    driven_pipe(driven, "in", NULL, "b", 2);

    assert_string_equal(peeked, "ab");
    assert_string_equal(visited, "ab");
    assert_string_equal(driven_rows(driven, "out"), "-=a@1 -=b@2");
    driven_free(driven);
}

static void merge_has_the_records_of_both(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *in = input(driven);
    sf_stream *other = sf_builder_stream(driven->builder, "other", NULL);

    (void)state;
    sf_stream_to(sf_stream_merge(in, other), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "1", 1);
    driven_pipe(driven, "other", "b", "2", 2);

    assert_string_equal(driven_rows(driven, "out"), "a=1@1 b=2@2");
    driven_free(driven);
}

static void split_gives_each_record_to_the_first_branch_that_takes_it(void **state)
{
    driven_topology *driven = driven_new();
    const sf_branch branches[] = {
        {driven_begins_with, letter_a}, {driven_begins_with, letters_ab}, {0}};
    sf_stream *streams[3];

    (void)state;
    sf_stream_split(input(driven), branches, 3, streams);
    sf_stream_to(streams[0], "first");
    sf_stream_to(streams[1], "second");
    sf_stream_to(streams[2], "rest");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "k", "abc", 1);
    driven_pipe(driven, "in", "k", "xyz", 2);

    assert_string_equal(driven_rows(driven, "first"), "k=abc@1");
    assert_string_equal(driven_rows(driven, "second"), "");
    assert_string_equal(driven_rows(driven, "rest"), "k=xyz@2");
    driven_free(driven);
}

static void a_record_without_a_branch_is_gone(void **state)
{
    driven_topology *driven = driven_new();
    const sf_branch only = {driven_begins_with, letter_a};
    sf_stream *stream;

    (void)state;
    sf_stream_split(input(driven), &only, 1, &stream);
    sf_stream_to(stream, "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "k", "xyz", 2);

    assert_string_equal(driven_rows(driven, "out"), "");
    driven_free(driven);
}

static void serdes_apply_where_records_leave(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *in =
        sf_builder_stream(driven->builder, "in", &(sf_consumed){.value = &sf_int64_serde});
    uint8_t wire[8] = {0, 0, 0, 0, 0, 0, 0, 5};
    sf_record record = {sf_bytes_text("k"), sf_bytes_of(wire, 8), 1, {NULL, 0}};
    sf_record out;
    int64_t in_flight;

    (void)state;
    sf_stream_to(in, "as-it-was");
    sf_stream_to(sf_stream_as(in, NULL, &sf_bytes_serde), "raw");
    driven_start(driven, NULL);
    assert_ok(sf_test_driver_pipe(driven->driver, "in", &record, err));

    assert_string_equal(driven_rows(driven, "as-it-was"), "k=5@1");
    assert_true(sf_test_driver_read(driven->driver, "raw", &out));
    memcpy(&in_flight, out.value.data, sizeof(in_flight));
    assert_int_equal(in_flight, 5);
    driven_free(driven);
}

static void repartition_keeps_time_headers_and_null_values(void **state)
{
    driven_topology *driven = driven_new();
    sf_header header = {"trace", sf_bytes_text("t1")};
    sf_record record = {sf_bytes_text("k"), SF_NULL, 0, {&header, 1}};
    sf_record out;

    (void)state;
    sf_stream_to(sf_stream_repartition(input(driven), "again", 3), "out");
    driven_start(driven, NULL);
    assert_ok(sf_test_driver_pipe(driven->driver, "in", &record, err));

    assert_true(sf_test_driver_read(driven->driver, "out", &out));
    assert_bytes(out.key, "k");
    assert_true(sf_bytes_is_null(out.value));
    assert_int_equal(out.timestamp, 0);
    assert_bytes(sf_headers_last(out.headers, "trace")->value, "t1");
    driven_free(driven);
}

static void a_topic_of_several_partitions_keeps_equal_keys_together(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    sf_stream_to(sf_stream_repartition(input(driven), "again", 0), "out");
    driven_start(driven, &(sf_test_driver_options){.partitions = 4});
    for (int i = 0; i < 40; i++) {
        char key[8] = {(char)('a' + i % 10)}, value[8] = {(char)('0' + i / 10)};

        driven_pipe(driven, "in", key, value, i);
    }

    assert_int_equal(sf_test_driver_produced(driven->driver, "out"), 40);
    for (int i = 0; i < 40; i++) {
        static char last[256];
        sf_record out;

        if (!i)
            memset(last, 0, sizeof(last));
        assert_true(sf_test_driver_read(driven->driver, "out", &out));
        assert_true(out.value.data[0] > last[out.key.data[0]]);
        last[out.key.data[0]] = (char)out.value.data[0];
    }
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter_keeps_what_the_predicate_takes),
        cmocka_unit_test(maps_change_key_or_value_and_keep_time_and_headers),
        cmocka_unit_test(map_values_cannot_change_the_key),
        cmocka_unit_test(flat_map_gives_any_number),
        cmocka_unit_test(a_locked_key_that_is_changed_is_an_error),
        cmocka_unit_test(peek_and_foreach_see_each_record),
        cmocka_unit_test(merge_has_the_records_of_both),
        cmocka_unit_test(split_gives_each_record_to_the_first_branch_that_takes_it),
        cmocka_unit_test(a_record_without_a_branch_is_gone),
        cmocka_unit_test(serdes_apply_where_records_leave),
        cmocka_unit_test(repartition_keeps_time_headers_and_null_values),
        cmocka_unit_test(a_topic_of_several_partitions_keeps_equal_keys_together),
    };

    return run_tests(tests);
}
