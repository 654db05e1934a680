/* cleaner.c - one run over the closed segments of a log.
 *
 *  1 The last segment grows and is never touched. A closed one changes only here.
 *  2 What is kept goes into a new file, which is synced and then renamed over the first of the segments
 *    it stands for; then the others are removed. A crash before the rename leaves nothing; behind it the
 *    others may still be there: whoever reads them finds what they always held, and the next run
 *    removes them. A reader whose segment has gone is led to what holds its records now.
 *  3 The new file is never longer than what it replaces, so that positions in it stay below those of
 *    the next segment.
 *  4 Segments at the front in which nothing is live are removed, oldest first.
 *  5 Keys: the newest offset of each key in the segments that are dirty is looked up for every record
 *    up to there; an older one goes. As many dirty segments as the table of keys has room for are covered
 *    by a run, the first in any case; what it has of one that did not fit is true too. A deletion stays for delete.retention.ms after it was first
 *    compacted, since a reader that saw the key before it must see the deletion too; it goes when its
 *    segment and all before it were compacted in earlier runs, so that nothing older of its key is
 *    left: one that would have grown (3) still has all it had.
 *  6 The end of a partition is told even where its last record went, so that readers come to it.
 */
#include "journal/cleaner.h"

#include <stdlib.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "journal/cleaned_segment.h"
#include "journal/cleaning.h"
#include "journal/key_offsets.h"

#define USUAL_RATIO 0.5

enum {
    USUAL_MEMORY = 32 * 1024 * 1024,
    SMALL_RUN = 8,       /* so many small segments in a row become one */
    SMALLEST_RECORD = 8, /* bytes; with a key, about */
};

/* One that would have grown: it is left alone while it is the same. */
typedef struct left_alone {
    int64_t base;
    uint32_t generation;
} left_alone;

struct sf_cleaner {
    sf_shared_log *log;      /* borrowed */
    sf_log_storage *storage; /* the log's */
    sf_cleaner_options options;
    left_alone *left_alone;
    size_t left_alone_count;
    size_t closed_count; /* of the last run */

    /* of the run */
    sf_cleaning cleaning;
    sf_key_offsets *keys;  /* NULL: none are compacted */
    bool is_full;          /* there was no room for a key */
    size_t covered;        /* closed segments whose keys are looked up */
    bool *is_wanted;       /* to be rewritten, of each closed segment */
    sf_log_window window;  /* to read them */
    size_t removed;        /* segments */
    int64_t before, after; /* bytes of those rewritten */
};

sf_cleaner *sf_cleaner_new(sf_shared_log *log, const sf_cleaner_options *options)
{
    sf_cleaner *cleaner = sf_zalloc(sizeof(*cleaner));

    cleaner->log = log;
    cleaner->storage = sf_shared_log_storage(log);
    cleaner->options = *options;
    if (!cleaner->options.min_dirty_ratio)
        cleaner->options.min_dirty_ratio = USUAL_RATIO;
    if (!cleaner->options.memory_bytes)
        cleaner->options.memory_bytes = USUAL_MEMORY;
    return cleaner;
}

void sf_cleaner_free(sf_cleaner *cleaner)
{
    if (!cleaner)
        return;
    free(cleaner->left_alone);
    free(cleaner);
}

static const sf_segment_outline *outline_at(const sf_cleaner *cleaner, size_t segment)
{
    return &cleaner->cleaning.outlines.items[segment];
}

/* ---- reading ---- */

typedef sf_status (*frame_fn)(sf_cleaner *cleaner, size_t segment, const sf_frame *frame,
                              void *user, sf_error *err);

/* Calls fn for all frames of a closed segment. */
static sf_status read_segment(sf_cleaner *cleaner, size_t segment, frame_fn fn, void *user,
                              sf_error *err)
{
    sf_log_place place = sf_log_place_of_segment(outline_at(cleaner, segment)->header.base);
    sf_status status = SF_OK;
    bool is_last = false;

    while (!status && !is_last) {
        sf_frame_state state;
        sf_frame frame;

        status = sf_log_window_read(&cleaner->window, place, &frame, &state, err);
        if (!status && state != SF_FRAME_WHOLE)
            status = sf_fail(
                err, SF_CORRUPT, "the journal in %s is damaged at %lld, in segment %lld",
                cleaner->storage->name, (long long)place.position, (long long)place.segment);
        if (status)
            return status;
        is_last = frame.flags & SF_FRAME_IS_LAST;
        place = sf_log_window_after(&cleaner->window, place, &frame);
        status = fn(cleaner, segment, &frame, user, err);
    }
    return status;
}

