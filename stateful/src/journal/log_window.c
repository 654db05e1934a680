#include "journal/log_window.h"

#include <string.h>

#include "base/crc32c.h"
#include "base/encoding.h"

enum { WINDOW_SIZE = 256 * 1024, KEPT_SIZE = 1024 * 1024 };

/* The head of a segment: magic, version, flags (room for what changes the meaning of frames), id of the
 * log, base; of a cleaned one generation, next base, summary position; checksum at the end. */
static const char magic[8] = "sfjournl";

enum {
    IS_CLEANED = 1, /* the next segment does not begin where this one ends */

    AT_VERSION = 8,
    AT_FLAGS = 12,
    AT_LOG_ID = 16,
    AT_BASE = 24,
    AT_GENERATION = 32,
    AT_NEXT_BASE = 40,
    AT_SUMMARY = 48,
    AT_CRC = SF_SEGMENT_HEADER_SIZE - 4,
};

void sf_segment_header_add(sf_buffer *contents, const sf_segment_header *header)
{
    uint8_t *at = sf_buffer_extend(contents, SF_SEGMENT_HEADER_SIZE);

    memset(at, 0, SF_SEGMENT_HEADER_SIZE);
    memcpy(at, magic, sizeof(magic));
    sf_put_le32(at + AT_VERSION, SF_SEGMENT_VERSION);
    sf_put_le32(at + AT_FLAGS, header->generation ? IS_CLEANED : 0);
    sf_put_le64(at + AT_LOG_ID, header->log_id);
    sf_put_le64(at + AT_BASE, (uint64_t)header->base);
    sf_put_le32(at + AT_GENERATION, header->generation);
    sf_put_le64(at + AT_NEXT_BASE, (uint64_t)header->next_base);
    sf_put_le64(at + AT_SUMMARY, (uint64_t)header->summary_position);
    sf_put_le32(at + AT_CRC, sf_crc32c(0, at, AT_CRC));
}

static sf_segment_header header_of(const uint8_t *at)
{
    return (sf_segment_header){
        .log_id = sf_get_le64(at + AT_LOG_ID),
        .base = (int64_t)sf_get_le64(at + AT_BASE),
        .generation = sf_get_le32(at + AT_GENERATION),
        .next_base = (int64_t)sf_get_le64(at + AT_NEXT_BASE),
        .summary_position = (int64_t)sf_get_le64(at + AT_SUMMARY),
    };
}

sf_log_place sf_log_place_of_segment(int64_t base)
{
    return (sf_log_place){.segment = base, .position = base + SF_SEGMENT_HEADER_SIZE};
}

bool sf_log_place_is(sf_log_place place, sf_log_place other)
{
    return place.segment == other.segment && place.position == other.position &&
           place.generation == other.generation;
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
    if (sf_get_le32(header + AT_VERSION) != SF_SEGMENT_VERSION ||
        sf_get_le32(header + AT_FLAGS) > IS_CLEANED)
        return sf_fail(
            err, SF_INVALID,
            "the journal in %s is of format version %u.%u, this program knows only %d.%d", name,
            (unsigned)sf_get_le32(header + AT_VERSION), (unsigned)sf_get_le32(header + AT_FLAGS),
            SF_SEGMENT_VERSION, IS_CLEANED);
    if (sf_get_le32(header + AT_CRC) != sf_crc32c(0, header, AT_CRC) ||
        (int64_t)sf_get_le64(header + AT_BASE) != window->segment->base)
        return sf_fail(err, SF_CORRUPT, "the header of segment %lld in %s is damaged", base, name);
    window->header = header_of(header);
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

/* The first frame of a segment stands at the same place in each of its generations. */
static bool is_good_for(sf_log_place place, const sf_log_window *window)
{
    return window->segment && window->segment->base == place.segment &&
           (place.position == sf_log_place_of_segment(place.segment).position ||
            place.generation == window->header.generation);
}

sf_status sf_log_window_read(sf_log_window *window, sf_log_place place, sf_frame *frame,
                             sf_frame_state *state, sf_error *err)
{
    sf_error why = {0};

    *state = SF_FRAME_MOVED;
    if (!is_good_for(place, window) && open_segment(window, place.segment, &why))
        return why.code == SF_NOT_FOUND ? SF_OK
                                        : sf_fail_with(err, why.status, why.code, "%s", why.text);
    if (!is_good_for(place, window))
        return SF_OK;
    *state = sf_frame_read(bytes_at(window, place.position), place.position, frame);
    if (*state == SF_FRAME_WHOLE)
        return SF_OK;
    return read_anew(window, place.position, frame, state, err);
}

sf_log_place sf_log_window_after(const sf_log_window *window, sf_log_place place,
                                 const sf_frame *frame)
{
    int64_t position = place.position + (int64_t)frame->size_bytes;

    if (!(frame->flags & SF_FRAME_IS_LAST))
        return (sf_log_place){place.segment, position, window->header.generation};
    return sf_log_place_of_segment(window->header.generation ? window->header.next_base : position);
}
