#include "journal/log_search.h"

#include <stdlib.h>

#include <stateful/broker.h>

#include "journal/fact.h"

/* What a snapshot says of the target; before its topic was made: nothing. */
typedef struct standing {
    int64_t next;
    int64_t max_timestamp;
} standing;

typedef struct segment_search {
    sf_log_window window;
    sf_log_target target;
    int64_t *segments; /* bases, ascending */
    size_t count;
} segment_search;

static sf_status fail_snapshot(const segment_search *search, int64_t base, sf_error *err)
{
    return sf_fail(err, SF_CORRUPT, "the snapshot of segment %lld in %s is damaged",
                   (long long)base, search->window.storage->name);
}

/* SF_RETRY if the segment was removed since they were listed. */
static sf_status read_standing(segment_search *search, int64_t base, standing *found, sf_error *err)
{
    sf_frame_state state;
    sf_frame frame;
    sf_bytes facts;
    sf_fact fact;
    sf_status status =
        sf_log_window_read(&search->window, sf_log_place_of_segment(base), &frame, &state, err);

    if (status)
        return status;
    if (state == SF_FRAME_MOVED)
        return SF_RETRY;
    if (state != SF_FRAME_WHOLE)
        return fail_snapshot(search, base, err);
    *found = (standing){0, INT64_MIN};
    facts = frame.facts;
    while (sf_fact_next(&facts, &fact))
        if (fact.kind == SF_FACT_PARTITION && fact.topic == search->target.topic &&
            fact.partition == search->target.partition)
            *found = (standing){fact.number, fact.max_timestamp};
    return facts.size ? fail_snapshot(search, base, err) : SF_OK;
}

typedef bool (*is_before_fn)(const standing *at, int64_t wanted);

static bool is_before_offset(const standing *at, int64_t offset)
{
    return at->next <= offset;
}

static bool is_before_time(const standing *at, int64_t timestamp_ms)
{
    return at->max_timestamp < timestamp_ms;
}

/* The last segment whose snapshot is before what is wanted, else the first there is. */
static sf_status find_segment(segment_search *search, is_before_fn is_before, int64_t wanted,
                              sf_log_place *place, sf_error *err)
{
    size_t from = 0, behind = search->count;

    while (behind - from > 1) {
        size_t middle = from + (behind - from) / 2;
        standing found;
        sf_status status = read_standing(search, search->segments[middle], &found, err);

        if (status)
            return status;
        if (is_before(&found, wanted))
            from = middle;
        else
            behind = middle;
    }
    *place = sf_log_place_of_segment(search->segments[from]);
    return SF_OK;
}

static sf_status search_init(segment_search *search, sf_log_storage *storage, sf_log_target target,
                             sf_error *err)
{
    sf_status status;

    *search = (segment_search){.target = target};
    status = storage->ops->list(storage, &search->segments, &search->count, err);
    if (!status && !search->count)
        status = sf_fail(err, SF_CORRUPT, "the journal in %s has lost its segments", storage->name);
    sf_log_window_init(&search->window, storage);
    return status;
}

static void search_done(segment_search *search)
{
    sf_log_window_done(&search->window);
    free(search->segments);
}

static sf_status search_offset(sf_log_storage *storage, sf_log_target target, int64_t offset,
                               sf_log_place *place, sf_error *err)
{
    segment_search search;
    sf_status status = search_init(&search, storage, target, err);

    if (!status)
        status = find_segment(&search, is_before_offset, offset, place, err);
    search_done(&search);
    return status;
}

sf_status sf_log_search_offset(sf_log_storage *storage, sf_log_target target, int64_t offset,
                               sf_log_place *place, sf_error *err)
{
    sf_status status;

    do
        status = search_offset(storage, target, offset, place, err);
    while (status == SF_RETRY);
    return status;
}

/* ---- what the cleaner took away ---- */

/* Whether the segment that base was found for holds what stood at moved: it was merged from it. */
static sf_status check_merged(segment_search *search, int64_t base, sf_log_place moved,
                              sf_error *err)
{
    standing found;
    sf_status status = read_standing(search, base, &found, err);

    if (status || base == moved.segment || search->window.header.next_base > moved.segment)
        return status;
    return sf_fail(err, SF_CORRUPT, "the journal in %s has lost its segment %lld",
                   search->window.storage->name, (long long)moved.segment);
}

