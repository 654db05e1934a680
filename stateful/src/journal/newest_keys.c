#include "journal/newest_keys.h"

#include "journal/segment_frames.h"

enum { SMALLEST_RECORD = 8 }; /* bytes; with a key, about */

/* A segment whose keys are being noted. */
typedef struct noted_segment {
    sf_newest_keys *keys;
    const sf_cleaning *cleaning;
    const char *journal;
    size_t index;
} noted_segment;

typedef struct noted_block {
    sf_newest_keys *keys;
    sf_log_target target;
} noted_block;

static sf_status note_key(const sf_consumed_record *record, void *user, sf_error *err)
{
    const noted_block *block = user;
    sf_newest_keys *keys = block->keys;
    sf_bytes key = record->record.key;

    (void)err;
    if (!key.data || keys->is_full ||
        sf_key_offsets_put(keys->offsets, block->target, key, record->offset))
        return SF_OK;
    if (keys->covered) { /* the next run has room for it */
        keys->is_full = true;
        return SF_OK;
    }
    sf_key_offsets_grow(keys->offsets);
    (void)sf_key_offsets_put(keys->offsets, block->target, key, record->offset); /* has room */
    return SF_OK;
}

static sf_status note_block(const sf_block *block, const uint8_t *records, void *user,
                            sf_error *err)
{
    const noted_segment *segment = user;
    sf_log_target target = {block->topic, block->partition};
    const sf_cleaned_topic *topic = sf_cleaning_topic(segment->cleaning, block->topic);

    if (segment->keys->is_full || !topic ||
        !sf_cleaning_may_compact(segment->cleaning, segment->index, topic) ||
        sf_cleaning_is_compacted(segment->cleaning, segment->index, target))
        return SF_OK;
    return sf_block_each_record(block, records, segment->journal, note_key,
                                &(noted_block){segment->keys, target}, err);
}

static sf_status note_frame(const sf_frame *frame, void *user, sf_error *err)
{
    return sf_frame_blocks(frame, note_block, user, err);
}

/* ---- room ---- */

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Keys that a part may have: an offset each, but those that went when it was cleaned, and some bytes each. What is
 * told of a part may be nonsense, the segment's size is not. */
static size_t most_keys(const sf_segment_outline *outline, const sf_outline_part *part)
{
    const sf_outline_mark *begin = sf_segment_outline_mark(outline, part->target);
    int64_t from = begin && begin->next > 0 ? begin->next : 0;
    int64_t offsets = part->next > from ? part->next - from : 0;
    int64_t room = smaller(part->size_bytes, (int64_t)outline->size_bytes) / SMALLEST_RECORD;
    int64_t keys = smaller(offsets, room);

    return keys > 0 ? (size_t)keys : 0;
}

static size_t most_keys_of_segment(const sf_cleaning *cleaning, size_t segment)
{
    const sf_segment_outline *outline = &cleaning->outlines.items[segment];
    size_t keys = 0;

    for (size_t i = 0; i < outline->part_count; i++) {
        const sf_outline_part *part = &outline->parts[i];
        const sf_cleaned_topic *topic = sf_cleaning_topic(cleaning, part->target.topic);

        if (!part->is_compacted && topic && sf_cleaning_may_compact(cleaning, segment, topic))
            keys += most_keys(outline, part);
    }
    return keys;
}

/* Room for all there may be, if memory allows; for those of the first dirty segment in any case. */
static size_t keys_wanted(const sf_cleaning *cleaning, size_t memory_bytes)
{
    size_t count = sf_cleaning_closed_count(cleaning);
    size_t allowed = sf_key_offsets_keys_in(memory_bytes);
    size_t wanted = 0;

    for (size_t i = 0; i < count && wanted < allowed; i++) {
        size_t keys = cleaning->sums[i].dirty ? most_keys_of_segment(cleaning, i) : 0;

        wanted = wanted && wanted + keys > allowed ? allowed : wanted + keys;
    }
    return wanted;
}

/* ---- the whole ---- */

sf_status sf_newest_keys_note(sf_newest_keys *keys, const sf_cleaning *cleaning,
                              sf_log_window *window, size_t memory_bytes, sf_error *err)
{
    size_t count = sf_cleaning_closed_count(cleaning);
    sf_status status = SF_OK;

    keys->offsets = sf_key_offsets_new(keys_wanted(cleaning, memory_bytes));
    for (size_t i = 0; !status && !keys->is_full && i < count; i++) {
        noted_segment segment = {keys, cleaning, window->storage->name, i};

        if (!cleaning->sums[i].dirty)
            continue;
        status = sf_segment_frames(window, cleaning->outlines.items[i].header.base, note_frame,
                                   &segment, err);
        if (!keys->is_full)
            keys->covered = i + 1;
    }
    return status;
}

void sf_newest_keys_done(sf_newest_keys *keys)
{
    sf_key_offsets_free(keys->offsets);
    *keys = (sf_newest_keys){0};
}

bool sf_newest_keys_supersede(const sf_newest_keys *keys, sf_log_target target,
                              const sf_consumed_record *record)
{
    return record->record.key.data &&
           sf_key_offsets_get(keys->offsets, target, record->record.key) > record->offset;
}
