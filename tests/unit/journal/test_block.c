#include "journal/block.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "check.h"

static sf_block block_of(const sf_block_draft *draft, int64_t base_offset)
{
    return (sf_block){.base_offset = base_offset,
                      .next_offset = base_offset + draft->span,
                      .base_timestamp = draft->base_timestamp,
                      .max_timestamp = draft->max_timestamp,
                      .count = draft->count,
                      .size_bytes = (uint32_t)draft->records.size};
}

static void records_come_back_with_offsets_and_times(void **state)
{
    static const int64_t times[] = {1700000000000, 0, INT64_MAX, INT64_MIN, -1};
    static const uint32_t skipped[] = {2, 0, 300, 0, 1};
    static const int64_t offsets[] = {12, 13, 314, 315, 317};
    sf_block_draft draft = {0};
    sf_consumed_record record;
    sf_block_iterator at;
    sf_arena *headers = NULL;
    sf_block block;

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(times); i++)
        assert_int_equal(
            sf_block_draft_add(&draft, &(sf_record){.timestamp = times[i]}, skipped[i]),
            offsets[i] - 10);
    assert_true(draft.max_timestamp == INT64_MAX);
    block = block_of(&draft, 10);
    at = sf_block_records(&block, draft.records.data);
    for (size_t i = 0; i < SF_ARRAY_LENGTH(times); i++) {
        assert_int_equal(at.left, SF_ARRAY_LENGTH(times) - i);
        assert_true(sf_block_next(&at, &record, &headers));
        assert_int_equal(record.offset, offsets[i]);
        assert_true(record.record.timestamp == times[i]);
        assert_true(sf_bytes_is_null(record.record.key));
    }
    assert_null(headers);
    assert_ptr_equal(at.at, at.end);
    sf_block_draft_done(&draft);
}

static void record_behind_its_block_makes_no_sense(void **state)
{
    static const struct {
        int64_t base, next;
        bool is_within;
    } cases[] = {
        {10, 13, true},
        {10, 12, false},
        {INT64_MAX - 3, INT64_MAX, true},
        {INT64_MAX - 1, INT64_MAX, false},
        {INT64_MAX, INT64_MIN, false},
        {-1, 5, false},
        {INT64_MIN, INT64_MAX, false},
    };
    sf_block_draft draft = {0};

    (void)state;
    (void)sf_block_draft_add(&draft, &(sf_record){0}, 2);
    for (size_t i = 0; i < SF_ARRAY_LENGTH(cases); i++) {
        sf_block block = block_of(&draft, 0);
        sf_consumed_record record;
        sf_block_iterator at;
        sf_arena *headers = NULL;

        block.base_offset = cases[i].base;
        block.next_offset = cases[i].next;
        at = sf_block_records(&block, draft.records.data);
        assert_int_equal(sf_block_next(&at, &record, &headers), cases[i].is_within);
        if (cases[i].is_within)
            assert_true(record.offset == cases[i].base + 2);
    }
    sf_block_draft_done(&draft);
}

static void header_of_a_block_comes_back(void **state)
{
    sf_block block = {7, 3, 1ll << 40, (1ll << 40) + 5, -1, INT64_MAX, 5, 1000};
    uint8_t bytes[SF_BLOCK_HEADER_SIZE];
    sf_block back;

    (void)state;
    sf_block_put(&block, bytes);
    back = sf_block_get(bytes);
    assert_memory_equal(&back, &block, sizeof(block));
}

static void cleared_draft_begins_anew(void **state)
{
    sf_block_draft draft = {0};

    (void)state;
    (void)sf_block_draft_add(&draft, &(sf_record){.timestamp = 5}, 3);
    sf_block_draft_clear(&draft);

    assert_int_equal(sf_block_draft_add(&draft, &(sf_record){.timestamp = 2}, 0), 0);
    assert_int_equal(draft.count, 1);
    assert_int_equal(draft.max_timestamp, 2);
    sf_block_draft_done(&draft);
}

static void fill(sf_block_draft *draft)
{
    const sf_header items[] = {{"name", sf_bytes_text("value")}, {"", SF_NULL}};

    for (int i = 0; i < 5; i++)
        (void)sf_block_draft_add(
            draft,
            &(sf_record){sf_bytes_text("key"), sf_bytes_text("value"), i, {items, (size_t)i % 3}},
            0);
}

/* Reads records from bytes of just that size, so that a step too far is seen; how many. */
static uint32_t read_all(const uint8_t *bytes, size_t size, uint32_t count)
{
    uint8_t *copy = sf_memory_copy(bytes, size);
    sf_block block = {.next_offset = INT64_MAX, .count = count, .size_bytes = (uint32_t)size};
    sf_block_iterator at = sf_block_records(&block, copy);
    sf_consumed_record record;
    sf_arena *headers = NULL;
    uint32_t read = 0;

    while (at.left && sf_block_next(&at, &record, &headers)) {
        for (size_t i = 0; i < record.record.headers.count; i++)
            assert_true(strlen(record.record.headers.items[i].name) < size);
        read++;
    }
    sf_arena_free(headers);
    free(copy);
    return read;
}

static void cut_blocks_are_refused(void **state)
{
    sf_block_draft draft = {0};

    (void)state;
    fill(&draft);
    assert_int_equal(read_all(draft.records.data, draft.records.size, 5), 5);
    for (size_t size = 0; size < draft.records.size; size++)
        assert_true(read_all(draft.records.data, size, 5) < 5);
    assert_int_equal(read_all(draft.records.data, draft.records.size, 6), 5);
    sf_block_draft_done(&draft);
}

static void damaged_blocks_never_lead_out_of_their_bytes(void **state)
{
    sf_block_draft draft = {0};
    sf_random random;

    (void)state;
    sf_random_init(&random, 5);
    fill(&draft);
    for (int i = 0; i < 20000; i++) {
        uint8_t *byte = &draft.records.data[sf_random_below(&random, draft.records.size)];
        uint8_t before = *byte;

        *byte = (uint8_t)sf_random_next(&random);
        assert_true(read_all(draft.records.data, draft.records.size, 5) <= 5);
        if (i % 4)
            *byte = before; /* some of the damage stays */
    }
    sf_block_draft_done(&draft);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_back_with_offsets_and_times),
        cmocka_unit_test(record_behind_its_block_makes_no_sense),
        cmocka_unit_test(header_of_a_block_comes_back),
        cmocka_unit_test(cleared_draft_begins_anew),
        cmocka_unit_test(cut_blocks_are_refused),
        cmocka_unit_test(damaged_blocks_never_lead_out_of_their_bytes),
    };

    return run_tests(tests);
}