static sf_status search_moved(sf_log_storage *storage, sf_log_place moved, sf_log_place *place,
                              sf_error *err)
{
    segment_search search;
    sf_status status = search_init(&search, storage, (sf_log_target){0}, err);
    size_t at = 0;

    while (!status && at + 1 < search.count && search.segments[at + 1] <= moved.segment)
        at++;
    if (!status && search.segments[at] <= moved.segment)
        status = check_merged(&search, search.segments[at], moved, err);
    if (!status)
        *place = sf_log_place_of_segment(search.segments[at]);
    search_done(&search);
    return status;
}

sf_status sf_log_search_moved(sf_log_storage *storage, sf_log_place moved, sf_log_place *place,
                              sf_error *err)
{
    sf_status status;

    do
        status = search_moved(storage, moved, place, err);
    while (status == SF_RETRY);
    return status;
}

/* ---- by time ---- */

/* SF_OFFSET_END if none in the block is as late. */
static int64_t first_in_block(const sf_block *block, const uint8_t *records,
                              const sf_log_time_search *wanted)
{
    sf_block_iterator at = sf_block_records(block, records);
    int64_t offset = SF_OFFSET_END;
    sf_consumed_record record;
    sf_arena *headers = NULL;

    while (offset == SF_OFFSET_END && at.left && sf_block_next(&at, &record, &headers))
        if (record.offset >= wanted->low && record.record.timestamp >= wanted->timestamp_ms)
            offset = record.offset;
    sf_arena_free(headers);
    return offset;
}

static int64_t first_in_frame(const sf_frame *frame, const sf_log_time_search *wanted)
{
    const uint8_t *records = frame->records;

    for (size_t i = 0; i < frame->block_count; i++) {
        sf_block block = sf_block_get(frame->blocks + i * SF_BLOCK_HEADER_SIZE);

        if (block.topic == wanted->target.topic && block.partition == wanted->target.partition &&
            block.next_offset > wanted->low && block.max_timestamp >= wanted->timestamp_ms)
            return first_in_block(&block, records, wanted);
        records += block.size_bytes;
    }
    return SF_OFFSET_END;
}

/* SF_RETRY: the cleaner took it, and the next search begins with what is left. */
static sf_status follow_moved(const segment_search *search, sf_log_place moved, sf_error *err)
{
    sf_log_place place;
    sf_status status = sf_log_search_moved(search->window.storage, moved, &place, err);

    return status ? status : SF_RETRY;
}

static sf_status scan(segment_search *search, sf_log_place place, const sf_log_time_search *wanted,
                      int64_t *offset, sf_error *err)
{
    int64_t found = SF_OFFSET_END;

    while (found == SF_OFFSET_END && place.position < wanted->log_end) {
        sf_frame_state state;
        sf_frame frame;
        sf_status status = sf_log_window_read(&search->window, place, &frame, &state, err);

        if (!status && state == SF_FRAME_MOVED)
            return follow_moved(search, place, err);
        if (!status && state != SF_FRAME_WHOLE)
            status = sf_fail(err, SF_CORRUPT, "the journal in %s is damaged at %lld",
                             search->window.storage->name, (long long)place.position);
        if (status)
            return status;
        found = first_in_frame(&frame, wanted);
        place = sf_log_window_after(&search->window, place, &frame);
    }
    *offset = found;
    return SF_OK;
}

static sf_status search_time(sf_log_storage *storage, const sf_log_time_search *wanted,
                             int64_t *offset, sf_error *err)
{
    sf_log_place by_time, by_low;
    segment_search search;
    sf_status status = search_init(&search, storage, wanted->target, err);

    if (!status)
        status = find_segment(&search, is_before_time, wanted->timestamp_ms, &by_time, err);
    if (!status)
        status = find_segment(&search, is_before_offset, wanted->low, &by_low, err);
    if (!status)
        status = scan(&search, by_time.position > by_low.position ? by_time : by_low, wanted,
                      offset, err);
    search_done(&search);
    return status;
}

sf_status sf_log_search_time(sf_log_storage *storage, const sf_log_time_search *wanted,
                             int64_t *offset, sf_error *err)
{
    sf_status status;

    do
        status = search_time(storage, wanted, offset, err);
    while (status == SF_RETRY);
    return status;
}
