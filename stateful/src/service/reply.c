#include "service/reply_implementation.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SENTENCE_SIZE = 1024, BODY_KEPT_SIZE = 64 * 1024 };

static void end_source(sf_reply *reply)
{
    if (reply->source.end)
        reply->source.end(reply->source_user);
    reply->source = (sf_reply_source){0};
}

static void begin_body(sf_reply *reply, int status, const char *content_type)
{
    reply->status = status;
    reply->content_type = content_type;
    reply->is_problem = false;
    end_source(reply);
    sf_buffer_clear(&reply->errors);
    sf_buffer_clear(&reply->body);
    sf_json_writer_init(&reply->writer, &reply->body);
}

void sf_reply_clear(sf_reply *reply)
{
    if (reply->body.capacity > BODY_KEPT_SIZE)
        sf_buffer_done(&reply->body);
    begin_body(reply, 0, NULL);
    reply->headers = (sf_header_list){0};
}

void sf_reply_done(sf_reply *reply)
{
    end_source(reply);
    sf_buffer_done(&reply->body);
    sf_buffer_done(&reply->errors);
}

sf_json_writer *sf_reply_json(sf_reply *reply, int status)
{
    begin_body(reply, status, "application/json");
    return &reply->writer;
}

void sf_reply_json_bytes(sf_reply *reply, int status, sf_bytes json)
{
    sf_reply_body(reply, status, "application/json", json);
}

void sf_reply_body(sf_reply *reply, int status, const char *content_type, sf_bytes body)
{
    begin_body(reply, status, sf_arena_text(reply->arena, content_type));
    sf_buffer_add_bytes(&reply->body, body);
}

void sf_reply_stream(sf_reply *reply, int status, const char *content_type,
                     const sf_reply_source *source, void *user)
{
    begin_body(reply, status, sf_arena_text(reply->arena, content_type));
    reply->source = *source;
    reply->source_user = user;
}

void sf_reply_gather(sf_reply *reply)
{
    while (reply->source.next &&
           reply->source.next(reply->source_user, &reply->body) == SF_REPLY_MORE)
        continue;
    end_source(reply);
}

void sf_reply_text(sf_reply *reply, int status, const char *text)
{
    sf_reply_body(reply, status, "text/plain; charset=utf-8", sf_bytes_text(text));
}

void sf_reply_empty(sf_reply *reply, int status)
{
    begin_body(reply, status, NULL);
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

void sf_reply_header(sf_reply *reply, const char *name, const char *value)
{
    if (!has_control(value))
        sf_header_list_add(&reply->headers, reply->arena, name, value);
}

void sf_reply_headerf(sf_reply *reply, const char *name, const char *format, ...)
{
    char value[SENTENCE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(value, sizeof(value), format, arguments); /* headers are short */
    va_end(arguments);
    sf_reply_header(reply, name, value);
}

/* "unknown-product" as "Unknown product". */
static void write_title(sf_json_writer *json, const char *slug)
{
    char title[128];

    (void)snprintf(title, sizeof(title), "%s", slug); /* slugs are short */
    if (title[0] >= 'a' && title[0] <= 'z')
        title[0] = (char)(title[0] - 'a' + 'A');
    for (char *at = title; *at; at++)
        if (*at == '-')
            *at = ' ';
    sf_json_write_text(json, "title", title);
}

static void begin_problem(sf_reply *reply, int status, const char *slug, const char *detail)
{
    sf_json_writer *json = &reply->writer;
    char type[160];

    begin_body(reply, status, "application/problem+json");
    (void)snprintf(type, sizeof(type), "/problems/%s", slug); /* slugs are short */
    sf_json_write_object(json, NULL);
    sf_json_write_text(json, "type", type);
    write_title(json, slug);
    sf_json_write_integer(json, "status", status);
    sf_json_write_text(json, "detail", detail);
    reply->is_problem = true;
}

void sf_reply_problem(sf_reply *reply, int status, const char *slug, const char *format, ...)
{
    char detail[SENTENCE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(detail, sizeof(detail), format, arguments); /* a cut sentence is still one */
    va_end(arguments);
    begin_problem(reply, status, slug, detail);
}

static void add_error(sf_reply *reply, const char *kind, const char *place, const char *detail)
{
    sf_json_writer *json = &reply->errors_writer;

    if (!reply->errors.size)
        sf_json_writer_init(json, &reply->errors);
    sf_json_write_object(json, NULL);
    sf_json_write_text(json, kind, place);
    sf_json_write_text(json, "detail", detail);
    sf_json_write_end_object(json);
}

void sf_reply_problem_at(sf_reply *reply, const char *pointer, const char *format, ...)
{
    char detail[SENTENCE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(detail, sizeof(detail), format, arguments); /* a cut sentence is still one */
    va_end(arguments);
    add_error(reply, "pointer", pointer, detail);
}

void sf_reply_problem_parameter(sf_reply *reply, const char *parameter, const char *format, ...)
{
    char detail[SENTENCE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(detail, sizeof(detail), format, arguments); /* a cut sentence is still one */
    va_end(arguments);
    add_error(reply, "parameter", parameter, detail);
}

sf_json_writer *sf_reply_problem_members(sf_reply *reply)
{
    return &reply->writer;
}

int sf_reply_status(const sf_reply *reply)
{
    return reply->status;
}

void sf_reply_finish(sf_reply *reply, const char *instance, const char *trace_id)
{
    sf_json_writer *json = &reply->writer;

    if (!reply->status)
        begin_problem(reply, 500, "internal-error", "the request was not answered");
    if (!reply->is_problem)
        return;
    sf_json_write_text(json, "instance", instance);
    if (trace_id)
        sf_json_write_text(json, "traceId", trace_id);
    if (reply->errors.size) {
        sf_json_write_array(json, "errors");
        sf_buffer_add_bytes(&reply->body, sf_buffer_bytes(&reply->errors));
        sf_json_write_end_array(json);
    }
    sf_json_write_end_object(json);
    reply->is_problem = false;
}
