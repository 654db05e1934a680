/* Ways out: topics that are computed, lines on standard output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "support/driven_topology.h"

/* The topic is called as the key; records without key go nowhere. */
static const char *topic_of_key(void *user, const sf_record *record)
{
    char *name = user;

    if (sf_bytes_is_null(record->key))
        return NULL;
    memcpy(name, record->key.data, record->key.size);
    name[record->key.size] = 0;
    return name;
}

static void each_record_goes_to_the_topic_that_is_computed(void **state)
{
    char name[16];
    driven_topology *driven = driven_new();

    (void)state;
    sf_stream_to_computed(sf_builder_stream(driven->builder, "in", NULL), topic_of_key, name, NULL);
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "red", "1", 1);
    driven_pipe(driven, "in", "blue", "2", 2);
    driven_pipe(driven, "in", NULL, "3", 3);
    driven_pipe(driven, "in", "red", "4", 4);

    assert_string_equal(driven_rows(driven, "red"), "red=1@1 red=4@4");
    assert_string_equal(driven_rows(driven, "blue"), "blue=2@2");
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 1);
    driven_free(driven);
}

static void windows_of_a_key_share_its_partition(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *in = sf_builder_stream(driven->builder, "in", NULL);
    sf_grouped *windows =
        sf_grouped_windowed(sf_stream_group_by_key(in, NULL), (sf_window){.size_ms = 10});

    (void)state;
    sf_stream_to(sf_table_to_stream(sf_grouped_count(windows, "counts")), "out");
    driven_start(driven, &(sf_test_driver_options){.partitions = 2});
    assert_int_equal(sf_partition_of_key(sf_bytes_text("a"), 2), 0);
    assert_int_equal(sf_partition_of_key(sf_bytes_text("d"), 2), 1);
    for (int64_t time = 0; time < 50; time += 10) {
        driven_pipe(driven, "in", "a", "v", time);
        driven_pipe(driven, "in", "d", "v", time);
    }

    assert_string_equal(driven_rows(driven, "out"), /* one partition after the other */
                        "a/0=1@0 a/10=1@10 a/20=1@20 a/30=1@30 a/40=1@40 "
                        "d/0=1@0 d/10=1@10 d/20=1@20 d/30=1@30 d/40=1@40");
    driven_free(driven);
}

static void a_computed_topic_has_serdes_of_its_own(void **state)
{
    char name[16];
    driven_topology *driven = driven_new();
    sf_stream *in = sf_builder_stream(driven->builder, "in", NULL);
    sf_record record;

    (void)state;
    sf_stream_to_computed(sf_stream_as(in, NULL, &sf_string_serde), topic_of_key, name,
                          &(sf_produced){.value = &sf_int64_serde});
    driven_start(driven, NULL);
    assert_ok(sf_test_driver_pipe(
        driven->driver, "in",
        &(sf_record){.key = sf_bytes_text("k"), .value = sf_bytes_of("\x02\0\0\0\0\0\0\0", 8)},
        err));

    assert_true(sf_test_driver_read(driven->driver, "k", &record));
    assert_memory_equal(record.value.data, "\0\0\0\0\0\0\0\x02", 8);
    driven_free(driven);
}

static void describe_shows_that_the_topic_is_computed(void **state)
{
    driven_topology *driven = driven_new();
    char name[16];
    char *text;

    (void)state;
    sf_stream_to_computed(sf_builder_stream(driven->builder, "in", NULL), topic_of_key, name, NULL);
    driven_start(driven, NULL);
    text = sf_topology_describe(driven->topology);

    assert_non_null(strstr(text, "Sink: KSTREAM-SINK-0000000001 (extractor class: computed)\n"
                                 "      <-- KSTREAM-SOURCE-0000000000\n"));
    free(text);
    driven_free(driven);
}

static void a_computed_topic_wants_a_function(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    sf_stream_to_computed(sf_builder_stream(driven->builder, "in", NULL), NULL, NULL, NULL);

    assert_string_equal(driven_build_error(driven), "sf_stream_to_computed wants a function");
    driven_free(driven);
}

