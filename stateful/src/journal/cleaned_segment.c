#include "journal/cleaned_segment.h"

#include <stdlib.h>

#include "base/encoding.h"
#include "base/map.h"
#include "base/memory.h"
#include "journal/fact.h"

enum { FRAME_SIZE = 256 * 1024 };

/* What is kept of a partition. */
typedef struct kept {
    sf_log_target target;
    sf_block_draft draft; /* for the next frame */
    int64_t base_offset;  /* of its first record */
    int64_t next_offset;  /* behind all blocks so far */
    int64_t written_next; /* of the last block written */
    int64_t size_bytes;   /* of the blocks written */
    bool is_compacted;
} kept;

struct sf_cleaned_segment {
    sf_log_storage *storage; /* borrowed */
    sf_segment_header header;
    sf_log_segment *segment;
    size_t size_bytes;
    kept **all; /* in the order of their first block */
    size_t count;
    sf_map *by_target;
    kept *current;      /* of the block added last */
    size_t draft_bytes; /* of all drafts */
    int64_t time_ms;    /* of the next frame */
    sf_buffer head;     /* of the frame being written */
    sf_block *blocks;   /* likewise, room for all */
    sf_bytes *pieces;   /* the head and the blocks' records */
};

/* ---- frames ---- */

static int64_t position_of(const sf_cleaned_segment *segment)
{
    return segment->header.base + (int64_t)segment->size_bytes;
}

static sf_status write_bytes(sf_cleaned_segment *segment, const sf_bytes *pieces, size_t count,
                             sf_error *err)
{
    sf_status status =
        segment->segment->ops->append(segment->segment, segment->size_bytes, pieces, count, err);

    for (size_t i = 0; !status && i < count; i++)
        segment->size_bytes += pieces[i].size;
    return status;
}

/* Everything before a closed segment is on disk. */
static sf_status write_draft(sf_cleaned_segment *segment, sf_frame_draft *draft, int64_t time_ms,
                             sf_error *err)
{
    sf_frame_mark mark = {position_of(segment), segment->header.base, time_ms};

    draft->records = segment->pieces + 1;
    sf_frame_draft_seal(draft);
    sf_buffer_clear(&segment->head);
    sf_frame_draft_head(draft, mark, &segment->head);
    segment->pieces[0] = sf_buffer_bytes(&segment->head);
    return write_bytes(segment, segment->pieces, draft->block_count + 1, err);
}

static sf_block block_of(const kept *of)
{
    return (sf_block){
        .topic = of->target.topic,
        .partition = of->target.partition,
        .base_offset = of->draft.count ? of->base_offset : of->next_offset,
        .next_offset = of->next_offset,
        .base_timestamp = of->draft.base_timestamp,
        .max_timestamp = of->draft.max_timestamp,
        .count = of->draft.count,
        .size_bytes = (uint32_t)of->draft.records.size,
    };
}

static void note_written(kept *of)
{
    of->size_bytes += SF_BLOCK_HEADER_SIZE + (int64_t)of->draft.records.size;
    of->written_next = of->next_offset;
    sf_block_draft_clear(&of->draft);
}

/* Writes the drafts that have records, or, at the end, also those that only have an end to tell. */
static sf_status write_frame(sf_cleaned_segment *segment, bool is_end, sf_error *err)
{
    sf_frame_draft draft = {.blocks = segment->blocks, .facts = sf_bytes_of("", 0)};
    sf_status status;

    for (size_t i = 0; i < segment->count; i++) {
        const kept *of = segment->all[i];

        if (!of->draft.count && !(is_end && of->written_next < of->next_offset))
            continue;
        draft.blocks[draft.block_count++] = block_of(of);
        segment->pieces[draft.block_count] = sf_buffer_bytes(&of->draft.records);
    }
    segment->draft_bytes = 0;
    if (!draft.block_count)
        return SF_OK;
    status = write_draft(segment, &draft, segment->time_ms, err);
    for (size_t i = 0; !status && i < segment->count; i++)
        if (segment->all[i]->draft.count ||
            (is_end && segment->all[i]->written_next < segment->all[i]->next_offset))
            note_written(segment->all[i]);
    return status;
}

