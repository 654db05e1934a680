#include "journal/kept_records.h"

#include "journal/segment_frames.h"

/* A segment of which some is kept. */
typedef struct kept_segment {
    const sf_cleaning *cleaning;
    const sf_newest_keys *keys;
    sf_cleaned_segment *into;
    const char *journal;
    size_t index;
    int64_t time_ms; /* of the frame */
} kept_segment;

typedef struct kept_block {
    const sf_newest_keys *keys; /* NULL: not looked up */
    sf_cleaned_segment *into;
    sf_log_target target;
    int64_t low;
    bool drops_deletions; /* their time is over */
} kept_block;

static sf_status keep_record(const sf_consumed_record *record, void *user, sf_error *err)
{
    const kept_block *block = user;
    bool is_deletion = record->record.key.data && !record->record.value.data;

    if (record->offset < block->low ||
        (block->keys && sf_newest_keys_supersede(block->keys, block->target, record)) ||
        (block->drops_deletions && is_deletion))
        return SF_OK;
    return sf_cleaned_segment_keep(block->into, record, err);
}

static bool is_covered(const kept_segment *segment)
{
    return segment->index < segment->keys->covered;
}

static sf_status keep_block(const sf_block *block, const uint8_t *records, void *user,
                            sf_error *err)
{
    const kept_segment *segment = user;
    const sf_cleaning *cleaning = segment->cleaning;
    sf_log_target target = {block->topic, block->partition};
    const sf_cleaned_topic *topic = sf_cleaning_topic(cleaning, block->topic);
    kept_block kept = {NULL, segment->into, target, sf_cleaning_low(cleaning, target), false};
    bool was, is;

    if (!topic || block->next_offset <= kept.low)
        return SF_OK;
    was = sf_cleaning_is_compacted(cleaning, segment->index, target);
    if (is_covered(segment) && topic->policy.is_compacted)
        kept.keys = segment->keys;
    kept.drops_deletions =
        kept.keys && was &&
        segment->time_ms < cleaning->now_ms - topic->policy.delete_retention_ms &&
        sf_cleaning_is_compacted_before(cleaning, segment->index, target);
    is = was || (is_covered(segment) && sf_cleaning_may_compact(cleaning, segment->index, topic));
    sf_cleaned_segment_add_block(segment->into, target, block->next_offset, is);
    return sf_block_each_record(block, records, segment->journal, keep_record, &kept, err);
}

/* Frames in which keys are compacted for the first time get the time of this run. */
static int64_t new_time_of(const kept_segment *segment, const sf_frame *frame)
{
    return is_covered(segment) && segment->cleaning->sums[segment->index].dirty
               ? segment->cleaning->now_ms
               : frame->mark.time_ms;
}

static sf_status keep_frame(const sf_frame *frame, void *user, sf_error *err)
{
    kept_segment *segment = user;
    sf_status status;

    if (!frame->block_count)
        return SF_OK;
    segment->time_ms = frame->mark.time_ms;
    status = sf_cleaned_segment_set_time(segment->into, new_time_of(segment, frame), err);
    return status ? status : sf_frame_blocks(frame, keep_block, segment, err);
}

sf_status sf_kept_records_copy(const sf_cleaning *cleaning, const sf_newest_keys *keys,
                               sf_log_window *window, size_t segment, sf_cleaned_segment *into,
                               sf_error *err)
{
    kept_segment kept = {cleaning, keys, into, window->storage->name, segment, 0};

    return sf_segment_frames(window, cleaning->outlines.items[segment].header.base, keep_frame,
                             &kept, err);
}
