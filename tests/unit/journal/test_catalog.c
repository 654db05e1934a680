#include "journal/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "journal/fact.h"

static void apply(sf_catalog *catalog, const sf_buffer *facts)
{
    assert_ok(sf_catalog_apply(catalog, &(sf_frame){.facts = sf_buffer_bytes(facts)}, err));
}

static void apply_fact(sf_catalog *catalog, sf_fact fact)
{
    sf_buffer facts = SF_BUFFER_EMPTY;

    sf_fact_add(&facts, &fact);
    apply(catalog, &facts);
    sf_buffer_done(&facts);
}

static void make_topic(sf_catalog *catalog, const char *name, int partitions)
{
    apply_fact(catalog, (sf_fact){.kind = SF_FACT_TOPIC,
                                  .topic = sf_catalog_free_topic_id(catalog),
                                  .number = partitions,
                                  .name = sf_bytes_text(name),
                                  .text = sf_bytes_of("cleanup.policy\0compact", 23)});
}

static void commit(sf_catalog *catalog, const char *group, uint32_t topic, int64_t offset,
                   const char *metadata)
{
    apply_fact(catalog, (sf_fact){.kind = SF_FACT_GROUP_OFFSET,
                                  .name = sf_bytes_text(group),
                                  .topic = topic,
                                  .number = offset,
                                  .text = sf_bytes_text(metadata)});
}

/* Three topics, one of them gone; records, a low mark, two groups, two producers. */
static sf_catalog *full_catalog(void)
{
    sf_catalog *catalog = sf_catalog_new();
    uint8_t blocks[SF_BLOCK_HEADER_SIZE];

    make_topic(catalog, "kept", 2);
    make_topic(catalog, "gone", 1);
    make_topic(catalog, "other", 300);
    commit(catalog, "g", 0, 7, "m");
    commit(catalog, "g", 1, 8, NULL);
    commit(catalog, "h", 0, 9, NULL);
    apply_fact(catalog, (sf_fact){.kind = SF_FACT_TOPIC_DELETED, .topic = 1});
    apply_fact(catalog, (sf_fact){.kind = SF_FACT_EPOCH, .name = sf_bytes_text("id"), .number = 3});
    sf_block_put(&(sf_block){.partition = 1, .next_offset = 20, .max_timestamp = 50, .count = 4},
                 blocks);
    assert_ok(sf_catalog_apply(catalog, &(sf_frame){.blocks = blocks, .block_count = 1}, err));
    apply_fact(catalog, (sf_fact){.kind = SF_FACT_LOW, .partition = 1, .number = 5});
    return catalog;
}

static void check_full(const sf_catalog *catalog)
{
    const sf_journal_topic *kept = sf_catalog_topic(catalog, "kept");
    const char *metadata;
    uint32_t index = 0;

    assert_non_null(kept);
    assert_int_equal(kept->partition_count, 2);
    assert_memory_equal(kept->configs, "cleanup.policy\0compact", 23);
    assert_int_equal(kept->partitions[1].next, 20);
    assert_int_equal(kept->partitions[1].low, 5);
    assert_int_equal(kept->partitions[1].max_timestamp, 50);
    assert_int_equal(kept->partitions[0].next, 0);
    assert_true(kept->partitions[0].max_timestamp == INT64_MIN);
    assert_null(sf_catalog_topic(catalog, "gone"));
    assert_ptr_equal(sf_catalog_next_topic(catalog, &index), kept);
    assert_string_equal(sf_catalog_next_topic(catalog, &index)->name, "other");
    assert_null(sf_catalog_next_topic(catalog, &index));
    assert_int_equal(sf_catalog_free_topic_id(catalog), 3);
    assert_int_equal(sf_catalog_group_offset(catalog, "g", kept, 0, &metadata), 7);
    assert_string_equal(metadata, "m");
    assert_int_equal(sf_catalog_group_offset(catalog, "h", kept, 0, &metadata), 9);
    assert_null(metadata);
    assert_int_equal(sf_catalog_group_offset(catalog, "h", kept, 1, &metadata), SF_OFFSET_NONE);
    assert_int_equal(sf_catalog_group_offset(catalog, "i", kept, 0, &metadata), SF_OFFSET_NONE);
    assert_int_equal(sf_catalog_epoch(catalog, "id"), 3);
    assert_int_equal(sf_catalog_epoch(catalog, "none"), 0);
}

static void snapshot_says_all_that_the_catalog_knows(void **state)
{
    sf_catalog *catalog = full_catalog();
    sf_catalog *copy = sf_catalog_new();
    sf_buffer facts = SF_BUFFER_EMPTY;

    (void)state;
    check_full(catalog);
    sf_catalog_snapshot(catalog, &facts);
    apply(copy, &facts);
    check_full(copy);
    sf_buffer_done(&facts);
    sf_catalog_free(copy);
    sf_catalog_free(catalog);
}

