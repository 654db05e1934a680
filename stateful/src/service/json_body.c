#include "service/json_body.h"

#include <string.h>
#include <strings.h>

/* "application/json", "application/merge-patch+json", with or without parameters. */
static bool is_json(const char *content_type)
{
    size_t size = strcspn(content_type, "; \t");

    if (size == 16 && !strncasecmp(content_type, "application/json", size))
        return true;
    return size > 5 && !strncasecmp(content_type, "application/", 12) &&
           !strncasecmp(content_type + size - 5, "+json", 5);
}

bool sf_json_body_begin(sf_json_reader *json, const sf_request *request, sf_reply *reply)
{
    const char *content_type = sf_request_header(request, "Content-Type");

    if (content_type && !is_json(content_type)) {
        sf_reply_problem(reply, 415, "unsupported-media-type",
                         "the body must be application/json, is '%.100s'", content_type);
        return false;
    }
    if (!sf_request_body(request).size) {
        sf_reply_problem(reply, 400, "malformed-json", "the body is empty; a JSON object is due");
        return false;
    }
    sf_json_reader_init(json, sf_request_body(request), sf_request_arena(request));
    return true;
}

bool sf_json_body_end(sf_json_reader *json, sf_reply *reply)
{
    const sf_json_error *error;
    sf_error err;

    if (!sf_json_read_end(json, &err))
        return true;
    if (json->is_broken) {
        error = &json->errors[json->error_count - 1];
        sf_reply_problem(reply, 400, "malformed-json", "%s", err.text);
        sf_reply_problem_at(reply, error->pointer, "%s", error->text);
        return false;
    }
    sf_reply_problem(reply, 422, "invalid-field", "%s", err.text);
    for (size_t i = 0; i < json->error_count; i++)
        sf_reply_problem_at(reply, json->errors[i].pointer, "%s", json->errors[i].text);
    return false;
}
