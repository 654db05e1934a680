/* fuzz_uri.c - any text as the target of a request: what is decoded is UTF-8 without NULs, and no more
 * parts come out than went in. */
#include <stdlib.h>
#include <string.h>

#include "service/uri.h"
#include "service/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_uri(const sf_uri *uri)
{
    size_t slashes = 0;

    check(uri->path[0] == '/');
    for (const char *at = uri->path; *at; at++)
        slashes += *at == '/';
    check(uri->segment_count == slashes && slashes <= SF_URI_SEGMENTS_MAX);
    for (size_t i = 0; i < uri->segment_count; i++)
        check(sf_utf8_is_valid(sf_bytes_text(uri->segments[i])));
    check(uri->parameter_count <= SF_URI_PARAMETERS_MAX);
    for (size_t i = 0; i < uri->parameter_count; i++) {
        check(sf_utf8_is_valid(sf_bytes_text(uri->parameters[i].name)));
        check(sf_utf8_is_valid(sf_bytes_text(uri->parameters[i].value)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sf_arena *arena = sf_arena_new();
    const char *target = (const char *)sf_arena_copy(arena, sf_bytes_of(data, size)).data;
    const char *wrong;
    sf_uri uri;

    wrong = sf_uri_parse(target, arena, &uri);
    if (!wrong)
        check_uri(&uri);
    else
        check(wrong[0] && uri.path);
    sf_arena_free(arena);
    return 0;
}
