#include "outbox_marks.h"

#include <stdio.h>

#include "check.h"
#include "outbox_statements.h"

enum { ROWS = 6 };

/* Three rows of the outbox: 11 and 12, 13 to 15, 16; nothing became of them yet. */
static outbox_row rows[ROWS];
static outbox_entry entries[] = {{12, 2, 0, 2}, {15, 3, 2, 3}, {16, 1, 5, 1}};
static const outbox_batch batch = {
    .rows = rows, .count = ROWS, .entries = entries, .entry_count = 3};
static outbox_marks marks;

static int set_up(void **state)
{
    (void)state;
    for (int i = 0; i < ROWS; i++)
        rows[i] = (outbox_row){
            .id = 11 + i,
            .event = {.aggregate_type = "order", .aggregate_id = 100 + i},
            .partition = i,
            .offset = 1000 + i,
        };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    outbox_marks_done(&marks);
    return 0;
}

static void become(size_t row, outbox_state state)
{
    rows[row].state = state;
    if (state == OUTBOX_FAILED)
        snprintf(rows[row].failure, sizeof(rows[row].failure), "too \"large\"");
}

static void assert_call(size_t number, size_t statement, const char *const *values, int count)
{
    assert_true(number < marks.count);
    assert_int_equal(marks.calls[number].statement, statement);
    assert_int_equal(marks.calls[number].value_count, count);
    for (int i = 0; i < count; i++)
        assert_string_equal(marks.calls[number].values[i], values[i]);
}

/* ---- */

static void nothing_is_noted_of_what_is_pending(void **state)
{
    (void)state;
    outbox_marks_make(&marks, &batch);

    assert_int_equal(marks.count, 0);
}

static void what_is_published_is_taken_off_and_its_places_are_noted(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        become(i, OUTBOX_PUBLISHED);

    outbox_marks_make(&marks, &batch);

    assert_int_equal(marks.count, 2);
    assert_call(0, OUTBOX_TAKE_OFF, (const char *[]){"{12,15,16}", "{2,3,1}"}, 2);
    assert_call(
        1, OUTBOX_NOTE,
        (const char *[]){"{11,12,13,14,15,16}", "{0,1,2,3,4,5}", "{1000,1001,1002,1003,1004,1005}"},
        3);
}

static void a_row_that_is_settled_in_part_keeps_the_rest(void **state)
{
    (void)state;
    become(1, OUTBOX_PUBLISHED);
    become(3, OUTBOX_PUBLISHED);
    become(5, OUTBOX_PUBLISHED);

    outbox_marks_make(&marks, &batch);

    assert_int_equal(marks.count, 3);
    assert_call(0, OUTBOX_TAKE_OFF, (const char *[]){"{16}", "{1}"}, 2);
    assert_call(1, OUTBOX_KEEP, (const char *[]){"{12,15,15}", "{2,3,3}", "{11,13,15}"}, 3);
    assert_call(2, OUTBOX_NOTE, (const char *[]){"{12,14,16}", "{1,3,5}", "{1001,1003,1005}"}, 3);
}

static void what_fails_is_stopped_with_its_reason_and_what_is_held_without(void **state)
{
    (void)state;
    become(0, OUTBOX_FAILED);
    become(1, OUTBOX_HELD);

    outbox_marks_make(&marks, &batch);

    assert_int_equal(marks.count, 2);
    assert_call(0, OUTBOX_TAKE_OFF, (const char *[]){"{12}", "{2}"}, 2);
    assert_call(1, OUTBOX_STOP,
                (const char *[]){"{11,12}", "{\"order\",\"order\"}", "{100,101}",
                                 "{\"too \\\"large\\\"\",NULL}"},
                4);
}

static void a_row_whose_events_are_gone_is_taken_off_by_the_number_it_names(void **state)
{
    (void)state;
    entries[2].events = 7;
    become(5, OUTBOX_GONE);

    outbox_marks_make(&marks, &batch);
    entries[2].events = 1;

    assert_int_equal(marks.count, 1);
    assert_call(0, OUTBOX_TAKE_OFF, (const char *[]){"{16}", "{7}"}, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_noted_of_what_is_pending, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_published_is_taken_off_and_its_places_are_noted,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_row_that_is_settled_in_part_keeps_the_rest, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            what_fails_is_stopped_with_its_reason_and_what_is_held_without, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_row_whose_events_are_gone_is_taken_off_by_the_number_it_names, set_up, tear_down),
    };

    return run_tests(tests);
}