typedef sf_status (*record_fn)(const sf_consumed_record *record, void *user, sf_error *err);

static sf_status read_block(const sf_cleaner *cleaner, const sf_block *block,
                            const uint8_t *records, record_fn fn, void *user, sf_error *err)
{
    sf_block_iterator at = sf_block_records(block, records);
    sf_arena *headers = NULL;
    sf_status status = SF_OK;

    while (!status && at.left) {
        sf_consumed_record record;

        if (!sf_block_next(&at, &record, &headers))
            status = sf_fail(err, SF_CORRUPT, "records in the journal in %s make no sense",
                             cleaner->storage->name);
        else
            status = fn(&record, user, err);
    }
    sf_arena_free(headers);
    return status;
}

/* ---- keys ---- */

static const sf_outline_part *part_of(const sf_segment_outline *outline, sf_log_target target)
{
    for (size_t i = 0; i < outline->part_count; i++)
        if (outline->parts[i].target.topic == target.topic &&
            outline->parts[i].target.partition == target.partition)
            return &outline->parts[i];
    return NULL;
}

static bool was_compacted(const sf_cleaner *cleaner, size_t segment, sf_log_target target)
{
    const sf_outline_part *part = part_of(outline_at(cleaner, segment), target);

    return part && part->is_compacted;
}

typedef struct noted_block {
    sf_cleaner *cleaner;
    sf_log_target target;
} noted_block;

static sf_status note_key(const sf_consumed_record *record, void *user, sf_error *err)
{
    const noted_block *block = user;
    sf_cleaner *cleaner = block->cleaner;
    sf_bytes key = record->record.key;

    (void)err;
    if (!key.data || cleaner->is_full ||
        sf_key_offsets_put(cleaner->keys, block->target, key, record->offset))
        return SF_OK;
    if (cleaner->covered) { /* the next run has room for it */
        cleaner->is_full = true;
        return SF_OK;
    }
    sf_key_offsets_grow(cleaner->keys);
    (void)sf_key_offsets_put(cleaner->keys, block->target, key, record->offset); /* has room */
    return SF_OK;
}

static sf_status note_keys(sf_cleaner *cleaner, size_t segment, const sf_frame *frame, void *user,
                           sf_error *err)
{
    const uint8_t *records = frame->records;
    sf_status status = SF_OK;

    (void)user;
    for (size_t i = 0; !status && !cleaner->is_full && i < frame->block_count; i++) {
        sf_block block = sf_block_get(frame->blocks + i * SF_BLOCK_HEADER_SIZE);
        sf_log_target target = {block.topic, block.partition};
        const sf_cleaned_topic *topic = sf_cleaning_topic(&cleaner->cleaning, block.topic);

        if (topic && sf_cleaning_may_compact(&cleaner->cleaning, segment, topic) &&
            !was_compacted(cleaner, segment, target))
            status = read_block(cleaner, &block, records, note_key, &(noted_block){cleaner, target},
                                err);
        records += block.size_bytes;
    }
    return status;
}

/* Keys that a part may have: an offset each, but those that went when it was cleaned, and some bytes each. */
static size_t most_keys(const sf_segment_outline *outline, const sf_outline_part *part)
{
    const sf_outline_mark *begin = sf_segment_outline_mark(outline, part->target);
    int64_t offsets = part->next - (begin ? begin->next : 0);
    int64_t room = part->size_bytes / SMALLEST_RECORD;

    return (size_t)(offsets < room ? offsets : room);
}

static size_t most_keys_of_segment(const sf_cleaner *cleaner, size_t segment)
{
    const sf_segment_outline *outline = outline_at(cleaner, segment);
    size_t keys = 0;

    for (size_t i = 0; i < outline->part_count; i++) {
        const sf_outline_part *part = &outline->parts[i];
        const sf_cleaned_topic *topic = sf_cleaning_topic(&cleaner->cleaning, part->target.topic);

        if (!part->is_compacted && topic &&
            sf_cleaning_may_compact(&cleaner->cleaning, segment, topic))
            keys += most_keys(outline, part);
    }
    return keys;
}

/* Room for all there may be, if memory allows; for those of the first dirty segment in any case. */
static size_t keys_wanted(const sf_cleaner *cleaner)
{
    size_t count = sf_cleaning_closed_count(&cleaner->cleaning);
    size_t allowed = sf_key_offsets_keys_in(cleaner->options.memory_bytes);
    size_t wanted = 0;

    for (size_t i = 0; i < count && wanted < allowed; i++) {
        size_t keys = cleaner->cleaning.sums[i].dirty ? most_keys_of_segment(cleaner, i) : 0;

        wanted = wanted && wanted + keys > allowed ? allowed : wanted + keys;
    }
    return wanted;
}

