#include "service/problem_catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const sf_problem sf_shared_problems[] = {
    {"body-too-large", 413, "The body of the request is larger than this service takes.",
     "Send less at once; HTTP_BODY_MAX says how much is taken."},
    {"internal-error", 500, "The service failed at something that is not the caller's doing.",
     "Ask again later; the service's log says more."},
    {"invalid-field", 422,
     "The body is JSON, but a value in it breaks a rule. Each entry of errors names the place "
     "as a JSON pointer and the rule.",
     "Correct the values that errors names."},
    {"invalid-parameter", 400, "A part of the path or of the query breaks a rule.",
     "Correct the parameter that errors names."},
    {"malformed-json", 400, "The body is empty, or no JSON by RFC 8259 and RFC 7493.",
     "Send one JSON value in UTF-8, without repeated names."},
    {"malformed-path", 400,
     "The path or the query cannot be decoded: a % without two hexadecimal digits, bytes that are "
     "no UTF-8, a NUL, or too many parts.",
     "Encode the address as RFC 3986 says."},
    {"malformed-request", 400,
     "The headers contradict each other or are malformed, so that nobody can say where the request "
     "ends.",
     "Send header names without spaces, one Host, and one of Content-Length and "
     "Transfer-Encoding."},
    {"method-not-allowed", 405, "The address is there, but does not take this method.",
     "Use one of the methods that the header Allow lists."},
    {"missing-parameter", 400, "A parameter of the query that must be there is not.",
     "Add the parameter that errors names."},
    {"no-such-route", 404, "Nothing is at this address.", "See /docs for all that is."},
    {"not-allowed", 403, "The caller is known, but none of its roles may do this.",
     "Use a token with a role that may."},
    {"not-found", 404, "There is no such thing.", "Check the id."},
    {"not-ready", 503, "The service starts, stops, or lacks something it needs.",
     "Ask again in a moment; /health says what is missing."},
    {"timed-out", 503, "There was no answer in time; whether it was done is not known.",
     "Look whether it was done, then ask again."},
    {"unauthenticated", 401, "A token is needed, and none came, or it is not valid.",
     "Send Authorization: Bearer with a valid token."},
    {"unknown-transfer-encoding", 501, "The only Transfer-Encoding known is chunked.",
     "Send the body with Content-Length, or chunked."},
    {"unsupported-media-type", 415, "The body is not application/json.",
     "Send JSON with Content-Type: application/json."},
};

const size_t sf_shared_problem_count = SF_ARRAY_LENGTH(sf_shared_problems);

struct sf_problem_catalogue {
    const sf_problem **items; /* by slug */
    size_t count;
};

static int by_slug(const void *a, const void *b)
{
    return strcmp((*(const sf_problem *const *)a)->slug, (*(const sf_problem *const *)b)->slug);
}

static void add(sf_problem_catalogue *catalogue, const sf_problem *problems, size_t count)
{
    catalogue->items =
        sf_realloc_array(catalogue->items, catalogue->count + count, sizeof(*catalogue->items));
    for (size_t i = 0; i < count; i++)
        catalogue->items[catalogue->count++] = &problems[i];
}

sf_problem_catalogue *sf_problem_catalogue_new(const sf_problem *own, size_t count)
{
    sf_problem_catalogue *catalogue = sf_zalloc(sizeof(*catalogue));

    add(catalogue, sf_shared_problems, sf_shared_problem_count);
    add(catalogue, own, count);
    qsort(catalogue->items, catalogue->count, sizeof(*catalogue->items), by_slug);
    return catalogue;
}

void sf_problem_catalogue_free(sf_problem_catalogue *catalogue)
{
    if (!catalogue)
        return;
    free(catalogue->items);
    free(catalogue);
}

/* The texts are ours and hold nothing that HTML would take for its own. */
static void begin_page(sf_buffer *page, const char *title)
{
    sf_buffer_printf(page,
                     "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                     "<title>%s</title></head>\n<body><h1>%s</h1>\n",
                     title, title);
}

static void reply_page(sf_reply *reply, sf_buffer *page)
{
    sf_buffer_add_text(page, "</body></html>\n");
    sf_reply_body(reply, 200, "text/html; charset=utf-8", sf_buffer_bytes(page));
    sf_reply_header(reply, "Content-Security-Policy", "default-src 'none'");
    sf_buffer_done(page);
}

static void get_all(const sf_request *request, sf_reply *reply, void *user)
{
    const sf_problem_catalogue *catalogue = user;
    sf_buffer page = SF_BUFFER_EMPTY;

    (void)request;
    begin_page(&page, "Problems");
    sf_buffer_add_text(&page, "<dl>\n");
    for (size_t i = 0; i < catalogue->count; i++) {
        const sf_problem *problem = catalogue->items[i];

        sf_buffer_printf(&page, "<dt><a href=\"/problems/%s\">%s</a> (%d)</dt><dd>%s</dd>\n",
                         problem->slug, problem->slug, problem->status, problem->meaning);
    }
    sf_buffer_add_text(&page, "</dl>\n");
    reply_page(reply, &page);
}

static const sf_problem *find(const sf_problem_catalogue *catalogue, const char *slug)
{
    for (size_t i = 0; i < catalogue->count; i++)
        if (!strcmp(catalogue->items[i]->slug, slug))
            return catalogue->items[i];
    return NULL;
}

static void get_one(const sf_request *request, sf_reply *reply, void *user)
{
    const sf_problem *problem = find(user, sf_request_part(request, "slug"));
    sf_buffer page = SF_BUFFER_EMPTY;

    if (!problem) {
        sf_reply_problem(reply, 404, "not-found", "there is no problem of that name");
        return;
    }
    begin_page(&page, problem->slug);
    sf_buffer_printf(&page,
                     "<p>Status %d. %s</p>\n<p>What to do: %s</p>\n"
                     "<p><a href=\"/problems\">All problems</a></p>\n",
                     problem->status, problem->meaning, problem->remedy);
    reply_page(reply, &page);
}

void sf_problem_catalogue_add_routes(sf_problem_catalogue *catalogue, sf_router *router)
{
    static const sf_route routes[] = {
        {"GET", "/problems", get_all},
        {"GET", "/problems/{slug}", get_one},
    };

    sf_router_add_for(router, SF_ROLE_ANYONE, routes, SF_ARRAY_LENGTH(routes), catalogue);
}
