/* Global tables, and streams that meet them. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"

static sf_global_table *global(driven_topology *driven)
{
    return sf_builder_global_table(driven->builder, "rows", NULL,
                                   &(sf_materialized){.name = "kept"});
}

/* A stream that meets the table by the first letter of its values; "-" selects nothing. */
static sf_status first_letter_or_none(void *user, sf_arena *arena, const sf_record *in,
                                      sf_record *out, sf_error *err)
{
    sf_status status = driven_first_letter(user, arena, in, out, err);

    if (out->key.size && out->key.data[0] == '-')
        out->key = SF_NULL;
    return status;
}

static driven_topology *joined(bool is_left, const sf_test_driver_options *options)
{
    driven_topology *driven = driven_new();
    sf_stream *in = sf_builder_stream(driven->builder, "in", NULL);

    sf_stream_to((is_left ? sf_stream_left_join_global : sf_stream_join_global)(
                     in, global(driven), first_letter_or_none, driven_pair, NULL),
                 "out");
    driven_start(driven, options);
    return driven;
}

static void a_stream_meets_the_row_its_function_selects(void **state)
{
    driven_topology *driven = joined(false, NULL);

    (void)state;
    driven_pipe(driven, "rows", "a", "1", 50); /* without a time of its own */
    driven_pipe(driven, "in", "k", "ab", 5);
    driven_pipe(driven, "in", NULL, "ac", 6);
    driven_pipe(driven, "in", "k", "bb", 7);
    driven_pipe(driven, "rows", "a", "2", 8);
    driven_pipe(driven, "in", "k", "ad", 9);
    driven_pipe(driven, "rows", "a", NULL, 8);
    driven_pipe(driven, "in", "k", "ae", 9);

    assert_string_equal(driven_rows(driven, "out"), "k=ab|1@5 -=ac|1@6 k=ad|2@9");
    driven_free(driven);
}

static void an_inner_join_drops_what_selects_nothing(void **state)
{
    driven_topology *driven = joined(false, NULL);

    (void)state;
    driven_pipe(driven, "in", "k", "-", 1);
    driven_pipe(driven, "in", "k", NULL, 1);

    assert_string_equal(driven_rows(driven, "out"), "");
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 2);
    driven_free(driven);
}

static void a_left_join_goes_on_with_nothing(void **state)
{
    driven_topology *driven = joined(true, NULL);

    (void)state;
    driven_pipe(driven, "in", "k", "-", 1);
    driven_pipe(driven, "in", NULL, "-", 2);
    driven_pipe(driven, "in", "k", "ab", 3);
    driven_pipe(driven, "in", "k", NULL, 4);

    assert_string_equal(driven_rows(driven, "out"), "k=-|-@1 -=-|-@2 k=ab|-@3");
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 1);
    driven_free(driven);
}

static void every_task_sees_the_whole_table(void **state)
{
    driven_topology *driven = joined(false, &(sf_test_driver_options){.partitions = 4});
    const char *rows;

    (void)state;
    for (char letter = 'a'; letter <= 'h'; letter++)
        driven_pipe(driven, "rows", (char[]){letter, 0}, (char[]){letter, letter, 0}, 1);
    for (char key = '0'; key <= '9'; key++)
        for (char letter = 'a'; letter <= 'h'; letter++)
            driven_pipe(driven, "in", (char[]){key, 0}, (char[]){letter, 0}, 2);

    rows = driven_rows(driven, "out");
    for (char key = '0'; key <= '9'; key++)
        for (char letter = 'a'; letter <= 'h'; letter++) {
            char row[] = {key, '=', letter, '|', letter, letter, '@', '2', 0};

            assert_non_null(strstr(rows, row));
        }
    driven_free(driven);
}

static void a_table_comes_back_after_a_crash(void **state)
{
    static const sf_test_crash crashes[] = {SF_CRASH_KEEPS_STATE, SF_CRASH_LOSES_STATE};
    driven_topology *driven = joined(false, NULL);

    (void)state;
    driven_pipe(driven, "rows", "a", "1", 1);
    driven_pipe(driven, "rows", NULL, "1", 1);
    for (size_t i = 0; i < 2; i++) {
        assert_ok(sf_test_driver_restart(driven->driver, crashes[i], err));
        driven_pipe(driven, "in", "k", "ab", 5);
        driven_pipe(driven, "rows", "a", "2", 8);
        assert_string_equal(driven_row(driven, "kept", "a"), "2");
    }

    assert_string_equal(driven_rows(driven, "out"), "k=ab|1@5 k=ab|2@5");
    driven_free(driven);
}

