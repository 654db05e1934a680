#include "service/http_response.h"

#include <stdlib.h>

#include <stateful/clock.h>

#include "base/memory.h"
#include "service/piece_reader.h"

enum {
    STREAM_BLOCK = 16 * 1024,   /* bytes */
    STREAM_MAX_MS = 600 * 1000, /* that a streamed answer may take */
};

static void add_headers(struct MHD_Response *response, const sf_reply *reply)
{
    if (reply->content_type)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    for (const sf_header *at = reply->headers.first; at; at = at->next)
        MHD_add_response_header(response, at->name, at->value);
}

/* A streamed body on its way: it belongs to the response. */
typedef struct stream {
    sf_http_pace pace;
    sf_piece_reader reader;
} stream;

static void prolong(const sf_http_pace *pace)
{
    int64_t now = sf_clock_monotonic_us(sf_clock_system());

    if (now - pace->began_us < STREAM_MAX_MS * INT64_C(1000))
        atomic_store(pace->deadline_us, now + pace->more_ms * 1000);
}

static ssize_t read_stream(void *cls, uint64_t position, char *out, size_t most)
{
    stream *from = cls;
    size_t size = sf_piece_reader_read(&from->reader, out, most);

    (void)position;
    prolong(&from->pace);
    if (size)
        return (ssize_t)size;
    return sf_piece_reader_is_broken(&from->reader) ? MHD_CONTENT_READER_END_WITH_ERROR
                                                    : MHD_CONTENT_READER_END_OF_STREAM;
}

static void free_stream(void *cls)
{
    stream *from = cls;

    sf_piece_reader_done(&from->reader);
    free(from);
}

static struct MHD_Response *stream_response(sf_reply *reply, sf_http_pace pace)
{
    stream *from = sf_zalloc(sizeof(*from));
    struct MHD_Response *response;

    from->pace = pace;
    sf_piece_reader_init(&from->reader, &reply->source, reply->source_user);
    reply->source = (sf_reply_source){0};
    response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_stream, from,
                                                 free_stream);
    if (!response)
        free_stream(from);
    return response;
}

static struct MHD_Response *make(sf_reply *reply, sf_http_pace pace)
{
    sf_bytes body = sf_buffer_bytes(&reply->body);

    if (reply->source.next)
        return stream_response(reply, pace);
    return MHD_create_response_from_buffer(body.size, (void *)(uintptr_t)body.data,
                                           MHD_RESPMEM_PERSISTENT);
}

struct MHD_Response *sf_http_response_new(sf_reply *reply, sf_http_pace pace)
{
    struct MHD_Response *response = make(reply, pace);

    if (response)
        add_headers(response, reply);
    return response;
}
