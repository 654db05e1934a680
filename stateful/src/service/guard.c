#include "service/guard.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <stateful/clock.h>

#include "base/file.h"
#include "base/memory.h"
#include "service/jwt.h"
#include "service/request_implementation.h"

struct sf_guard {
    const sf_settings *settings;
    sf_jwt_key *key; /* NULL: all may */
};

static sf_status read_key(const sf_settings *settings, sf_jwt_key **key, sf_error *err)
{
    const char *path = sf_settings_text(settings, "AUTH_JWT_KEY_FILE");
    bool is_rsa = !strcmp(sf_settings_text(settings, "AUTH_JWT_ALGORITHM"), "RS256");
    sf_buffer contents = SF_BUFFER_EMPTY;
    sf_status status;

    if (!*path)
        return sf_fail(err, SF_INVALID, "AUTH_JWT_KEY_FILE must be set when AUTH_MODE is jwt");
    status = sf_file_read(path, &contents, err);
    if (!status)
        status = sf_jwt_key_new(is_rsa ? SF_JWT_RS256 : SF_JWT_HS256, sf_buffer_bytes(&contents),
                                key, err);
    sf_buffer_done(&contents);
    return sf_error_prefix(err, status, "AUTH_JWT_KEY_FILE=%s", path);
}

sf_status sf_guard_new(const sf_settings *settings, sf_guard **guard, sf_error *err)
{
    sf_guard *made = sf_zalloc(sizeof(*made));
    sf_status status = SF_OK;

    made->settings = settings;
    if (!strcmp(sf_settings_text(settings, "AUTH_MODE"), "jwt"))
        status = read_key(settings, &made->key, err);
    if (status)
        sf_guard_free(made);
    else
        *guard = made;
    return status;
}

void sf_guard_free(sf_guard *guard)
{
    if (!guard)
        return;
    sf_jwt_key_free(guard->key);
    free(guard);
}

/* The token of "Authorization: Bearer <token>"; null if there is none. */
static sf_bytes token_of(const sf_request *request)
{
    const char *header = sf_request_header(request, "Authorization");

    if (!header || strncasecmp(header, "Bearer ", 7) != 0)
        return SF_NULL;
    return sf_bytes_text(header + 7 + strspn(header + 7, " "));
}

static unsigned roles_of(const sf_jwt_claims *claims)
{
    static const char *const names[] = {"admin", "sales", "customer", "viewer"};
    unsigned roles = 0;

    for (size_t i = 0; i < claims->role_count; i++)
        for (unsigned k = 0; k < SF_ARRAY_LENGTH(names); k++)
            if (sf_bytes_equal(claims->roles[i], sf_bytes_text(names[k])))
                roles |= 1u << k;
    return roles;
}

static bool refuse(sf_reply *reply, const char *error, const char *sentence)
{
    sf_reply_problem(reply, 401, "unauthenticated", "%s", sentence);
    sf_reply_headerf(reply, "WWW-Authenticate", "Bearer%s", error);
    return false;
}

static bool admit_caller(sf_guard *guard, unsigned roles, sf_request *request, sf_reply *reply)
{
    sf_jwt_expectation expected = {
        .key = guard->key,
        .issuer = sf_settings_text(guard->settings, "AUTH_JWT_ISSUER"),
        .audience = sf_settings_text(guard->settings, "AUTH_JWT_AUDIENCE"),
        .now_ms = sf_clock_now_ms(sf_clock_system()),
    };
    sf_bytes token = token_of(request);
    sf_caller *caller;
    sf_jwt_claims claims;
    sf_error err;

    if (sf_bytes_is_null(token))
        return refuse(reply, "", "a token is needed: Authorization: Bearer …");
    if (sf_jwt_check(token, &expected, request->arena, &claims, &err))
        return refuse(reply, " error=\"invalid_token\"", err.text);
    caller = sf_arena_alloc(request->arena, sizeof(*caller));
    *caller = (sf_caller){.subject = claims.subject, .roles = roles_of(&claims)};
    request->caller = caller;
    if (caller->roles & roles)
        return true;
    sf_reply_problem(reply, 403, "not-allowed", "none of the token's roles may do this");
    return false;
}

static bool admit(void *user, unsigned roles, sf_request *request, sf_reply *reply)
{
    sf_guard *guard = user;

    if (!guard->key || (roles & SF_ROLE_ANYONE))
        return true;
    return admit_caller(guard, roles, request, reply);
}

void sf_guard_watch(sf_guard *guard, sf_router *router)
{
    sf_router_set_guard(router, admit, guard);
}
