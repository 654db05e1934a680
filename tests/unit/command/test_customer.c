#include "domain/customer.h"

#include <string.h>

#include "check.h"

static sf_status read_customer(sf_arena *arena, const char *text, customer_id id,
                               struct customer *customer, sf_error *err)
{
    sf_json_reader json;

    *customer = (struct customer){0};
    sf_json_reader_init(&json, sf_bytes_text(text), arena);
    customer_read(&json, id, customer);
    return sf_json_read_end(&json, err);
}

static void assert_refused(const char *text, customer_id id, const char *sentence)
{
    sf_arena *arena = sf_arena_new();
    struct customer customer;
    sf_error err = {0};

    assert_int_equal(read_customer(arena, text, id, &customer, &err), SF_REJECT);
    if (!strstr(err.text, sentence))
        fail_msg("'%s' has no '%s'", err.text, sentence);
    sf_arena_free(arena);
}

static void a_customer_is_read_with_or_without_an_id(void **state)
{
    sf_arena *arena = sf_arena_new();
    struct customer customer;

    (void)state;
    assert_ok(read_customer(arena, "{\"id\":7,\"name\":\" Ann \",\"email\":\"ann@example.com\"}",
                            CUSTOMER_ID_OPTIONAL, &customer, err));
    assert_int_equal(customer.id, 7);
    assert_bytes(customer.name, "Ann");
    assert_bytes(customer.email, "ann@example.com");

    assert_ok(read_customer(arena, "{\"name\":\"Ann\",\"email\":null}", CUSTOMER_ID_OPTIONAL,
                            &customer, err));
    assert_int_equal(customer.id, 0);
    assert_true(sf_bytes_is_null(customer.email));
    sf_arena_free(arena);
}

static void an_id_that_stands_in_the_path_is_not_read(void **state)
{
    sf_arena *arena = sf_arena_new();
    struct customer customer;

    (void)state;
    assert_ok(read_customer(arena, "{\"id\":\"x\",\"name\":\"Ann\"}", CUSTOMER_ID_ABSENT, &customer,
                            err));
    assert_int_equal(customer.id, 0);
    sf_arena_free(arena);
}

static void a_wrong_member_is_named(void **state)
{
    (void)state;
    assert_refused("{\"name\":\"Ann\"}", CUSTOMER_ID_REQUIRED, "/id");
    assert_refused("{\"id\":0,\"name\":\"Ann\"}", CUSTOMER_ID_OPTIONAL, "/id");
    assert_refused("{\"name\":\"  \"}", CUSTOMER_ID_OPTIONAL, "/name");
    assert_refused("{\"name\":\"a\",\"email\":\"ann\"}", CUSTOMER_ID_OPTIONAL, "/email");
    assert_refused("{\"name\":\"a\",\"email\":\"@example.com\"}", CUSTOMER_ID_OPTIONAL, "/email");
    assert_refused("{\"name\":\"a\",\"email\":\"ann@\"}", CUSTOMER_ID_OPTIONAL, "/email");
    assert_refused("{\"name\":\"a\",\"email\":\"a@b@c\"}", CUSTOMER_ID_OPTIONAL, "/email");
    assert_refused("{\"name\":\"a\",\"email\":\"a n@c\"}", CUSTOMER_ID_OPTIONAL, "/email");
}

static void a_customer_is_written_without_what_is_not_known(void **state)
{
    struct customer customer = {.id = 3, .name = sf_bytes_text("Ann \"A\"")};
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_json_writer json;

    (void)state;
    sf_json_writer_init(&json, &text);
    customer_write(&json, &customer);
    assert_string_equal(sf_buffer_text(&text), "{\"id\":3,\"name\":\"Ann \\\"A\\\"\"}");
    sf_buffer_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_customer_is_read_with_or_without_an_id),
        cmocka_unit_test(an_id_that_stands_in_the_path_is_not_read),
        cmocka_unit_test(a_wrong_member_is_named),
        cmocka_unit_test(a_customer_is_written_without_what_is_not_known),
    };

    return run_tests(tests);
}
