#include "journal/log_end.h"

#include <stdlib.h>

#include <stateful/log.h>

#include "base/encoding.h"
#include "base/memory.h"

void sf_log_end_init(sf_log_end *end, sf_log_storage *storage)
{
    *end = (sf_log_end){.storage = storage, .catalog = sf_catalog_new()};
    sf_log_window_init(&end->window, storage);
}

void sf_log_end_done(sf_log_end *end)
{
    if (end->segment)
        end->segment->ops->close(end->segment);
    sf_log_window_done(&end->window);
    sf_catalog_free(end->catalog);
}

void sf_log_end_raise_synced(sf_log_end *end, int64_t position)
{
    int64_t before = atomic_load(&end->synced);

    while (before < position && !atomic_compare_exchange_weak(&end->synced, &before, position))
        ;
}

static void set_place(sf_log_end *end, sf_log_place place)
{
    end->place = place;
    end->judged_size = 0;
    atomic_store(&end->position, place.position);
}

size_t sf_log_end_size_bytes(const sf_log_end *end)
{
    return (size_t)(end->place.position - end->place.segment);
}

void sf_log_end_enter(sf_log_end *end, sf_log_segment *segment)
{
    if (end->segment)
        end->segment->ops->close(end->segment);
    end->segment = segment;
    end->is_closed = false;
    sf_log_end_raise_synced(end, segment->base); /* one is synced before the next begins */
    set_place(end, sf_log_place_of_segment(segment->base));
}

/* The base of the last segment. */
static sf_status find_last(const sf_log_end *end, int64_t *base, sf_error *err)
{
    int64_t *bases = NULL;
    size_t count = 0;
    sf_status status = end->storage->ops->list(end->storage, &bases, &count, err);

    if (!status && !count)
        status =
            sf_fail(err, SF_CORRUPT, "the journal in %s has lost its segments", end->storage->name);
    if (!status)
        *base = bases[count - 1];
    free(bases);
    return status;
}

/* Enters the segment if it is there. */
static sf_status try_enter(sf_log_end *end, int64_t base, bool *entered, sf_error *err)
{
    sf_log_segment *next;
    sf_error why = {0};

    *entered = !end->storage->ops->open(end->storage, base, &next, &why);
    if (*entered)
        sf_log_end_enter(end, next);
    else if (why.code != SF_NOT_FOUND)
        return sf_fail(err, why.code, "%s", why.text);
    return SF_OK;
}

/* The cleaner has rewritten what is to be read next, which a log that is refreshed seldom may find:
 * goes on with the last segment, whose snapshot says all that is to be known. */
static sf_status jump_to_last(sf_log_end *end, sf_error *err)
{
    bool entered = false;
    sf_status status = SF_OK;

    while (!status && !entered) {
        int64_t base;

        status = find_last(end, &base, err);
        if (!status)
            status = try_enter(end, base, &entered, err);
    }
    end->catalog_is_filled = false;
    return status;
}

/* The segment at hand is not the one that was begun to be read: the cleaner was there. It never touches
 * the last one. */
static sf_status leave_cleaned(sf_log_end *end, sf_error *err)
{
    int64_t last = 0;
    sf_status status = find_last(end, &last, err);

    if (!status && last == end->place.segment)
        return sf_fail(err, SF_CORRUPT,
                       "the journal in %s has lost its end: segment %lld, which is the last one "
                       "there, was cleaned when others followed it",
                       end->storage->name, (long long)last);
    return status ? status : jump_to_last(end, err);
}

/* The next segment begins where this one ended; it may not be there yet, or not any more. */
static sf_status enter_next(sf_log_end *end, sf_error *err)
{
    int64_t last = 0;
    bool entered;
    sf_status status = try_enter(end, end->place.position, &entered, err);

    if (status || entered)
        return status;
    status = find_last(end, &last, err);
    return status || last < end->place.position ? status : jump_to_last(end, err);
}

sf_status sf_log_end_pass(sf_log_end *end, const sf_frame *frame, sf_error *err)
{
    bool is_snapshot = frame->flags & SF_FRAME_IS_SNAPSHOT;
    sf_log_place after = {.segment = end->place.segment,
                          .position = end->place.position + (int64_t)frame->size_bytes};
    sf_status status;

    if (!is_snapshot || !end->catalog_is_filled) {
        status = is_snapshot ? sf_catalog_jump(end->catalog, frame, err)
                             : sf_catalog_apply(end->catalog, frame, err);
        if (status)
            return sf_error_prefix(err, status, "the journal in %s", end->storage->name);
    }
    sf_log_end_raise_synced(end, is_snapshot ? after.position : frame->mark.synced);
    if (is_snapshot) {
        end->catalog_is_filled = true;
        end->records_begin = after.position;
    }
    end->is_closed = frame->flags & SF_FRAME_IS_LAST;
    set_place(end, after);
    return SF_OK;
}

