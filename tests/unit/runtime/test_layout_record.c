#include "runtime/layout_record.h"

#include <string.h>

#include "check.h"
#include "support/sums_app.h"

static sf_layout_record record_of(const sf_topology *topology, int32_t partitions)
{
    sf_layout_record record = {.incarnation = 7};
    int32_t counts[16];

    for (int i = 0; i < 16; i++)
        counts[i] = partitions;
    sf_layout_record_adopt(&record, topology, counts);
    return record;
}

static void it_is_read_as_it_was_printed(void **test)
{
    sf_topology *topology = digit_sums_topology("in", "out");
    sf_layout_record record = record_of(topology, 3);
    sf_layout_record again = {0};
    sf_buffer text = SF_BUFFER_EMPTY, text_again = SF_BUFFER_EMPTY;

    (void)test;
    sf_layout_record_print(&record, &text);
    assert_ok(sf_layout_record_read(&again, sf_buffer_bytes(&text), err));
    sf_layout_record_print(&again, &text_again);
    assert_string_equal(sf_buffer_text(&text), sf_buffer_text(&text_again));
    assert_int_equal(again.task_count, 6);
    assert_false(sf_layout_record_differs(&again, topology, NULL));
    sf_buffer_done(&text);
    sf_buffer_done(&text_again);
    sf_layout_record_done(&record);
    sf_layout_record_done(&again);
    sf_topology_free(topology);
}

static void what_is_new_and_what_is_gone_is_said(void **test)
{
    sf_topology *before = sums_topology("in", "out");
    sf_topology *after = digit_sums_topology("other", "out");
    sf_layout_record record = record_of(before, 2);
    sf_buffer what = SF_BUFFER_EMPTY;

    (void)test;
    assert_true(sf_layout_record_differs(&record, after, &what));
    assert_string_equal(sf_buffer_text(&what),
                        "it now keeps digit-sums; it no longer keeps sums; it now reads "
                        "other, by-digit-repartition; it no longer reads in");
    sf_buffer_done(&what);
    sf_layout_record_done(&record);
    sf_topology_free(before);
    sf_topology_free(after);
}

static void a_part_that_is_gone_is_a_change_too(void **test)
{
    sf_topology *before = digit_sums_topology("in", "out");
    sf_topology *after = sums_topology("in", "out");
    sf_layout_record record = record_of(before, 2);
    int32_t counts[] = {2, 2, 2, 2};

    (void)test;
    assert_ok(sf_layout_record_match(&record, after, counts, err));
    sf_layout_record_adopt(&record, after, counts);
    assert_false(sf_layout_record_differs(&record, after, NULL));
    assert_true(sf_layout_record_differs(&record, before, NULL));
    assert_int_equal(record.task_count, 4 + 2); /* four of which nobody runs */
    sf_layout_record_done(&record);
    sf_topology_free(before);
    sf_topology_free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_read_as_it_was_printed),
        cmocka_unit_test(what_is_new_and_what_is_gone_is_said),
        cmocka_unit_test(a_part_that_is_gone_is_a_change_too),
    };

    return run_tests(tests);
}