/* What is written to standard output until _end; text is cut to the size. */
typedef struct captured_output {
    int saved;
    FILE *file;
} captured_output;

static captured_output capture_begin(void)
{
    captured_output captured;

    fflush(stdout);
    captured.saved = dup(STDOUT_FILENO);
    captured.file = tmpfile();
    assert_non_null(captured.file);
    assert_true(dup2(fileno(captured.file), STDOUT_FILENO) >= 0);
    return captured;
}

static void capture_end(captured_output *captured, char *text, size_t size)
{
    fflush(stdout);
    assert_true(dup2(captured->saved, STDOUT_FILENO) >= 0);
    close(captured->saved);
    rewind(captured->file);
    text[fread(text, 1, size - 1, captured->file)] = 0;
    fclose(captured->file);
}

static void print_writes_a_line_a_record(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *in = sf_builder_stream(
        driven->builder, "in", &(sf_consumed){.key = &sf_string_serde, .value = &sf_string_serde});
    sf_table *counts = sf_grouped_count(
        sf_grouped_windowed(sf_stream_group_by_key(in, NULL), (sf_window){.size_ms = 10}),
        "counts");
    captured_output captured;
    char text[256];

    (void)state;
    sf_stream_print(in, "in");
    sf_stream_print(sf_table_to_stream(counts), "counts");
    driven_start(driven, NULL);
    captured = capture_begin();
    driven_pipe(driven, "in", "k", "v", 12);
    driven_pipe(driven, "in", "k", NULL, 12);
    driven_pipe(driven, "in", NULL, "\x01", 12);
    capture_end(&captured, text, sizeof(text));

    assert_string_equal(text, "[in]: k, v\n"
                              "[counts]: [k@10/20], 1\n"
                              "[in]: k, null\n"
                              "[counts]: [k@10/20], 2\n"
                              "[in]: null, 0x01\n");
    driven_free(driven);
}

static void a_topic_may_be_written_with_serdes_of_its_own(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *numbers = sf_stream_as(sf_builder_stream(driven->builder, "in", NULL),
                                      &sf_int64_serde, &sf_int64_serde);
    sf_bytes two = sf_bytes_of("\x02\0\0\0\0\0\0\0", 8); /* in flight */
    sf_record record;

    (void)state;
    sf_stream_to_with(numbers, "as-it-is", NULL);
    sf_stream_to_with(numbers, "value", &(sf_produced){.value = &sf_bytes_serde});
    sf_stream_to_with(numbers, "key", &(sf_produced){.key = &sf_bytes_serde});
    driven_start(driven, NULL);
    assert_ok(
        sf_test_driver_pipe(driven->driver, "in", &(sf_record){.key = two, .value = two}, err));

    assert_true(sf_test_driver_read(driven->driver, "as-it-is", &record));
    assert_memory_equal(record.key.data, "\0\0\0\0\0\0\0\x02", 8);
    assert_memory_equal(record.value.data, "\0\0\0\0\0\0\0\x02", 8);
    assert_true(sf_test_driver_read(driven->driver, "value", &record));
    assert_memory_equal(record.key.data, "\0\0\0\0\0\0\0\x02", 8);
    assert_memory_equal(record.value.data, two.data, 8);
    assert_true(sf_test_driver_read(driven->driver, "key", &record));
    assert_memory_equal(record.key.data, two.data, 8);
    assert_memory_equal(record.value.data, "\0\0\0\0\0\0\0\x02", 8);
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_record_goes_to_the_topic_that_is_computed),
        cmocka_unit_test(windows_of_a_key_share_its_partition),
        cmocka_unit_test(a_computed_topic_has_serdes_of_its_own),
        cmocka_unit_test(describe_shows_that_the_topic_is_computed),
        cmocka_unit_test(a_computed_topic_wants_a_function),
        cmocka_unit_test(print_writes_a_line_a_record),
        cmocka_unit_test(a_topic_may_be_written_with_serdes_of_its_own),
    };

    return run_tests(tests);
}