static void topic_made_anew_has_nothing_of_the_old_one(void **state)
{
    sf_catalog *catalog = full_catalog();
    const char *metadata;

    (void)state;
    make_topic(catalog, "gone", 4);
    assert_int_equal(sf_catalog_topic(catalog, "gone")->partition_count, 4);
    assert_int_equal(
        sf_catalog_group_offset(catalog, "g", sf_catalog_topic(catalog, "gone"), 0, &metadata),
        SF_OFFSET_NONE);
    sf_catalog_free(catalog);
}

static void low_mark_only_rises(void **state)
{
    sf_catalog *catalog = full_catalog();

    (void)state;
    apply_fact(catalog, (sf_fact){.kind = SF_FACT_LOW, .partition = 1, .number = 2});
    assert_int_equal(sf_catalog_topic(catalog, "kept")->partitions[1].low, 5);
    sf_catalog_free(catalog);
}

static void what_belongs_to_unknown_topics_is_passed_over(void **state)
{
    sf_catalog *catalog = full_catalog();

    (void)state;
    commit(catalog, "g", 77, 1, NULL);
    apply_fact(catalog, (sf_fact){.kind = SF_FACT_LOW, .topic = 77, .number = 2});
    apply_fact(catalog, (sf_fact){.kind = SF_FACT_TOPIC_DELETED, .topic = 77});
    apply_fact(catalog, (sf_fact){.kind = (sf_fact_kind)99}); /* of a later program */
    check_full(catalog);
    sf_catalog_free(catalog);
}

static void nonsense_is_an_error_and_nothing_worse(void **state)
{
    sf_catalog *catalog = full_catalog();
    sf_buffer facts = SF_BUFFER_EMPTY;
    sf_random random;

    (void)state;
    sf_random_init(&random, 9);
    sf_catalog_snapshot(catalog, &facts);
    for (int i = 0; i < 3000; i++) {
        sf_catalog *other = sf_catalog_new();
        uint8_t *byte = &facts.data[sf_random_below(&random, facts.size)];
        uint8_t before = *byte;
        uint8_t *copy;

        *byte = (uint8_t)sf_random_next(&random);
        copy = sf_memory_copy(facts.data, facts.size);
        (void)sf_catalog_apply(other, &(sf_frame){.facts = sf_bytes_of(copy, facts.size)}, NULL);
        free(copy);
        *byte = before;
        sf_catalog_free(other);
    }
    sf_buffer_done(&facts);
    sf_catalog_free(catalog);
}

static void settings_that_are_not_pairs_of_texts_are_an_error(void **state)
{
    static const struct {
        const char *configs;
        size_t size;
    } wrong[] = {{"cleanup.policy", 14}, {"cleanup.policy", 15}, {"a\0b\0c", 5}, {"a\0b\0c", 6}};

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(wrong); i++) {
        sf_catalog *catalog = sf_catalog_new();
        sf_buffer facts = SF_BUFFER_EMPTY;
        sf_error error = {0};

        sf_fact_add(&facts, &(sf_fact){.kind = SF_FACT_TOPIC,
                                       .number = 1,
                                       .name = sf_bytes_text("t"),
                                       .text = sf_bytes_of(wrong[i].configs, wrong[i].size)});
        assert_int_equal(
            sf_catalog_apply(catalog, &(sf_frame){.facts = sf_buffer_bytes(&facts)}, &error),
            SF_STOP);
        assert_int_equal(error.code, SF_CORRUPT);
        sf_buffer_done(&facts);
        sf_catalog_free(catalog);
    }
}

static void cut_facts_are_an_error(void **state)
{
    sf_buffer facts = SF_BUFFER_EMPTY;
    sf_catalog *catalog = sf_catalog_new();

    (void)state;
    sf_fact_add(&facts,
                &(sf_fact){.kind = SF_FACT_EPOCH, .name = sf_bytes_text("id"), .number = 1});
    for (size_t size = 1; size < facts.size; size++) {
        sf_error error = {0};
        uint8_t *copy = sf_memory_copy(facts.data, size);

        assert_int_equal(
            sf_catalog_apply(catalog, &(sf_frame){.facts = sf_bytes_of(copy, size)}, &error),
            SF_STOP);
        assert_int_equal(error.code, SF_CORRUPT);
        free(copy);
    }
    sf_buffer_done(&facts);
    sf_catalog_free(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshot_says_all_that_the_catalog_knows),
        cmocka_unit_test(topic_made_anew_has_nothing_of_the_old_one),
        cmocka_unit_test(low_mark_only_rises),
        cmocka_unit_test(what_belongs_to_unknown_topics_is_passed_over),
        cmocka_unit_test(nonsense_is_an_error_and_nothing_worse),
        cmocka_unit_test(settings_that_are_not_pairs_of_texts_are_an_error),
        cmocka_unit_test(cut_facts_are_an_error),
    };

    return run_tests(tests);
}
