#include "state/customer_state.h"

#include <string.h>

#include <stateful/arena.h>

#include "check.h"

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

static bool apply(customer_state *customer, sf_arena *arena, const char *json)
{
    sf_bytes value;

    assert_ok(sf_serde_decode(&customer_event_serde, sf_bytes_text(json), arena, &value, err));
    return customer_state_apply(customer, (const customer_event *)value.data);
}

#define CREATED(rest) "{\"eventType\":\"CustomerCreated\"," rest "}"
#define UPDATED(rest) "{\"eventType\":\"CustomerUpdated\"," rest "}"
#define ANN "\"payload\":{\"id\":7,\"name\":\"Ann\"}"
#define BEN "\"payload\":{\"id\":7,\"name\":\"Ben\",\"email\":\"ben@example.com\"}"

static void newer_versions_replace_older_ones(void **state)
{
    customer_state customer = {0};

    assert_true(apply(&customer, *state, CREATED("\"version\":1," ANN)));
    assert_true(apply(&customer, *state, UPDATED("\"version\":2," BEN)));
    assert_false(apply(&customer, *state, UPDATED("\"version\":2," ANN)));
    assert_false(apply(&customer, *state, CREATED("\"version\":1," ANN)));
    assert_bytes(customer.name, "Ben");
    assert_int_equal(customer.version, 2);
}

static void events_without_a_version_count_as_they_come(void **state)
{
    customer_state customer = {0};

    assert_true(apply(&customer, *state, CREATED(ANN)));
    assert_false(apply(&customer, *state, CREATED(BEN)));
    assert_true(apply(&customer, *state, UPDATED(BEN)));
    assert_int_equal(customer.version, 2);
    assert_bytes(customer.email, "ben@example.com");
}

static void what_is_written_is_read_again(void **state)
{
    customer_state customer = {0}, read;
    sf_bytes bytes;

    assert_true(apply(&customer, *state, UPDATED("\"version\":5," BEN)));
    bytes = customer_state_encode(&customer, *state);
    assert_ok(customer_state_decode(bytes, &read, err));
    assert_int_equal(read.version, 5);
    assert_bytes(read.name, "Ben");
    assert_bytes(read.email, "ben@example.com");

    assert_ok(customer_state_decode(SF_NULL, &read, err));
    assert_int_equal(read.version, 0);
    for (size_t size = 0; size < 15; size++)
        assert_int_equal(customer_state_decode(sf_bytes_of(bytes.data, size), &read, NULL),
                         SF_STOP);
}

static void check_refused(sf_arena *arena, const char *json, const char *word)
{
    sf_bytes value;
    sf_error err = {0};

    assert_int_equal(
        sf_serde_decode(&customer_event_serde, sf_bytes_text(json), arena, &value, &err),
        SF_REJECT);
    if (!strstr(err.text, word))
        fail_msg("%s: '%s' does not hold '%s'", json, err.text, word);
}

static void nonsense_is_refused_with_the_name_of_the_member(void **state)
{
    check_refused(*state, "{\"eventType\":\"CustomerLost\"," ANN "}", "eventType");
    check_refused(*state, CREATED("\"payload\":{\"id\":7}"), "name");
    check_refused(*state, CREATED("\"payload\":{\"name\":\"Ann\"}"), "id");
    check_refused(*state, CREATED("\"payload\":{\"id\":7,\"name\":\"\"}"), "/payload/name");
    check_refused(*state, CREATED("\"aggregateId\":8," ANN), "/aggregateId");
    check_refused(*state, "{}", "eventType");
}

#define with_arena(test) cmocka_unit_test_setup_teardown(test, make_arena, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(newer_versions_replace_older_ones),
        with_arena(events_without_a_version_count_as_they_come),
        with_arena(what_is_written_is_read_again),
        with_arena(nonsense_is_refused_with_the_name_of_the_member),
    };

    return run_tests(tests);
}