static void a_table_in_memory_is_read_again_after_a_crash(void **state)
{
    driven_topology *driven = driven_new();
    sf_global_table *table = sf_builder_global_table(
        driven->builder, "rows", NULL, &(sf_materialized){.name = "kept", .in_memory = true});

    (void)state;
    sf_stream_to(sf_stream_join_global(sf_builder_stream(driven->builder, "in", NULL), table,
                                       driven_first_letter, driven_pair, NULL),
                 "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "rows", "a", "1", 1);
    assert_ok(sf_test_driver_restart(driven->driver, SF_CRASH_KEEPS_STATE, err));
    driven_pipe(driven, "in", "k", "ab", 5);

    assert_string_equal(driven_rows(driven, "out"), "k=ab|1@5");
    driven_free(driven);
}

/* Deserializes texts but for "bad". */
static sf_status read_good(const sf_serde *serde, sf_bytes wire, sf_arena *arena, sf_bytes *value,
                           sf_error *err)
{
    (void)serde;
    (void)arena;
    if (sf_bytes_equal(wire, sf_bytes_text("bad")))
        return sf_reject(err, "a bad one");
    *value = wire;
    return SF_OK;
}

static void bad_rows_go_by_policy(void **state)
{
    static const sf_serde good = {.name = "good", .deserialize = read_good};
    static const sf_on_error policies[] = {SF_ON_ERROR_SKIP, SF_ON_ERROR_DEAD_LETTER,
                                           SF_ON_ERROR_FAIL};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        driven_topology *driven = driven_new();
        sf_error err = {0};
        sf_status status;

        (void)sf_builder_global_table(driven->builder, "rows",
                                      &(sf_consumed){.value = &good, .on_error = policies[i]},
                                      &(sf_materialized){.name = "kept"});
        sf_stream_to(sf_builder_stream(driven->builder, "in", NULL), "out");
        driven_start(driven, NULL);
        driven_pipe(driven, "rows", "a", "1", 1);
        status = sf_test_driver_pipe_text(driven->driver, "rows", "a", "bad", 2, &err);
        if (policies[i] == SF_ON_ERROR_FAIL) {
            assert_int_equal(status, SF_STOP);
            assert_non_null(strstr(err.text, "rows/0 at offset 1: value: a bad one"));
        } else {
            assert_int_equal(status, SF_OK);
            driven_pipe(driven, "rows", "b", "2", 3);
            assert_string_equal(driven_row(driven, "kept", "b"), "2");
            assert_int_equal(sf_test_driver_counters(driven->driver).skipped, 1);
        }
        assert_string_equal(driven_row(driven, "kept", "a"), "1");
        driven_free(driven);
    }
}

static void an_output_topic_may_be_a_global_table(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *in = sf_builder_stream(driven->builder, "in", NULL);

    (void)state;
    sf_stream_to(
        sf_stream_left_join_global(in, global(driven), driven_first_letter, driven_pair, NULL),
        "out");
    sf_stream_to(in, "rows");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "a1", 1);
    driven_pipe(driven, "in", "a", "a2", 2);

    assert_string_equal(driven_rows(driven, "out"), "a=a1|-@1 a=a2|a1@2");
    driven_free(driven);
}

static void a_description_shows_it(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *in = sf_builder_stream(driven->builder, "in", NULL);
    char *text;

    (void)state;
    sf_stream_to(sf_stream_join_global(in, global(driven), driven_first_letter, driven_pair, NULL),
                 "out");
    driven_start(driven, NULL);
    text = sf_topology_describe(driven->topology);

    assert_non_null(strstr(text, "  Sub-topology: 1 for global store (will not generate tasks)\n"
                                 "    Source: KSTREAM-SOURCE-0000000001 (topics: [rows])\n"
                                 "      --> KTABLE-SOURCE-0000000002\n"
                                 "    Processor: KTABLE-SOURCE-0000000002 (stores: [kept])\n"
                                 "      --> none\n"
                                 "      <-- KSTREAM-SOURCE-0000000001\n"));
    free(text);
    driven_free(driven);
}

static void misuse(void (*build)(driven_topology *driven), const char *sentence)
{
    driven_topology *driven = driven_new();
    const char *error;

    sf_stream_to(sf_builder_stream(driven->builder, "in", NULL), "out");
    build(driven);
    error = driven_build_error(driven);
    if (!strstr(error, sentence))
        fail_msg("'%s' does not say '%s'", error, sentence);
    driven_free(driven);
}

static void without_name(driven_topology *driven)
{
    (void)sf_builder_global_table(driven->builder, "rows", NULL, NULL);
}

static void versioned(driven_topology *driven)
{
    (void)sf_builder_global_table(driven->builder, "rows", NULL,
                                  &(sf_materialized){.name = "kept", .history_ms = 5});
}

static void read_twice(driven_topology *driven)
{
    (void)sf_builder_global_table(driven->builder, "in", NULL, &(sf_materialized){.name = "kept"});
}

static void named_twice(driven_topology *driven)
{
    (void)sf_builder_table(driven->builder, "others", NULL, &(sf_materialized){.name = "kept"});
    (void)global(driven);
}

static void without_function(driven_topology *driven)
{
    (void)sf_stream_join_global(sf_builder_stream(driven->builder, "in", NULL), global(driven),
                                NULL, driven_pair, NULL);
}

static void misuses_are_sentences(void **state)
{
    (void)state;
    misuse(without_name, "sf_builder_global_table wants an sf_materialized with a name");
    misuse(versioned, "the global table 'kept' cannot be versioned");
    misuse(read_twice, "the topic 'in' is read twice");
    misuse(named_twice, "two stores are called 'kept'");
    misuse(without_function, "sf_stream_join_global wants a function that selects the key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_meets_the_row_its_function_selects),
        cmocka_unit_test(an_inner_join_drops_what_selects_nothing),
        cmocka_unit_test(a_left_join_goes_on_with_nothing),
        cmocka_unit_test(every_task_sees_the_whole_table),
        cmocka_unit_test(a_table_comes_back_after_a_crash),
        cmocka_unit_test(a_table_in_memory_is_read_again_after_a_crash),
        cmocka_unit_test(bad_rows_go_by_policy),
        cmocka_unit_test(an_output_topic_may_be_a_global_table),
        cmocka_unit_test(a_description_shows_it),
        cmocka_unit_test(misuses_are_sentences),
    };

    return run_tests(tests);
}
