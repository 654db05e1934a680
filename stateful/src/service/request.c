#include "service/request_implementation.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "service/decimal.h"
#include "service/json_reader.h"
#include "service/timestamp.h"

enum { BODY_KEPT_SIZE = 64 * 1024 };

void sf_request_init(sf_request *request)
{
    memset(request, 0, sizeof(*request));
    request->arena = sf_arena_new();
}

void sf_request_clear(sf_request *request)
{
    sf_arena *arena = request->arena;
    sf_buffer body = request->body;

    if (body.capacity > BODY_KEPT_SIZE)
        sf_buffer_done(&body);
    sf_buffer_clear(&body);
    sf_arena_reset(arena);
    *request = (sf_request){.arena = arena, .body = body};
}

void sf_request_done(sf_request *request)
{
    sf_arena_free(request->arena);
    sf_buffer_done(&request->body);
}

const char *sf_request_method(const sf_request *request)
{
    return request->method;
}

const char *sf_request_path(const sf_request *request)
{
    return request->uri.path ? request->uri.path : request->target;
}

const char *sf_request_target(const sf_request *request)
{
    return request->target;
}

const char *sf_request_route(const sf_request *request)
{
    return request->route;
}

const char *sf_request_part(const sf_request *request, const char *name)
{
    for (size_t i = 0; request->part_names && request->part_names[i]; i++)
        if (!strcmp(request->part_names[i], name))
            return request->parts[i];
    assert(!"the route has no such part");
    return "";
}

const char *sf_request_query(const sf_request *request, const char *name)
{
    for (size_t i = 0; i < request->uri.parameter_count; i++)
        if (!strcmp(request->uri.parameters[i].name, name))
            return request->uri.parameters[i].value;
    return NULL;
}

const char *sf_request_header(const sf_request *request, const char *name)
{
    return sf_header_list_get(&request->headers, name);
}

sf_bytes sf_request_body(const sf_request *request)
{
    return sf_buffer_bytes(&request->body);
}

sf_arena *sf_request_arena(const sf_request *request)
{
    return request->arena;
}

static bool is_lower_hex(const char *text, size_t size)
{
    return strspn(text, "0123456789abcdef") >= size;
}

static bool is_zero(const char *text, size_t size)
{
    return strspn(text, "0") >= size;
}

/* W3C trace context: 00-<32 trace id>-<16 parent id>-<2 flags>, and more in later versions. */
static bool is_traceparent(const char *text)
{
    size_t size = strlen(text);

    return size >= 55 && is_lower_hex(text, 2) && strncmp(text, "ff", 2) != 0 && text[2] == '-' &&
           is_lower_hex(text + 3, 32) && !is_zero(text + 3, 32) && text[35] == '-' &&
           is_lower_hex(text + 36, 16) && !is_zero(text + 36, 16) && text[52] == '-' &&
           is_lower_hex(text + 53, 2) && (size == 55 || text[55] == '-');
}

const char *sf_request_traceparent(const sf_request *request)
{
    const char *parent = sf_request_header(request, "traceparent");

    return parent && is_traceparent(parent) ? parent : NULL;
}

const sf_caller *sf_request_caller(const sf_request *request)
{
    static const sf_caller anyone = {.subject = "", .roles = SF_ROLE_EVERY};

    return request->caller ? request->caller : &anyone;
}

const char *sf_request_trace_id(const sf_request *request)
{
    const char *parent = sf_request_traceparent(request);

    if (!parent)
        return NULL;
    return (const char *)sf_arena_copy(request->arena, sf_bytes_of(parent + 3, 32)).data;
}

static bool refuse(sf_reply *reply, const char *name, const char *text, const char *rule)
{
    sf_reply_problem(reply, 400, "invalid-parameter", "%s %s; it is '%.100s'", name, rule, text);
    sf_reply_problem_parameter(reply, name, "%s", rule);
    return false;
}

static bool is_integer_within(const char *text, sf_request_bounds bounds, int64_t *value)
{
    sf_bytes token = sf_bytes_text(text);
    int64_t parsed;

    if (token.size > 20 || token.size == 0 || strspn(text, "-0123456789") != token.size ||
        sf_decimal_token_size(token.data, token.size) != token.size ||
        sf_decimal_scale(token, 0, &parsed) != SF_DECIMAL_EXACT || parsed < bounds.least ||
        parsed > bounds.most)
        return false;
    *value = parsed;
    return true;
}

static bool read_integer(const char *text, sf_reply *reply, const char *name,
                         sf_request_bounds bounds, int64_t *value)
{
    char rule[96];

    if (is_integer_within(text, bounds, value))
        return true;
    (void)snprintf(rule, sizeof(rule), "must be a whole number from %" PRId64 " to %" PRId64,
                   bounds.least, bounds.most); /* always fits */
    return refuse(reply, name, text, rule);
}

bool sf_request_part_as_id(const sf_request *request, sf_reply *reply, const char *name,
                           int64_t *id)
{
    sf_request_bounds bounds = {1, SF_JSON_ID_MAX};

    return read_integer(sf_request_part(request, name), reply, name, bounds, id);
}

bool sf_request_query_as_integer(const sf_request *request, sf_reply *reply, const char *name,
                                 sf_request_bounds bounds, int64_t *value)
{
    const char *text = sf_request_query(request, name);

    return !text || read_integer(text, reply, name, bounds, value);
}

bool sf_request_query_as_time(const sf_request *request, sf_reply *reply, const char *name,
                              int64_t *time_ms)
{
    const char *text = sf_request_query(request, name);
    sf_error err;

    if (!text || !sf_timestamp_parse(sf_bytes_text(text), time_ms, &err))
        return true;
    return refuse(reply, name, text, err.text);
}
