#include "journal/segment_outline.h"

#include <stdlib.h>

#include "base/memory.h"
#include "journal/fact.h"

void sf_outlines_done(sf_outlines *outlines)
{
    for (size_t i = 0; i < outlines->count; i++) {
        free(outlines->items[i].marks);
        free(outlines->items[i].parts);
    }
    free(outlines->items);
    *outlines = (sf_outlines){0};
}

static bool is_target(sf_log_target a, sf_log_target b)
{
    return a.topic == b.topic && a.partition == b.partition;
}

static bool is_before(sf_log_target a, sf_log_target b)
{
    return a.topic < b.topic || (a.topic == b.topic && a.partition < b.partition);
}

/* Snapshots name topics by their numbers, and partitions by theirs. */
const sf_outline_mark *sf_segment_outline_mark(const sf_segment_outline *outline,
                                               sf_log_target target)
{
    size_t from = 0, behind = outline->mark_count;

    while (from < behind) {
        size_t middle = from + (behind - from) / 2;

        if (is_before(outline->marks[middle].target, target))
            from = middle + 1;
        else
            behind = middle;
    }
    if (from == outline->mark_count || !is_target(outline->marks[from].target, target))
        return NULL;
    return &outline->marks[from];
}

/* ---- snapshots ---- */

/* A snapshot says of each partition where it stands and right behind that how much was written. */
static void take_mark(sf_segment_outline *outline, const sf_fact *fact)
{
    sf_log_target target = {fact->topic, fact->partition};

    if (fact->kind == SF_FACT_PARTITION) {
        outline->marks =
            sf_realloc_array(outline->marks, outline->mark_count + 1, sizeof(*outline->marks));
        outline->marks[outline->mark_count++] = (sf_outline_mark){
            .target = target, .next = fact->number, .max_timestamp = fact->max_timestamp};
    } else if (fact->kind == SF_FACT_WRITTEN && outline->mark_count &&
               is_target(outline->marks[outline->mark_count - 1].target, target)) {
        outline->marks[outline->mark_count - 1].written_bytes = fact->number;
    }
}

static sf_status read_frame(sf_log_window *window, sf_log_place place, sf_frame *frame,
                            sf_error *err)
{
    sf_frame_state state;
    sf_status status = sf_log_window_read(window, place, frame, &state, err);

    if (!status && state == SF_FRAME_SHORT)
        return sf_fail_with(err, SF_RETRY, SF_BUSY, "segment %lld in %s is being begun",
                            (long long)place.segment, window->storage->name);
    if (!status && state != SF_FRAME_WHOLE)
        status =
            sf_fail(err, SF_CORRUPT, "the journal in %s is damaged at %lld, in segment %lld",
                    window->storage->name, (long long)place.position, (long long)place.segment);
    return status;
}

static sf_status read_marks(sf_segment_outline *outline, sf_log_window *window, int64_t base,
                            sf_error *err)
{
    sf_frame frame;
    sf_fact fact;
    sf_status status = read_frame(window, sf_log_place_of_segment(base), &frame, err);

    if (status)
        return status;
    outline->header = window->header;
    outline->began_ms = frame.mark.time_ms;
    while (sf_fact_next(&frame.facts, &fact))
        take_mark(outline, &fact);
    return SF_OK;
}

/* ---- what is between two of them ---- */

static void add_part(sf_segment_outline *outline, sf_outline_part part)
{
    outline->parts =
        sf_realloc_array(outline->parts, outline->part_count + 1, sizeof(*outline->parts));
    outline->parts[outline->part_count++] = part;
}

static void subtract(sf_segment_outline *outline, const sf_segment_outline *next)
{
    for (size_t i = 0; i < next->mark_count; i++) {
        const sf_outline_mark *after = &next->marks[i];
        const sf_outline_mark *before = sf_segment_outline_mark(outline, after->target);
        int64_t from = before ? before->next : 0;

        if (after->next > from)
            add_part(outline,
                     (sf_outline_part){after->target, after->next,
                                       after->written_bytes - (before ? before->written_bytes : 0),
                                       false});
    }
}

static sf_status read_summary(sf_segment_outline *outline, sf_log_window *window, sf_error *err)
{
    const sf_segment_header *header = &outline->header;
    sf_frame frame;
    sf_fact fact;
    sf_status status = read_frame(
        window, (sf_log_place){header->base, header->summary_position, header->generation}, &frame,
        err);

    if (status)
        return status;
    while (sf_fact_next(&frame.facts, &fact))
        if (fact.kind == SF_FACT_KEPT)
            add_part(outline, (sf_outline_part){{fact.topic, fact.partition},
                                                fact.max_timestamp,
                                                fact.number,
                                                fact.low != 0});
    return SF_OK;
}

static sf_status read_size(sf_segment_outline *outline, sf_log_storage *storage, sf_error *err)
{
    sf_log_segment *segment;
    sf_status status = storage->ops->open(storage, outline->header.base, &segment, err);

    if (status)
        return status;
    status = storage->ops->size(segment, &outline->size_bytes, err);
    storage->ops->close(segment);
    return status;
}

static sf_status read_parts(sf_segment_outline *outline, const sf_segment_outline *next,
                            sf_log_window *window, sf_error *err)
{
    sf_status status = read_size(outline, window->storage, err);

    if (!status && outline->header.generation)
        return read_summary(outline, window, err);
    if (!status)
        subtract(outline, next);
    return status;
}

static sf_status read_all(sf_outlines *outlines, sf_log_window *window, const int64_t *bases,
                          size_t count, sf_error *err)
{
    sf_status status = SF_OK;

    outlines->items = sf_zalloc((count + 1) * sizeof(*outlines->items));
    for (; !status && outlines->count < count; outlines->count++)
        status = read_marks(&outlines->items[outlines->count], window, bases[outlines->count], err);
    for (size_t i = 0; !status && i + 1 < count; i++)
        status = read_parts(&outlines->items[i], &outlines->items[i + 1], window, err);
    return status;
}

sf_status sf_outlines_read(sf_outlines *outlines, sf_log_storage *storage, sf_error *err)
{
    sf_log_window window;
    int64_t *bases = NULL;
    size_t count = 0;
    sf_status status = storage->ops->list(storage, &bases, &count, err);

    *outlines = (sf_outlines){0};
    sf_log_window_init(&window, storage);
    if (!status)
        status = read_all(outlines, &window, bases, count, err);
    sf_log_window_done(&window);
    free(bases);
    if (status)
        sf_outlines_done(outlines);
    return status;
}
