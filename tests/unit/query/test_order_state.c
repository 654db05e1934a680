#include "check.h"

#include <string.h>

#include <stateful/arena.h>

#include "state/order_state.h"

static int make_arena(void **state)
{
    *state = sf_arena_new();
    return 0;
}

static int free_arena(void **state)
{
    sf_arena_free(*state);
    return 0;
}

static order_event *event_with(sf_arena *arena, int64_t version, const char *status,
                               uint32_t line_count)
{
    size_t size = sizeof(order_event) + line_count * sizeof(sold_line) + strlen(status);
    order_event *event = sf_arena_zalloc(arena, size);

    event->order_id = 1;
    event->version = version;
    event->occurred_at = EVENT_TIME_UNKNOWN;
    event->line_count = line_count;
    event->status_size = (uint32_t)strlen(status);
    memcpy(event->lines + line_count, status, strlen(status));
    return event;
}

static order_event *creation(sf_arena *arena, int64_t version)
{
    order_event *event = event_with(arena, version, "CREATED", 2);

    event->is_creation = true;
    event->customer_id = 9;
    event->lines[0] = (sold_line){.product_id = 5, .price.minor = 199, .quantity = 3};
    event->lines[1] = (sold_line){.product_id = 6, .price.minor = 0, .quantity = 1000000};
    return event;
}

static order_news apply(order_state *order, const order_event *event)
{
    return order_state_apply(order, event, 1000, SALES_NET, NULL);
}

static void creation_counts_once(void **state)
{
    order_state order = {0};

    assert_int_equal(apply(&order, creation(*state, 1)), ORDER_COUNT_IN);
    assert_int_equal(apply(&order, creation(*state, 1)), ORDER_REPEATED);
    assert_int_equal(apply(&order, creation(*state, 0)), ORDER_REPEATED);
    assert_int_equal(order.version, 1);
    assert_int_equal(order.sold_at, 1000);
    assert_int_equal(order.line_count, 2);
}

static void cancellation_takes_out_once(void **state)
{
    sf_arena *arena = *state;
    order_state order = {0};

    apply(&order, creation(arena, 1));
    assert_int_equal(apply(&order, event_with(arena, 2, "SHIPPED", 0)), ORDER_CHANGED);
    assert_int_equal(apply(&order, event_with(arena, 3, "RETURNED", 0)), ORDER_COUNT_OUT);
    assert_int_equal(apply(&order, event_with(arena, 3, "RETURNED", 0)), ORDER_REPEATED);
    assert_int_equal(apply(&order, event_with(arena, 2, "SHIPPED", 0)), ORDER_REPEATED);
    assert_int_equal(apply(&order, event_with(arena, 4, "REFUNDED", 0)), ORDER_CHANGED);
    assert_int_equal(apply(&order, event_with(arena, 5, "PAID", 0)), ORDER_COUNT_IN);
}

static void status_before_its_creation_is_held(void **state)
{
    sf_arena *arena = *state;
    order_state order = {0};

    assert_int_equal(apply(&order, event_with(arena, 3, "CANCELLED", 0)), ORDER_HELD);
    assert_int_equal(apply(&order, event_with(arena, 2, "PAID", 0)), ORDER_REPEATED);
    assert_false(order.is_known);

    assert_int_equal(apply(&order, creation(arena, 1)), ORDER_CHANGED);
    assert_false(order.is_counted);
    assert_int_equal(order.version, 3);
    assert_int_equal(apply(&order, event_with(arena, 2, "PAID", 0)), ORDER_REPEATED);
}

static void held_status_that_counts_lets_the_lines_in(void **state)
{
    sf_arena *arena = *state;
    order_state order = {0};

    apply(&order, event_with(arena, 2, "CANCELLED", 0));
    assert_int_equal(apply(&order, event_with(arena, 3, "PAID", 0)), ORDER_HELD);
    assert_int_equal(apply(&order, creation(arena, 1)), ORDER_COUNT_IN);
    assert_bytes(order.status, "PAID");
}

static void without_versions_the_order_of_arrival_counts(void **state)
{
    sf_arena *arena = *state;
    order_state order = {0};

    assert_int_equal(apply(&order, event_with(arena, 0, "CANCELLED", 0)), ORDER_HELD);
    assert_int_equal(apply(&order, event_with(arena, 0, "PAID", 0)), ORDER_HELD);
    assert_int_equal(apply(&order, creation(arena, 0)), ORDER_COUNT_IN);
    assert_int_equal(apply(&order, event_with(arena, 0, "FAILED", 0)), ORDER_COUNT_OUT);
    assert_int_equal(apply(&order, event_with(arena, 0, "FAILED", 0)), ORDER_CHANGED);
    assert_int_equal(order.version, 1);
}