/* ---- the beginning ---- */

static sf_status write_snapshot(sf_cleaned_segment *segment, const sf_segment_outline *first,
                                sf_error *err)
{
    sf_frame_draft draft = {.flags = SF_FRAME_IS_SNAPSHOT};
    sf_buffer facts = SF_BUFFER_EMPTY;
    sf_status status;

    for (size_t i = 0; i < first->mark_count; i++) {
        const sf_outline_mark *mark = &first->marks[i];

        sf_fact_add(&facts, &(sf_fact){.kind = SF_FACT_PARTITION,
                                       .topic = mark->target.topic,
                                       .partition = mark->target.partition,
                                       .number = mark->next,
                                       .max_timestamp = mark->max_timestamp});
        sf_fact_add(&facts, &(sf_fact){.kind = SF_FACT_WRITTEN,
                                       .topic = mark->target.topic,
                                       .partition = mark->target.partition,
                                       .number = mark->written_bytes});
    }
    draft.facts = sf_buffer_bytes(&facts);
    status = write_draft(segment, &draft, first->began_ms, err);
    sf_buffer_done(&facts);
    return status;
}

/* At the beginning room is made for the header, which is known at the end. */
static sf_status write_header(sf_cleaned_segment *segment, sf_error *err)
{
    sf_buffer header = SF_BUFFER_EMPTY;
    sf_status status;
    sf_bytes piece;

    sf_segment_header_add(&header, &segment->header);
    piece = sf_buffer_bytes(&header);
    status = segment->segment->ops->append(segment->segment, 0, &piece, 1, err);
    sf_buffer_done(&header);
    return status;
}

sf_status sf_cleaned_segment_begin(sf_log_storage *storage, const sf_segment_outline *first,
                                   sf_cleaned_segment **segment, sf_error *err)
{
    sf_cleaned_segment *begun = sf_zalloc(sizeof(*begun));
    sf_status status;

    begun->storage = storage;
    begun->header = (sf_segment_header){.log_id = first->header.log_id, .base = first->header.base};
    begun->by_target = sf_map_new();
    begun->pieces = sf_realloc_array(NULL, 1, sizeof(*begun->pieces));
    status = storage->ops->begin(storage, first->header.base, &begun->segment, err);
    if (!status)
        status = write_header(begun, err);
    begun->size_bytes = SF_SEGMENT_HEADER_SIZE;
    if (!status)
        status = write_snapshot(begun, first, err);
    if (status)
        sf_cleaned_segment_free(begun);
    else
        *segment = begun;
    return status;
}

void sf_cleaned_segment_free(sf_cleaned_segment *segment)
{
    if (!segment)
        return;
    if (segment->segment)
        segment->segment->ops->close(segment->segment);
    for (size_t i = 0; i < segment->count; i++) {
        sf_block_draft_done(&segment->all[i]->draft);
        free(segment->all[i]);
    }
    free(segment->all);
    free(segment->blocks);
    free(segment->pieces);
    sf_map_free(segment->by_target);
    sf_buffer_done(&segment->head);
    free(segment);
}

/* ---- what is kept ---- */

void sf_cleaned_segment_enter(sf_cleaned_segment *segment, uint32_t generation)
{
    if (generation >= segment->header.generation)
        segment->header.generation = generation + 1;
}

sf_status sf_cleaned_segment_set_time(sf_cleaned_segment *segment, int64_t time_ms, sf_error *err)
{
    sf_status status = SF_OK;

    if (time_ms != segment->time_ms)
        status = write_frame(segment, false, err);
    segment->time_ms = time_ms;
    return status;
}

