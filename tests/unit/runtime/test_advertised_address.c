#include "runtime/advertised_address.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static void client_id_carries_instance_and_address(void **test)
{
    char *id = sf_advertised_address_client_id("app", "one", "sales-1:8081");

    (void)test;
    assert_string_equal(id, "one@sales-1:8081");
    assert_string_equal(sf_advertised_address_of(id), "sales-1:8081");
    free(id);
}

static void long_address_leaves_no_room_for_the_instance(void **test)
{
    const char *address = "a-host-with-a-long-name.somewhere.in.a.large.cluster:8081";
    char *id = sf_advertised_address_client_id("app", "0123456789abcdef", address);

    (void)test;
    assert_string_equal(sf_advertised_address_of(id), address);
    assert_true(strlen(id) < 64);
    free(id);
}

static void without_an_address_there_is_none(void **test)
{
    char *id = sf_advertised_address_client_id("app", "one", NULL);

    (void)test;
    assert_string_equal(id, "app-one");
    assert_null(sf_advertised_address_of(id));
    assert_null(sf_advertised_address_of(NULL));
    free(id);
}

static void addresses_are_host_and_port(void **test)
{
    static const char *const good[] = {"a:1", "10.0.0.1:8081", "[::1]:65535", "q-1.shop_x:80"};
    static const char *const bad[] = {"",        "a",    ":80",    "a:",      "a:0",
                                      "a:65536", "a:x",  "a b:80", "a@b:80",  "http://a:80",
                                      "::1:80",  "a:8 ", "[]:80",  "[a]b:80", "a:123456"};
    char long_one[80] = {0};

    (void)test;
    assert_ok(sf_advertised_address_check(NULL, err));
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_ok(sf_advertised_address_check(good[i], err));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(sf_advertised_address_check(bad[i], NULL), SF_STOP);
    memset(long_one, 'a', 60);
    strcat(long_one, ":80");
    assert_int_equal(sf_advertised_address_check(long_one, NULL), SF_STOP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_id_carries_instance_and_address),
        cmocka_unit_test(long_address_leaves_no_room_for_the_instance),
        cmocka_unit_test(without_an_address_there_is_none),
        cmocka_unit_test(addresses_are_host_and_port),
    };

    return run_tests(tests);
}
