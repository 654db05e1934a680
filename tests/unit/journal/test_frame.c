#include "journal/frame.h"

#include <stdlib.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "check.h"

/* A frame of two blocks and facts that stands at position. */
static void build(sf_buffer *bytes, int64_t position)
{
    sf_block blocks[] = {{.topic = 1, .count = 1, .size_bytes = 5},
                         {.topic = 2, .count = 1, .size_bytes = 3}};
    sf_bytes records[] = {sf_bytes_text("first"), sf_bytes_text("2nd")};
    sf_frame_draft draft = {.blocks = blocks,
                            .records = records,
                            .block_count = 2,
                            .facts = sf_bytes_text("facts"),
                            .flags = SF_FRAME_IS_LAST};

    sf_frame_draft_seal(&draft);
    sf_frame_draft_head(&draft, (sf_frame_mark){position, position - 7, 1234}, bytes);
    sf_buffer_add_bytes(bytes, records[0]);
    sf_buffer_add_bytes(bytes, records[1]);
    assert_int_equal(bytes->size, draft.size_bytes);
}

static void frame_comes_back_whole(void **state)
{
    sf_buffer bytes = SF_BUFFER_EMPTY;
    sf_frame frame;

    (void)state;
    build(&bytes, 1000);
    assert_int_equal(sf_frame_read(sf_buffer_bytes(&bytes), 1000, &frame), SF_FRAME_WHOLE);

    assert_int_equal(frame.mark.position, 1000);
    assert_int_equal(frame.mark.synced, 993);
    assert_int_equal(frame.mark.time_ms, 1234);
    assert_int_equal(frame.flags, SF_FRAME_IS_LAST);
    assert_int_equal(frame.size_bytes, bytes.size);
    assert_int_equal(frame.block_count, 2);
    assert_int_equal(sf_block_get(frame.blocks + SF_BLOCK_HEADER_SIZE).topic, 2);
    assert_bytes(frame.facts, "facts");
    assert_memory_equal(frame.records, "first2nd", 8);
    sf_buffer_done(&bytes);
}

static void frame_cut_anywhere_is_short(void **state)
{
    sf_buffer bytes = SF_BUFFER_EMPTY;
    sf_frame frame;

    (void)state;
    build(&bytes, 1000);
    for (size_t size = 0; size < bytes.size; size++) {
        uint8_t *cut = sf_memory_copy(bytes.data, size);

        assert_int_equal(sf_frame_read(sf_bytes_of(cut, size), 1000, &frame), SF_FRAME_SHORT);
        assert_int_equal(sf_frame_wanted_bytes(sf_bytes_of(cut, size), 1000),
                         size < SF_FRAME_HEADER_SIZE ? SF_FRAME_HEADER_SIZE : bytes.size);
        free(cut);
    }
    sf_buffer_done(&bytes);
}

static void frame_with_any_bit_turned_is_not_whole(void **state)
{
    sf_buffer bytes = SF_BUFFER_EMPTY;
    sf_frame frame;

    (void)state;
    build(&bytes, 1000);
    for (size_t bit = 0; bit < 8 * bytes.size; bit++) {
        bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(sf_frame_read(sf_buffer_bytes(&bytes), 1000, &frame), SF_FRAME_WHOLE);
        bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    sf_buffer_done(&bytes);
}

static void frame_of_another_place_is_bad(void **state)
{
    sf_buffer bytes = SF_BUFFER_EMPTY;
    sf_frame frame;

    (void)state;
    build(&bytes, 1000);
    assert_int_equal(sf_frame_read(sf_buffer_bytes(&bytes), 1001, &frame), SF_FRAME_BAD);
    sf_buffer_done(&bytes);
}

static void zeros_are_no_frame(void **state)
{
    static const uint8_t zeros[200];
    sf_frame frame;

    (void)state;
    assert_int_equal(sf_frame_read(sf_bytes_of(zeros, sizeof(zeros)), 0, &frame), SF_FRAME_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_comes_back_whole),
        cmocka_unit_test(frame_cut_anywhere_is_short),
        cmocka_unit_test(frame_with_any_bit_turned_is_not_whole),
        cmocka_unit_test(frame_of_another_place_is_bad),
        cmocka_unit_test(zeros_are_no_frame),
    };

    return run_tests(tests);
}
