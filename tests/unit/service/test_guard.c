#include "service/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "check.h"
#include "service/exchange.h"
#include "support/token.h"

#define HEADER "{\"alg\":\"HS256\"}"

static const char secret[] = "a secret of thirty-two bytes, yes!";

static const sf_setting table[] = {SF_GUARD_SETTINGS};

typedef struct fixture {
    char key_path[64];
    sf_settings *settings;
    sf_guard *guard;
    sf_router *router;
    unsigned roles_seen;
    char subject_seen[32];
} fixture;

static void handle(const sf_request *request, sf_reply *reply, void *user)
{
    fixture *of = user;

    of->roles_seen = sf_request_caller(request)->roles;
    (void)snprintf(of->subject_seen, sizeof(of->subject_seen), "%s",
                   sf_request_caller(request)->subject);
    sf_reply_text(reply, 200, "done");
}

static const sf_route known_routes[] = {{"GET", "/known", handle}};
static const sf_route sales_routes[] = {{"GET", "/sales", handle}};
static const sf_route open_routes[] = {{"GET", "/open", handle}};

static void write_key(fixture *of)
{
    int fd;

    strcpy(of->key_path, "/tmp/test_guard.XXXXXX");
    fd = mkstemp(of->key_path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, secret, strlen(secret)), strlen(secret));
    close(fd);
}

static fixture *start(const char *mode)
{
    fixture *of = sf_zalloc(sizeof(*of));

    write_key(of);
    setenv("AUTH_MODE", mode, 1);
    setenv("AUTH_JWT_KEY_FILE", of->key_path, 1);
    assert_ok(sf_settings_read(table, SF_ARRAY_LENGTH(table), &of->settings, err));
    assert_ok(sf_guard_new(of->settings, &of->guard, err));
    of->router = sf_router_new();
    sf_guard_watch(of->guard, of->router);
    sf_router_add(of->router, known_routes, 1, of);
    sf_router_add_for(of->router, SF_ROLE_ADMIN | SF_ROLE_SALES, sales_routes, 1, of);
    sf_router_add_for(of->router, SF_ROLE_ANYONE, open_routes, 1, of);
    return of;
}

static void stop(fixture *of)
{
    sf_router_free(of->router);
    sf_guard_free(of->guard);
    sf_settings_free(of->settings);
    unlink(of->key_path);
    free(of);
}

/* Takes token, which may be NULL. */
static sf_exchange *call(fixture *of, const char *path, char *token)
{
    sf_exchange *exchange = sf_exchange_new("GET", path, SF_NULL);
    char *header = token ? sf_text_printf("Bearer %s", token) : NULL;

    if (header)
        sf_exchange_add_header(exchange, "Authorization", header);
    sf_router_handle(of->router, exchange);
    free(header);
    free(token);
    return exchange;
}

static void check_status(fixture *of, const char *path, char *token, int status)
{
    sf_exchange *exchange = call(of, path, token);

    if (sf_exchange_status(exchange) != status)
        fail_msg("%s: %d %s", path, sf_exchange_status(exchange), sf_exchange_body(exchange));
    sf_exchange_free(exchange);
}

static char *token_of(const char *roles)
{
    char *payload = sf_text_printf("{\"sub\":\"ann\",\"exp\":9999999999,\"roles\":%s}", roles);
    char *token = token_hs256(HEADER, payload, sf_bytes_text(secret));

    free(payload);
    return token;
}

static void without_authentication_everyone_has_every_role(void **state)
{
    fixture *of = start("off");

    (void)state;
    check_status(of, "/sales", NULL, 200);
    assert_int_equal(of->roles_seen, SF_ROLE_EVERY);
    check_status(of, "/open", NULL, 200);
    stop(of);
}

static void without_a_token_only_open_routes_answer(void **state)
{
    fixture *of = start("jwt");
    sf_exchange *exchange = call(of, "/known", NULL);

    (void)state;
    assert_int_equal(sf_exchange_status(exchange), 401);
    assert_string_equal(sf_exchange_header(exchange, "WWW-Authenticate"), "Bearer");
    sf_exchange_free(exchange);
    check_status(of, "/open", NULL, 200);
    check_status(of, "/nowhere", NULL, 404);
    stop(of);
}

static void a_token_opens_what_its_roles_may_do(void **state)
{
    fixture *of = start("jwt");

    (void)state;
    check_status(of, "/known", token_of("[\"viewer\"]"), 200);
    assert_int_equal(of->roles_seen, SF_ROLE_VIEWER);
    assert_string_equal(of->subject_seen, "ann");
    check_status(of, "/sales", token_of("[\"viewer\"]"), 403);
    check_status(of, "/sales", token_of("[\"customer\",\"sales\"]"), 200);
    assert_int_equal(of->roles_seen, SF_ROLE_SALES | SF_ROLE_CUSTOMER);
    check_status(of, "/sales", token_of("\"admin\""), 200);
    check_status(of, "/known", token_of("[]"), 403);
    check_status(of, "/known", token_of("[\"Admin\",\"root\"]"), 403);
    stop(of);
}

static void a_bad_token_is_told_what_is_wrong(void **state)
{
    fixture *of = start("jwt");
    sf_exchange *exchange = call(of, "/known", token_unsigned("{\"alg\":\"none\"}", "{}"));

    (void)state;
    assert_int_equal(sf_exchange_status(exchange), 401);
    assert_string_equal(sf_exchange_header(exchange, "WWW-Authenticate"),
                        "Bearer error=\"invalid_token\"");
    assert_non_null(strstr(sf_exchange_body(exchange), "the token is not signed with HS256"));
    sf_exchange_free(exchange);
    stop(of);
}

static void a_missing_key_is_named(void **state)
{
    sf_settings *settings = NULL;
    sf_guard *guard = NULL;
    sf_error err = {0};

    (void)state;
    setenv("AUTH_MODE", "jwt", 1);
    setenv("AUTH_JWT_KEY_FILE", "", 1);
    assert_int_equal(sf_settings_read(table, SF_ARRAY_LENGTH(table), &settings, &err), SF_OK);
    assert_int_equal(sf_guard_new(settings, &guard, &err), SF_STOP);
    assert_string_equal(err.text, "AUTH_JWT_KEY_FILE must be set when AUTH_MODE is jwt");
    sf_settings_free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_authentication_everyone_has_every_role),
        cmocka_unit_test(without_a_token_only_open_routes_answer),
        cmocka_unit_test(a_token_opens_what_its_roles_may_do),
        cmocka_unit_test(a_bad_token_is_told_what_is_wrong),
        cmocka_unit_test(a_missing_key_is_named),
    };

    return run_tests(tests);
}