static kept *kept_of(sf_cleaned_segment *segment, sf_log_target target)
{
    uint8_t key[8];
    kept *of;

    sf_put_be32(key, target.topic);
    sf_put_be32(key + 4, (uint32_t)target.partition);
    of = sf_map_get(segment->by_target, sf_bytes_of(key, sizeof(key)));
    if (of)
        return of;
    of = sf_zalloc(sizeof(*of));
    of->target = target;
    of->is_compacted = true;
    (void)sf_map_put(segment->by_target, sf_bytes_of(key, sizeof(key)), of); /* nothing was there */
    segment->count++;
    segment->all = sf_realloc_array(segment->all, segment->count, sizeof(*segment->all));
    segment->all[segment->count - 1] = of;
    segment->blocks = sf_realloc_array(segment->blocks, segment->count, sizeof(*segment->blocks));
    segment->pieces =
        sf_realloc_array(segment->pieces, segment->count + 1, sizeof(*segment->pieces));
    return of;
}

void sf_cleaned_segment_add_block(sf_cleaned_segment *segment, sf_log_target target,
                                  int64_t next_offset, bool is_compacted)
{
    if (!segment->current || segment->current->target.topic != target.topic ||
        segment->current->target.partition != target.partition)
        segment->current = kept_of(segment, target);
    segment->current->is_compacted &= is_compacted;
    segment->current->next_offset = next_offset;
}

/* The frame is full, or the gap before the record is too wide for one block. */
static bool needs_new_frame(const sf_cleaned_segment *segment, const sf_consumed_record *record)
{
    const kept *of = segment->current;

    return segment->draft_bytes >= FRAME_SIZE ||
           (of->draft.count && record->offset - of->base_offset - of->draft.span > INT32_MAX);
}

sf_status sf_cleaned_segment_keep(sf_cleaned_segment *segment, const sf_consumed_record *record,
                                  sf_error *err)
{
    kept *of = segment->current;
    size_t before;

    if (needs_new_frame(segment, record)) {
        int64_t next_offset = of->next_offset;
        sf_status status;

        of->next_offset = record->offset; /* the rest of its block is in the next frame */
        status = write_frame(segment, false, err);
        of->next_offset = next_offset;
        if (status)
            return status;
    }
    before = of->draft.records.size;
    if (!of->draft.count)
        of->base_offset = record->offset;
    (void)sf_block_draft_add(&of->draft, &record->record, /* the offset is known */
                             (uint32_t)(record->offset - of->base_offset - of->draft.span));
    segment->draft_bytes += of->draft.records.size - before;
    return SF_OK;
}

size_t sf_cleaned_segment_size_bytes(const sf_cleaned_segment *segment)
{
    return segment->size_bytes;
}

/* ---- the end ---- */

static sf_status write_summary(sf_cleaned_segment *segment, sf_error *err)
{
    sf_frame_draft draft = {.flags = SF_FRAME_IS_LAST, .facts = sf_bytes_of("", 0)};
    sf_buffer facts = SF_BUFFER_EMPTY;
    sf_status status;

    for (size_t i = 0; i < segment->count; i++) {
        const kept *of = segment->all[i];

        sf_fact_add(&facts, &(sf_fact){.kind = SF_FACT_KEPT,
                                       .topic = of->target.topic,
                                       .partition = of->target.partition,
                                       .number = of->size_bytes,
                                       .low = of->is_compacted,
                                       .max_timestamp = of->next_offset});
    }
    if (facts.size)
        draft.facts = sf_buffer_bytes(&facts);
    segment->header.summary_position = position_of(segment);
    status = write_draft(segment, &draft, segment->time_ms, err);
    sf_buffer_done(&facts);
    return status;
}

sf_status sf_cleaned_segment_finish(sf_cleaned_segment *segment, int64_t next_base,
                                    sf_log_segment **written, sf_error *err)
{
    sf_status status = write_frame(segment, true, err);

    if (!status)
        status = write_summary(segment, err);
    segment->header.next_base = next_base;
    if (!status)
        status = write_header(segment, err);
    if (!status)
        status = segment->segment->ops->sync(segment->segment, err);
    if (!status)
        *written = segment->segment;
    return status;
}
