/* The example of the documentation: lines become words, words become counts. */
#include <stdlib.h>
#include <string.h>

#include <stateful/stateful.h>

#include "check.h"

static sf_status split_words(void *user, sf_context *context, const sf_record *in, sf_error *err)
{
    const uint8_t *at = in->value.data, *end = at + in->value.size;
    sf_status status = SF_OK;

    (void)user;
    while (at < end && !status) {
        const uint8_t *space = memchr(at, ' ', (size_t)(end - at));
        const uint8_t *stop = space ? space : end;
        sf_record word = *in;

        word.key = word.value = sf_bytes_of(at, (size_t)(stop - at));
        status = sf_context_forward(context, &word, err);
        at = stop + 1;
    }
    return status;
}

static sf_topology *word_count(void)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *lines =
        sf_builder_stream(builder, "lines", &(sf_consumed){.value = &sf_string_serde});
    sf_stream *words = sf_stream_flat_map(lines, split_words, NULL);
    sf_table *counts = sf_grouped_count(sf_stream_group_by_key(words, "by-word"), "word-counts");
    sf_topology *topology = NULL;

    sf_stream_to(sf_table_to_stream(counts), "word-counts-out");
    assert_ok(sf_builder_build(builder, &topology, err));
    sf_builder_free(builder);
    return topology;
}

static int64_t count_of(sf_test_driver *driver, const char *word)
{
    sf_stored stored;

    assert_ok(sf_key_value_store_get(sf_test_driver_key_value_store(driver, "word-counts", 0),
                                     sf_bytes_text(word), &stored, err));
    if (sf_bytes_is_null(stored.value))
        return 0;
    assert_int_equal(stored.value.size, 8);
    return stored.value.data[7];
}

static void words_are_counted_over_lines(void **state)
{
    sf_topology *topology = word_count();
    sf_test_driver *driver = NULL;
    sf_record out;

    (void)state;
    assert_ok(sf_test_driver_new(topology, NULL, &driver, err));
    assert_ok(sf_test_driver_pipe_text(driver, "lines", NULL, "hello kafka hello", 5, err));
    assert_ok(sf_test_driver_pipe_text(driver, "lines", NULL, "hello", 3, err));

    assert_int_equal(count_of(driver, "hello"), 3);
    assert_int_equal(count_of(driver, "kafka"), 1);
    assert_int_equal(count_of(driver, "none"), 0);
    assert_int_equal(sf_test_driver_produced(driver, "by-word-repartition"), 4);
    assert_int_equal(sf_test_driver_produced(driver, "word-counts-changelog"), 4);
    assert_true(sf_test_driver_read(driver, "word-counts-out", &out));
    assert_bytes(out.key, "hello");
    assert_int_equal(out.value.data[7], 1);
    assert_int_equal(out.timestamp, 5);
    assert_true(sf_test_driver_read(driver, "word-counts-out", &out));
    assert_bytes(out.key, "kafka");
    assert_int_equal(sf_test_driver_unread(driver, "word-counts-out"), 2);
    sf_test_driver_free(driver);
    sf_topology_free(topology);
}

static void the_picture_is_that_of_kafka_streams(void **state)
{
    sf_topology *topology = word_count();
    char *text = sf_topology_describe(topology);

    (void)state;
    assert_string_equal(text,
                        "Topologies:\n"
                        "   Sub-topology: 0\n"
                        "    Source: KSTREAM-SOURCE-0000000000 (topics: [lines])\n"
                        "      --> KSTREAM-FLATMAP-0000000001\n"
                        "    Processor: KSTREAM-FLATMAP-0000000001 (stores: [])\n"
                        "      --> by-word-repartition-filter\n"
                        "      <-- KSTREAM-SOURCE-0000000000\n"
                        "    Processor: by-word-repartition-filter (stores: [])\n"
                        "      --> by-word-repartition-sink\n"
                        "      <-- KSTREAM-FLATMAP-0000000001\n"
                        "    Sink: by-word-repartition-sink (topic: by-word-repartition)\n"
                        "      <-- by-word-repartition-filter\n"
                        "\n"
                        "  Sub-topology: 1\n"
                        "    Source: by-word-repartition-source (topics: [by-word-repartition])\n"
                        "      --> KSTREAM-AGGREGATE-0000000002\n"
                        "    Processor: KSTREAM-AGGREGATE-0000000002 (stores: [word-counts])\n"
                        "      --> KTABLE-TOSTREAM-0000000006\n"
                        "      <-- by-word-repartition-source\n"
                        "    Processor: KTABLE-TOSTREAM-0000000006 (stores: [])\n"
                        "      --> KSTREAM-SINK-0000000007\n"
                        "      <-- KSTREAM-AGGREGATE-0000000002\n"
                        "    Sink: KSTREAM-SINK-0000000007 (topic: word-counts-out)\n"
                        "      <-- KTABLE-TOSTREAM-0000000006\n"
                        "\n");
    free(text);
    sf_topology_free(topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_counted_over_lines),
        cmocka_unit_test(the_picture_is_that_of_kafka_streams),
    };

    return run_tests(tests);
}
