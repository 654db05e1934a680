#include "journal/log_window.h"

#include <string.h>

#include "base/crc32c.h"
#include "base/encoding.h"

enum { WINDOW_SIZE = 256 * 1024, KEPT_SIZE = 1024 * 1024 };

/* The head of a segment: magic, version, flags (0; room for what changes the meaning of frames),
 * id of the log, base, checksum at the end. */
static const char magic[8] = "sfjournl";

void sf_segment_header_add(sf_buffer *contents, uint64_t log_id, int64_t base)
{
    uint8_t *at = sf_buffer_extend(contents, SF_SEGMENT_HEADER_SIZE);

    memset(at, 0, SF_SEGMENT_HEADER_SIZE);
    memcpy(at, magic, sizeof(magic));
    sf_put_le32(at + 8, SF_SEGMENT_VERSION);
    sf_put_le64(at + 16, log_id);
    sf_put_le64(at + 24, (uint64_t)base);
    sf_put_le32(at + SF_SEGMENT_HEADER_SIZE - 4, sf_crc32c(0, at, SF_SEGMENT_HEADER_SIZE - 4));
}

sf_log_place sf_log_place_after(sf_log_place place, const sf_frame *frame)
{
    int64_t position = place.position + (int64_t)frame->size_bytes;

    if (frame->flags & SF_FRAME_IS_LAST)
        return sf_log_place_of_segment(position);
    return (sf_log_place){place.segment, position};
}

sf_log_place sf_log_place_of_segment(int64_t base)
{
    return (sf_log_place){base, base + SF_SEGMENT_HEADER_SIZE};
}

void sf_log_window_init(sf_log_window *window, sf_log_storage *storage)
{
    *window = (sf_log_window){.storage = storage};
}

static void close_segment(sf_log_window *window)
{
    if (window->segment)
        window->segment->ops->close(window->segment);
    window->segment = NULL;
    sf_buffer_clear(&window->bytes);
}

void sf_log_window_done(sf_log_window *window)
{
    close_segment(window);
    sf_buffer_done(&window->bytes);
}

static sf_status check_header(sf_log_window *window, const uint8_t *header, size_t size,
                              sf_error *err)
{
    const char *name = window->storage->name;
    long long base = window->segment->base;

    if (size < SF_SEGMENT_HEADER_SIZE || memcmp(header, magic, sizeof(magic)) != 0)
        return sf_fail(err, SF_CORRUPT, "segment %lld in %s is no journal segment", base, name);
    if (sf_get_le32(header + 8) != SF_SEGMENT_VERSION || sf_get_le32(header + 12) != 0)
        return sf_fail(err, SF_INVALID,
                       "the journal in %s is of format version %u, this program knows only %d",
                       name, (unsigned)sf_get_le32(header + 8), SF_SEGMENT_VERSION);
    if (sf_get_le32(header + size - 4) != sf_crc32c(0, header, size - 4) ||
        (int64_t)sf_get_le64(header + 24) != window->segment->base)
        return sf_fail(err, SF_CORRUPT, "the header of segment %lld in %s is damaged", base, name);
    window->log_id = sf_get_le64(header + 16);
    return SF_OK;
}

static sf_status open_segment(sf_log_window *window, int64_t base, sf_error *err)
{
    sf_log_storage *storage = window->storage;
    uint8_t header[SF_SEGMENT_HEADER_SIZE];
    sf_status status;
    size_t got;

    close_segment(window);
    status = storage->ops->open(storage, base, &window->segment, err);
    if (!status)
        status = storage->ops->read(window->segment, 0, header, sizeof(header), &got, err);
    if (!status)
        status = check_header(window, header, got, err);
    if (status)
        close_segment(window);
    return status;
}

/* The bytes of the window from position on. */
static sf_bytes bytes_at(const sf_log_window *window, int64_t position)
{
    int64_t skipped = position - window->position;

    if (skipped < 0 || skipped > (int64_t)window->bytes.size)
        return sf_bytes_of("", 0);
    return sf_bytes_of(window->bytes.data + skipped, window->bytes.size - (size_t)skipped);
}

static sf_status load(sf_log_window *window, int64_t position, size_t wanted, sf_error *err)
{
    size_t size = wanted > WINDOW_SIZE ? wanted : WINDOW_SIZE;
    sf_status status;
    size_t got;

    if (window->bytes.capacity > KEPT_SIZE && size <= KEPT_SIZE)
        sf_buffer_done(&window->bytes);
    sf_buffer_clear(&window->bytes);
    status = window->storage->ops->read(window->segment, (size_t)(position - window->segment->base),
                                        sf_buffer_reserve(&window->bytes, size), size, &got, err);
    if (status)
        return status;
    window->bytes.size = got;
    window->position = position;
    return SF_OK;
}

/* Reads anew from position on until the frame there is whole, or is not. */
static sf_status read_anew(sf_log_window *window, int64_t position, sf_frame *frame,
                           sf_frame_state *state, sf_error *err)
{
    sf_status status = load(window, position, 0, err);
    size_t wanted;

    if (status)
        return status;
    wanted = sf_frame_wanted_bytes(sf_buffer_bytes(&window->bytes), position);
    if (wanted > window->bytes.size && window->bytes.size >= WINDOW_SIZE) {
        status = load(window, position, wanted, err);
        if (status)
            return status;
    }
    *state = sf_frame_read(sf_buffer_bytes(&window->bytes), position, frame);
    return SF_OK;
}

sf_status sf_log_window_read(sf_log_window *window, sf_log_place place, sf_frame *frame,
                             sf_frame_state *state, sf_error *err)
{
    sf_status status = SF_OK;

    if (!window->segment || window->segment->base != place.segment)
        status = open_segment(window, place.segment, err);
    if (status)
        return status;
    *state = sf_frame_read(bytes_at(window, place.position), place.position, frame);
    if (*state == SF_FRAME_WHOLE)
        return SF_OK;
    return read_anew(window, place.position, frame, state, err);
}