static void gross_counting_never_takes_out(void **state)
{
    sf_arena *arena = *state;
    order_state order = {0};

    assert_int_equal(order_state_apply(&order, creation(arena, 1), 1, SALES_GROSS, NULL),
                     ORDER_COUNT_IN);
    assert_int_equal(
        order_state_apply(&order, event_with(arena, 2, "CANCELLED", 0), 2, SALES_GROSS, NULL),
        ORDER_CHANGED);
    assert_true(order.is_counted);
}

static void gap_of_versions_is_told(void **state)
{
    sf_arena *arena = *state;
    order_state order = {0};
    int64_t missed;

    order_state_apply(&order, creation(arena, 1), 1, SALES_NET, &missed);
    assert_int_equal(missed, 0);
    order_state_apply(&order, event_with(arena, 5, "PAID", 0), 1, SALES_NET, &missed);
    assert_int_equal(missed, 3);
    assert_int_equal(order.version, 5);
}

static void words_are_read_in_any_case(void **state)
{
    (void)state;
    assert_false(order_status_counts(sf_bytes_text("cancelled")));
    assert_false(order_status_counts(sf_bytes_text("Failed")));
    assert_true(order_status_counts(sf_bytes_text("CANCELLED2")));
    assert_true(order_status_counts(sf_bytes_text("on its way")));
    assert_false(order_status_is_known(sf_bytes_text("on its way")));
    assert_true(order_status_is_known(sf_bytes_text("RETURNED")));
    assert_true(order_status_is_known(sf_bytes_text("completed")));
}

static void state_survives_its_bytes(void **state)
{
    sf_arena *arena = *state;
    order_state order = {0}, read;

    apply(&order, creation(arena, 7));
    assert_ok(order_state_decode(order_state_encode(&order, arena), arena, &read, err));

    assert_true(read.is_known);
    assert_true(read.is_counted);
    assert_int_equal(read.version, 7);
    assert_int_equal(read.sold_at, 1000);
    assert_int_equal(read.customer_id, 9);
    assert_bytes(read.status, "CREATED");
    assert_int_equal(read.line_count, 2);
    assert_memory_equal(read.lines, order.lines, 2 * sizeof(sold_line));
}

static void bytes_of_any_other_size_are_refused(void **state)
{
    sf_arena *arena = *state;
    order_state order = {0}, read;
    sf_bytes bytes;

    apply(&order, creation(arena, 1));
    bytes = order_state_encode(&order, arena);
    for (size_t size = 0; size < bytes.size; size++) {
        sf_error err;

        assert_int_equal(order_state_decode(sf_bytes_of(bytes.data, size), arena, &read, &err),
                         SF_STOP);
        assert_int_equal(err.code, SF_CORRUPT);
    }
}

static void flags_that_nobody_sets_are_refused(void **state)
{
    sf_arena *arena = *state;
    order_state order = {0}, read;
    uint8_t copy[256];
    sf_error err;
    sf_bytes bytes;

    apply(&order, creation(arena, 1));
    bytes = order_state_encode(&order, arena);
    memcpy(copy, bytes.data, bytes.size);
    copy[28] |= 4; /* the byte of the flags */

    assert_int_equal(order_state_decode(sf_bytes_of(copy, bytes.size), arena, &read, &err),
                     SF_STOP);
    assert_int_equal(err.code, SF_CORRUPT);
}

#define with_arena(test) cmocka_unit_test_setup_teardown(test, make_arena, free_arena)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        with_arena(creation_counts_once),
        with_arena(cancellation_takes_out_once),
        with_arena(status_before_its_creation_is_held),
        with_arena(held_status_that_counts_lets_the_lines_in),
        with_arena(without_versions_the_order_of_arrival_counts),
        with_arena(gross_counting_never_takes_out),
        with_arena(gap_of_versions_is_told),
        with_arena(words_are_read_in_any_case),
        with_arena(state_survives_its_bytes),
        with_arena(bytes_of_any_other_size_are_refused),
        with_arena(flags_that_nobody_sets_are_refused),
    };

    return run_tests(tests);
}
