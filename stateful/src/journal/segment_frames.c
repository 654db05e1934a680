#include "journal/segment_frames.h"

static sf_status read_frame(sf_log_window *window, sf_log_place place, sf_frame *frame,
                            sf_error *err)
{
    sf_frame_state state;
    sf_status status = sf_log_window_read(window, place, frame, &state, err);

    if (!status && state != SF_FRAME_WHOLE)
        status =
            sf_fail(err, SF_CORRUPT, "the journal in %s is damaged at %lld, in segment %lld",
                    window->storage->name, (long long)place.position, (long long)place.segment);
    return status;
}

sf_status sf_segment_frames(sf_log_window *window, int64_t base, sf_segment_frame_fn fn, void *user,
                            sf_error *err)
{
    sf_log_place place = sf_log_place_of_segment(base);
    sf_status status = SF_OK;
    bool is_last = false;

    while (!status && !is_last) {
        sf_frame frame;

        status = read_frame(window, place, &frame, err);
        if (status)
            return status;
        is_last = frame.flags & SF_FRAME_IS_LAST;
        place = sf_log_window_after(window, place, &frame);
        status = fn(&frame, user, err);
    }
    return status;
}

sf_status sf_frame_blocks(const sf_frame *frame, sf_frame_block_fn fn, void *user, sf_error *err)
{
    const uint8_t *records = frame->records;
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < frame->block_count; i++) {
        sf_block block = sf_block_get(frame->blocks + i * SF_BLOCK_HEADER_SIZE);

        status = fn(&block, records, user, err);
        records += block.size_bytes;
    }
    return status;
}

sf_status sf_block_each_record(const sf_block *block, const uint8_t *records, const char *journal,
                               sf_block_record_fn fn, void *user, sf_error *err)
{
    sf_block_iterator at = sf_block_records(block, records);
    sf_arena *headers = NULL;
    sf_status status = SF_OK;

    while (!status && at.left) {
        sf_consumed_record record;

        if (!sf_block_next(&at, &record, &headers))
            status =
                sf_fail(err, SF_CORRUPT, "records in the journal in %s make no sense", journal);
        else
            status = fn(&record, user, err);
    }
    sf_arena_free(headers);
    return status;
}