static sf_status note_all_keys(sf_cleaner *cleaner, sf_error *err)
{
    size_t count = sf_cleaning_closed_count(&cleaner->cleaning);
    sf_status status = SF_OK;

    cleaner->keys = sf_key_offsets_new(keys_wanted(cleaner));
    for (size_t i = 0; !status && !cleaner->is_full && i < count; i++) {
        if (!cleaner->cleaning.sums[i].dirty)
            continue;
        status = read_segment(cleaner, i, note_keys, NULL, err);
        if (!cleaner->is_full)
            cleaner->covered = i + 1;
    }
    return status;
}

static bool compaction_is_due(const sf_cleaner *cleaner)
{
    size_t count = sf_cleaning_closed_count(&cleaner->cleaning);
    int64_t dirty = 0, clean = 0;

    for (size_t i = 0; i < count; i++) {
        dirty += cleaner->cleaning.sums[i].dirty;
        clean += cleaner->cleaning.sums[i].clean;
    }
    return dirty && (double)dirty >= cleaner->options.min_dirty_ratio * (double)(dirty + clean);
}

/* ---- which segments to rewrite ---- */

static bool is_left_alone(const sf_cleaner *cleaner, const sf_segment_header *header)
{
    for (size_t i = 0; i < cleaner->left_alone_count; i++)
        if (cleaner->left_alone[i].base == header->base &&
            cleaner->left_alone[i].generation == header->generation)
            return true;
    return false;
}

/* Half of it or more would go without a look at keys. In one that was cleaned only what is purged since
 * can go, in others also what is no record: many small frames, offsets of groups. */
static bool is_mostly_gone(const sf_cleaner *cleaner, size_t segment)
{
    const sf_segment_outline *outline = outline_at(cleaner, segment);
    const sf_segment_sums *sums = &cleaner->cleaning.sums[segment];

    if (outline->header.generation)
        return sums->gone && sums->gone >= sums->live;
    return sums->live <= (int64_t)outline->size_bytes / 2;
}

static bool is_small(const sf_cleaner *cleaner, size_t segment)
{
    const sf_segment_outline *outline = outline_at(cleaner, segment);

    return cleaner->is_wanted[segment] ||
           (outline->header.generation &&
            outline->size_bytes < cleaner->options.segment_size_bytes / 2);
}

static void want_small_runs(sf_cleaner *cleaner, size_t count)
{
    size_t begin = 0;

    for (size_t i = 0; i <= count; i++) {
        if (i < count && is_small(cleaner, i))
            continue;
        for (size_t k = begin; i - begin >= SMALL_RUN && k < i; k++)
            cleaner->is_wanted[k] = true;
        begin = i + 1;
    }
}

static void choose(sf_cleaner *cleaner)
{
    size_t count = sf_cleaning_closed_count(&cleaner->cleaning);

    for (size_t i = 0; i < count; i++) {
        const sf_segment_sums *sums = &cleaner->cleaning.sums[i];

        if (is_left_alone(cleaner, &outline_at(cleaner, i)->header))
            continue;
        cleaner->is_wanted[i] =
            (i < cleaner->covered && sums->dirty + sums->clean > 0) || is_mostly_gone(cleaner, i);
    }
    want_small_runs(cleaner, count);
}

/* ---- rewriting ---- */

typedef struct kept_block {
    const sf_cleaner *cleaner;
    sf_cleaned_segment *into;
    sf_log_target target;
    int64_t low;
    bool looks_up_keys;
    bool drops_deletions; /* their time is over */
} kept_block;

static bool is_superseded(const kept_block *block, const sf_consumed_record *record)
{
    return block->looks_up_keys && record->record.key.data &&
           sf_key_offsets_get(block->cleaner->keys, block->target, record->record.key) >
               record->offset;
}

static sf_status keep_record(const sf_consumed_record *record, void *user, sf_error *err)
{
    const kept_block *block = user;
    bool is_deletion = record->record.key.data && !record->record.value.data;

    if (record->offset < block->low || is_superseded(block, record) ||
        (block->drops_deletions && is_deletion))
        return SF_OK;
    return sf_cleaned_segment_keep(block->into, record, err);
}

