#include "domain/order_status.h"

#include "base/memory.h"
#include "check.h"

static void steps_forward_may_be_skipped_but_not_taken_back(void **state)
{
    (void)state;
    for (int from = ORDER_CREATED; from <= ORDER_COMPLETED; from++)
        for (int to = ORDER_CREATED; to <= ORDER_COMPLETED; to++)
            assert_int_equal(order_status_may_become((order_status)from, (order_status)to),
                             from < to);
}

/* Rows: from; columns: CANCELLED, FAILED, RETURNED, REFUNDED. */
static void ways_out_depend_on_how_far_the_order_is(void **state)
{
    static const bool may[ORDER_STATUS_COUNT][4] = {
        [ORDER_CREATED] = {true, true, false, false},
        [ORDER_CONFIRMED] = {true, true, false, false},
        [ORDER_PAID] = {true, true, false, true},
        [ORDER_PROCESSING] = {true, true, false, true},
        [ORDER_SHIPPED] = {false, false, true, true},
        [ORDER_DELIVERED] = {false, false, true, true},
        [ORDER_COMPLETED] = {false, false, true, true},
        [ORDER_RETURNED] = {false, false, false, true},
    };
    static const order_status out[] = {ORDER_CANCELLED, ORDER_FAILED, ORDER_RETURNED,
                                       ORDER_REFUNDED};

    (void)state;
    for (int from = 0; from < ORDER_STATUS_COUNT; from++)
        for (size_t i = 0; i < SF_ARRAY_LENGTH(out); i++)
            assert_int_equal(order_status_may_become((order_status)from, out[i]), may[from][i]);
}

static void from_a_way_out_nothing_leads_back(void **state)
{
    (void)state;
    for (int from = ORDER_CANCELLED; from <= ORDER_REFUNDED; from++)
        for (int to = ORDER_CREATED; to <= ORDER_COMPLETED; to++)
            assert_false(order_status_may_become((order_status)from, (order_status)to));
}

static void staying_is_no_step(void **state)
{
    (void)state;
    for (int i = 0; i < ORDER_STATUS_COUNT; i++)
        assert_false(order_status_may_become((order_status)i, (order_status)i));
}

static void names_are_read_in_any_case(void **state)
{
    order_status status;

    (void)state;
    for (int i = 0; i < ORDER_STATUS_COUNT; i++) {
        assert_true(order_status_parse(sf_bytes_text(order_status_name((order_status)i)), &status));
        assert_int_equal(status, i);
    }
    assert_true(order_status_parse(sf_bytes_text("shipped"), &status));
    assert_int_equal(status, ORDER_SHIPPED);
}

static void other_words_are_no_status(void **state)
{
    order_status status = ORDER_PAID;

    (void)state;
    assert_false(order_status_parse(sf_bytes_text("SHIPPEDX"), &status));
    assert_false(order_status_parse(sf_bytes_text("SHIP"), &status));
    assert_false(order_status_parse(sf_bytes_text(""), &status));
    assert_int_equal(status, ORDER_PAID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_forward_may_be_skipped_but_not_taken_back),
        cmocka_unit_test(ways_out_depend_on_how_far_the_order_is),
        cmocka_unit_test(from_a_way_out_nothing_leads_back),
        cmocka_unit_test(staying_is_no_step),
        cmocka_unit_test(names_are_read_in_any_case),
        cmocka_unit_test(other_words_are_no_status),
    };

    return run_tests(tests);
}
