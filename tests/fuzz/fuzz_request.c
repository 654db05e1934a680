/* fuzz_request.c - any text as what a client asks query-service for: a target, and behind a newline a header.
 * Lists and hours are read within their bounds, or refused with problem details that are JSON; a cursor that
 * was written leads behind the row it was made of. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "http/hours_query.h"
#include "http/list_page.h"
#include "service/json_reader.h"
#include "service/reply_implementation.h"
#include "service/request_implementation.h"

enum { NOW_MS = 1000000000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_is_json(sf_bytes text, sf_arena *arena)
{
    sf_json_reader json;

    sf_json_reader_init(&json, text, arena);
    (void)sf_json_skip(&json, NULL); /* the end of reading tells */
    check(!sf_json_read_end(&json, NULL));
}

/* Of a request that was refused; of another one there is no reply yet. */
static void check_reply(sf_reply *reply, const sf_request *request, bool is_refused)
{
    check((sf_reply_status(reply) == 400) == is_refused);
    if (is_refused) {
        sf_reply_finish(reply, sf_request_path(request), sf_request_trace_id(request));
        check_is_json(sf_buffer_bytes(&reply->body), request->arena);
    }
    sf_reply_done(reply);
}

static void read_hours(const sf_request *request)
{
    sf_reply reply = {.arena = request->arena};
    hours_query query;
    bool is_taken = hours_query_read(request, &reply, NOW_MS, &query);

    if (is_taken) {
        check(query.start_ms <= query.end_ms && query.product_id >= 0 && query.limit >= 0);
        check(query.hours.first_ms >= 0);
        hours_query_link_next(request, &reply, &query, (hours_cursor){3600000, 7});
    }
    check_reply(&reply, request, !is_taken);
}

/* The next page begins behind the last row of this one. */
static void turn_page(const list_page *page, sf_bytes last)
{
    sf_buffer out = SF_BUFFER_EMPTY;
    sf_json_writer json;

    sf_json_writer_init(&json, &out);
    sf_json_write_object(&json, NULL);
    list_page_write_next(page, true, &json);
    sf_json_write_end_object(&json);
    check(out.size == strlen("{\"next\":\"\"}") + 2 * last.size);
    check_is_json(sf_buffer_bytes(&out), page->arena);
    sf_buffer_done(&out);
}

static void read_list(const sf_request *request)
{
    sf_reply reply = {.arena = request->arena};
    list_page page;
    bool is_taken = list_page_read(&page, request, &reply);

    if (is_taken) {
        check(page.limit >= 1 && page.limit <= LIST_LIMIT_MAX && list_page_has_room(&page));
        page.limit = 1;
        if (!sf_bytes_is_null(page.from)) {
            list_page_pass(&page, page.from, true);
            check(!list_page_has_room(&page) && sf_bytes_equal(page.last, page.from));
            turn_page(&page, page.from);
        }
    }
    check_reply(&reply, request, !is_taken);
}

static void read_trace(const sf_request *request)
{
    const char *id = sf_request_trace_id(request);

    check(!id || strlen(id) == 32);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = sf_alloc(size + 1);
    char *header;
    sf_request request;

    memcpy(text, data, size);
    text[size] = 0;
    header = strchr(text, '\n');
    if (header)
        *header++ = 0;
    sf_request_init(&request);
    request.method = "GET";
    request.target = text;
    if (header)
        sf_header_list_add(&request.headers, request.arena, "traceparent", header);
    if (!sf_uri_parse(text, request.arena, &request.uri)) {
        read_hours(&request);
        read_list(&request);
        read_trace(&request);
    }
    sf_request_done(&request);
    free(text);
    return 0;
}