static sf_status measure_tail(const sf_log_end *end, sf_log_tail *tail, sf_error *err)
{
    size_t size;
    sf_status status = end->segment->ops->size(end->segment, &size, err);

    if (status)
        return status;
    if (size < sf_log_end_size_bytes(end))
        return sf_fail(err, SF_CORRUPT,
                       "the journal in %s has lost its end: it was read up to %lld, and segment "
                       "%lld now has only %zu bytes",
                       end->storage->name, (long long)end->place.position,
                       (long long)end->place.segment, size);
    tail->size_bytes = size - sf_log_end_size_bytes(end);
    return SF_OK;
}

/* The frame at the end of a segment with tail->size_bytes more bytes. */
static sf_status take_frame(sf_log_end *end, sf_log_tail *tail, sf_error *err)
{
    sf_frame frame;
    sf_status status = sf_log_window_read(&end->window, end->place, &frame, &tail->state, err);

    if (!status && (tail->state == SF_FRAME_MOVED || end->window.header.generation > 0)) {
        *tail = (sf_log_tail){0, SF_FRAME_WHOLE};
        return leave_cleaned(end, err);
    }
    if (status || tail->state != SF_FRAME_WHOLE)
        return status;
    tail->size_bytes -= frame.size_bytes < tail->size_bytes ? frame.size_bytes : tail->size_bytes;
    return sf_log_end_pass(end, &frame, err);
}

sf_status sf_log_end_read_on(sf_log_end *end, sf_log_tail *tail, sf_error *err)
{
    sf_status status = SF_OK;

    *tail = (sf_log_tail){0, SF_FRAME_WHOLE};
    while (!status && tail->state == SF_FRAME_WHOLE) {
        if (end->is_closed) {
            tail->size_bytes = 0;
            status = enter_next(end, err);
            if (status || end->is_closed)
                return status;
        }
        if (!tail->size_bytes)
            status = measure_tail(end, tail, err);
        if (status || !tail->size_bytes)
            return status;
        status = take_frame(end, tail, err);
    }
    return status;
}

/* Whether some whole frame in bytes, which begin at position, says that position was durable. */
static bool is_marked_durable(sf_bytes bytes, int64_t position)
{
    for (size_t at = 1; at + SF_FRAME_HEADER_SIZE <= bytes.size; at++) {
        sf_frame frame;

        if ((int64_t)sf_get_le64(bytes.data + at + 8) == position + (int64_t)at &&
            sf_frame_read(sf_bytes_of(bytes.data + at, bytes.size - at), position + (int64_t)at,
                          &frame) == SF_FRAME_WHOLE &&
            frame.mark.synced > position)
            return true;
    }
    return false;
}

static sf_status fail_damaged(const sf_log_end *end, sf_error *err)
{
    return sf_fail(err, SF_CORRUPT,
                   "the journal in %s is damaged at %lld, in segment %lld: what stood there was "
                   "already on disk",
                   end->storage->name, (long long)end->place.position,
                   (long long)end->place.segment);
}

sf_status sf_log_end_judge(sf_log_end *end, const sf_log_tail *tail, sf_error *err)
{
    uint8_t *bytes;
    sf_status status;
    size_t got;
    bool is_durable;

    if (end->place.position < atomic_load(&end->synced) ||
        end->place.position == sf_log_place_of_segment(end->place.segment).position)
        return fail_damaged(end, err);
    bytes = sf_alloc(tail->size_bytes);
    status = end->segment->ops->read(end->segment, sf_log_end_size_bytes(end), bytes,
                                     tail->size_bytes, &got, err);
    is_durable = !status && is_marked_durable(sf_bytes_of(bytes, got), end->place.position);
    free(bytes);
    if (status)
        return status;
    return is_durable ? fail_damaged(end, err) : SF_OK;
}

sf_status sf_log_end_cut(sf_log_end *end, const sf_log_tail *tail, sf_error *err)
{
    sf_status status = sf_log_end_judge(end, tail, err);

    if (status)
        return status;
    sf_log(SF_LOG_WARN, "journal cut an unfinished tail journal=%s position=%lld bytes=%zu",
           end->storage->name, (long long)end->place.position, tail->size_bytes);
    return end->segment->ops->cut(end->segment, sf_log_end_size_bytes(end), err);
}