static sf_status keep_block(sf_cleaner *cleaner, size_t segment, int64_t time_ms,
                            const sf_block *block, const uint8_t *records, sf_cleaned_segment *into,
                            sf_error *err)
{
    sf_log_target target = {block->topic, block->partition};
    const sf_cleaned_topic *topic = sf_cleaning_topic(&cleaner->cleaning, block->topic);
    kept_block kept = {cleaner, into, target, sf_cleaning_low(&cleaner->cleaning, target),
                       false,   false};
    bool was, is;

    if (!topic || block->next_offset <= kept.low)
        return SF_OK;
    was = was_compacted(cleaner, segment, target);
    kept.looks_up_keys = segment < cleaner->covered && topic->policy.is_compacted;
    kept.drops_deletions = kept.looks_up_keys && was &&
                           time_ms < cleaner->cleaning.now_ms - topic->policy.delete_retention_ms &&
                           sf_cleaning_is_compacted_before(&cleaner->cleaning, segment, target);
    is = was || (segment < cleaner->covered &&
                 sf_cleaning_may_compact(&cleaner->cleaning, segment, topic));
    sf_cleaned_segment_add_block(into, target, block->next_offset, is);
    return read_block(cleaner, block, records, keep_record, &kept, err);
}

/* Frames in which keys are compacted for the first time get the time of this run. */
static int64_t time_of(const sf_cleaner *cleaner, size_t segment, const sf_frame *frame)
{
    return segment < cleaner->covered && cleaner->cleaning.sums[segment].dirty
               ? cleaner->cleaning.now_ms
               : frame->mark.time_ms;
}

static sf_status keep_frame(sf_cleaner *cleaner, size_t segment, const sf_frame *frame, void *user,
                            sf_error *err)
{
    sf_cleaned_segment *into = user;
    const uint8_t *records = frame->records;
    sf_status status;

    if (!frame->block_count)
        return SF_OK;
    status = sf_cleaned_segment_set_time(into, time_of(cleaner, segment, frame), err);
    for (size_t i = 0; !status && i < frame->block_count; i++) {
        sf_block block = sf_block_get(frame->blocks + i * SF_BLOCK_HEADER_SIZE);

        status = keep_block(cleaner, segment, frame->mark.time_ms, &block, records, into, err);
        records += block.size_bytes;
    }
    return status;
}

static void leave_alone(sf_cleaner *cleaner, size_t from, size_t behind)
{
    cleaner->left_alone =
        sf_realloc_array(cleaner->left_alone, cleaner->left_alone_count + behind - from,
                         sizeof(*cleaner->left_alone));
    for (size_t i = from; i < behind; i++) {
        const sf_segment_header *header = &outline_at(cleaner, i)->header;

        cleaner->left_alone[cleaner->left_alone_count++] =
            (left_alone){header->base, header->generation};
    }
}

/* Under the lock of writers: who opens the log meanwhile sees all or nothing of it. */
static sf_status put_in_place(sf_cleaner *cleaner, size_t from, size_t behind,
                              sf_log_segment *written, sf_error *err)
{
    sf_catalog *catalog;
    sf_status status = sf_shared_log_begin_append(cleaner->log, &catalog, err);

    if (status)
        return status;
    status = cleaner->storage->ops->replace(written, err);
    for (size_t i = from + 1; !status && i < behind; i++) {
        status = cleaner->storage->ops->remove(cleaner->storage,
                                               outline_at(cleaner, i)->header.base, err);
        cleaner->removed++;
    }
    (void)sf_shared_log_end_append(cleaner->log); /* nothing was appended */
    return status;
}

static sf_status finish(sf_cleaner *cleaner, size_t from, size_t behind, sf_cleaned_segment *into,
                        sf_error *err)
{
    int64_t next_base = outline_at(cleaner, behind)->header.base;
    sf_log_segment *written;
    sf_status status = sf_cleaned_segment_finish(into, next_base, &written, err);
    int64_t size = (int64_t)sf_cleaned_segment_size_bytes(into);

    if (status)
        return status;
    if (outline_at(cleaner, from)->header.base + size > next_base) {
        leave_alone(cleaner, from, behind);
        return SF_OK;
    }
    status = put_in_place(cleaner, from, behind, written, err);
    for (size_t i = from; !status && i < behind; i++)
        cleaner->before += (int64_t)outline_at(cleaner, i)->size_bytes;
    if (!status)
        cleaner->after += size;
    return status;
}

/* Rewrites segments from *from on into one, until it is full; *from is behind them then. */
static sf_status rewrite_some(sf_cleaner *cleaner, size_t *from, size_t behind, sf_error *err)
{
    sf_cleaned_segment *into = NULL;
    size_t at = *from;
    sf_status status =
        sf_cleaned_segment_begin(cleaner->storage, outline_at(cleaner, at), &into, err);

    if (status)
        return status;
    do {
        sf_cleaned_segment_enter(into, outline_at(cleaner, at)->header.generation);
        status = read_segment(cleaner, at, keep_frame, into, err);
        at++;
    } while (!status && at < behind &&
             sf_cleaned_segment_size_bytes(into) < cleaner->options.segment_size_bytes);
    if (!status)
        status = finish(cleaner, *from, at, into, err);
    sf_cleaned_segment_free(into);
    *from = at;
    return status;
}

static sf_status rewrite_wanted(sf_cleaner *cleaner, sf_error *err)
{
    size_t count = sf_cleaning_closed_count(&cleaner->cleaning);
    sf_status status = SF_OK;
    size_t at = 0;

    while (!status && at < count) {
        size_t behind = at;

        while (behind < count && cleaner->is_wanted[behind])
            behind++;
        while (!status && at < behind)
            status = rewrite_some(cleaner, &at, behind, err);
        if (!status && at < count && !cleaner->is_wanted[at])
            at++;
    }
    return status;
}

/* ---- removing ---- */

/* A run that was killed has left segments that another one stands for (2). */
static sf_status remove_merged(sf_cleaner *cleaner, bool *removed, sf_error *err)
{
    size_t count = sf_cleaning_closed_count(&cleaner->cleaning);
    int64_t merged_below = 0;
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < count; i++) {
        const sf_segment_header *header = &outline_at(cleaner, i)->header;

        if (header->base < merged_below) {
            status = cleaner->storage->ops->remove(cleaner->storage, header->base, err);
            *removed = true;
        } else if (header->generation) {
            merged_below = header->next_base;
        }
    }
    return status;
}

static sf_status remove_dead_front(sf_cleaner *cleaner, bool *removed, sf_error *err)
{
    size_t count = sf_cleaning_closed_count(&cleaner->cleaning);
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < count && !cleaner->cleaning.sums[i].live; i++) {
        status = cleaner->storage->ops->remove(cleaner->storage,
                                               outline_at(cleaner, i)->header.base, err);
        cleaner->removed++;
        *removed = true;
    }
    return status;
}

/* ---- a run ---- */

static sf_status look(sf_cleaner *cleaner, sf_error *err)
{
    bool removed = true;
    sf_status status = SF_OK;

    while (!status && removed) {
        sf_cleaning_done(&cleaner->cleaning);
        status = sf_cleaning_begin(&cleaner->cleaning, cleaner->log, err);
        removed = false;
        if (!status)
            status = remove_merged(cleaner, &removed, err);
        if (!status && !removed)
            status = remove_dead_front(cleaner, &removed, err);
    }
    return status;
}

static void tell(const sf_cleaner *cleaner)
{
    if (cleaner->before || cleaner->removed)
        sf_log(SF_LOG_DEBUG, "journal cleaned journal=%s removed=%zu bytes=%lld kept=%lld",
               cleaner->storage->name, cleaner->removed, (long long)cleaner->before,
               (long long)cleaner->after);
}

static sf_status clean(sf_cleaner *cleaner, sf_error *err)
{
    sf_status status = look(cleaner, err);

    if (status)
        return status;
    cleaner->closed_count = sf_cleaning_closed_count(&cleaner->cleaning);
    cleaner->is_wanted = sf_zalloc(cleaner->closed_count + 1);
    if (compaction_is_due(cleaner))
        status = note_all_keys(cleaner, err);
    if (!status) {
        choose(cleaner);
        status = rewrite_wanted(cleaner, err);
    }
    tell(cleaner);
    return status;
}

static void forget_run(sf_cleaner *cleaner)
{
    sf_log_window_done(&cleaner->window);
    sf_cleaning_done(&cleaner->cleaning);
    sf_key_offsets_free(cleaner->keys);
    free(cleaner->is_wanted);
    cleaner->cleaning = (sf_cleaning){0};
    cleaner->keys = NULL;
    cleaner->is_full = false;
    cleaner->is_wanted = NULL;
    cleaner->covered = cleaner->removed = 0;
    cleaner->before = cleaner->after = 0;
}

size_t sf_cleaner_closed_count(const sf_cleaner *cleaner)
{
    return cleaner->closed_count;
}

sf_status sf_cleaner_run(sf_cleaner *cleaner, sf_error *err)
{
    bool got;
    sf_status status = cleaner->storage->ops->lock_cleaner(cleaner->storage, &got, err);

    if (status || !got)
        return status;
    sf_log_window_init(&cleaner->window, cleaner->storage);
    status = clean(cleaner, err);
    forget_run(cleaner);
    cleaner->storage->ops->unlock_cleaner(cleaner->storage);
    return status;
}
