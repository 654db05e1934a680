#include "journal/cursors.h"

#include <stdlib.h>

#include "base/memory.h"

enum { STEP_SIZE = 256 * 1024 };

struct sf_cursor {
    sf_log_place place;
    size_t follower_count;
    sf_cursor *next;
};

void sf_cursors_init(sf_cursors *cursors, sf_log_storage *storage)
{
    *cursors = (sf_cursors){0};
    sf_log_window_init(&cursors->window, storage);
}

void sf_cursors_done(sf_cursors *cursors)
{
    sf_log_window_done(&cursors->window);
}

static size_t bucket_of(sf_log_target target)
{
    return (target.topic * 31 + (uint32_t)target.partition) % SF_CURSOR_BUCKETS;
}

static sf_cursor *cursor_at(const sf_cursors *cursors, sf_log_place place,
                            const sf_cursor *other_than)
{
    sf_cursor *cursor = cursors->first;

    while (cursor && (cursor == other_than || !sf_log_place_is(cursor->place, place)))
        cursor = cursor->next;
    return cursor;
}

static void free_cursor(sf_cursors *cursors, sf_cursor *cursor)
{
    sf_cursor **link = &cursors->first;

    while (*link != cursor)
        link = &(*link)->next;
    *link = cursor->next;
    free(cursor);
}

/* Gives the follower to the cursor at place, a new one if there is none yet; other_than is about to
 * leave that place. */
static void join(sf_cursors *cursors, sf_follower *follower, sf_log_place place,
                 const sf_cursor *other_than)
{
    sf_cursor *cursor = cursor_at(cursors, place, other_than);

    if (!cursor) {
        cursor = sf_zalloc(sizeof(*cursor));
        cursor->place = place;
        cursor->next = cursors->first;
        cursors->first = cursor;
    }
    cursor->follower_count++;
    follower->cursor = cursor;
}

/* Frees the cursor with its last follower. */
static void leave(sf_cursors *cursors, sf_follower *follower)
{
    if (!--follower->cursor->follower_count)
        free_cursor(cursors, follower->cursor);
    follower->cursor = NULL;
}

void sf_cursors_add(sf_cursors *cursors, sf_follower *follower, sf_log_place place)
{
    sf_follower **bucket = &cursors->buckets[bucket_of(follower->target)];

    follower->next_in_bucket = *bucket;
    *bucket = follower;
    join(cursors, follower, place, NULL);
}

void sf_cursors_remove(sf_cursors *cursors, sf_follower *follower)
{
    sf_follower **link = &cursors->buckets[bucket_of(follower->target)];

    while (*link != follower)
        link = &(*link)->next_in_bucket;
    *link = follower->next_in_bucket;
    leave(cursors, follower);
}

int64_t sf_follower_log_position(const sf_follower *follower)
{
    return follower->cursor->place.position;
}

/* Takes along the followers of another cursor that stands at the same place. */
static void merge(sf_cursors *cursors, sf_cursor *cursor)
{
    sf_cursor *other = cursor_at(cursors, cursor->place, cursor);

    if (!other)
        return;
    for (size_t i = 0; i < SF_CURSOR_BUCKETS; i++)
        for (sf_follower *at = cursors->buckets[i]; at; at = at->next_in_bucket)
            if (at->cursor == other)
                at->cursor = cursor;
    cursor->follower_count += other->follower_count;
    free_cursor(cursors, other);
}

static bool is_full(const sf_follower *follower)
{
    return follower->queue.size_bytes >= follower->queue_size_bytes;
}

static bool wants(const sf_follower *follower, const sf_cursor *cursor, const sf_block *block)
{
    return follower->cursor == cursor && follower->target.topic == block->topic &&
           follower->target.partition == block->partition && block->next_offset > follower->wanted;
}

/* Gives a block to who wants it. False if the cursor is to stop before this frame. */
static bool hand_out(sf_cursors *cursors, sf_cursor *cursor, const sf_block *block,
                     const uint8_t *records, const sf_follower *lacking)
{
    size_t bucket = bucket_of((sf_log_target){block->topic, block->partition});

    for (sf_follower *at = cursors->buckets[bucket]; at; at = at->next_in_bucket) {
        if (!wants(at, cursor, block))
            continue;
        if (!is_full(at)) {
            sf_block_queue_push(&at->queue, block, records);
            at->wanted = block->next_offset;
            at->is_announced = false;
        } else if (lacking->queue.count) {
            return false;
        } else {
            leave(cursors, at); /* the cursor stays: lacking is not full and follows it */
            join(cursors, at, cursor->place, cursor);
        }
    }
    return true;
}

static bool hand_out_frame(sf_cursors *cursors, sf_cursor *cursor, const sf_frame *frame,
                           const sf_follower *lacking)
{
    const uint8_t *records = frame->records;

    for (size_t i = 0; i < frame->block_count; i++) {
        sf_block block = sf_block_get(frame->blocks + i * SF_BLOCK_HEADER_SIZE);

        if (!hand_out(cursors, cursor, &block, records, lacking))
            return false;
        records += block.size_bytes;
    }
    return true;
}

static sf_status fail_damaged(const sf_cursors *cursors, const sf_cursor *cursor, sf_error *err)
{
    return sf_fail(err, SF_CORRUPT, "the journal in %s is damaged at %lld, in segment %lld",
                   cursors->window.storage->name, (long long)cursor->place.position,
                   (long long)cursor->place.segment);
}

/* Moves the cursor over one frame, or to where the cleaner has put what it points to. *stopped: a
 * follower has to take first. */
static sf_status step(sf_cursors *cursors, sf_cursor *cursor, const sf_follower *lacking,
                      bool *stopped, sf_error *err)
{
    sf_frame_state state;
    sf_frame frame;
    sf_status status = sf_log_window_read(&cursors->window, cursor->place, &frame, &state, err);

    if (!status && state == SF_FRAME_MOVED)
        return sf_log_search_moved(cursors->window.storage, cursor->place, &cursor->place, err);
    if (!status && state != SF_FRAME_WHOLE)
        status = fail_damaged(cursors, cursor, err);
    if (status)
        return status;
    *stopped = !hand_out_frame(cursors, cursor, &frame, lacking);
    if (!*stopped)
        cursor->place = sf_log_window_after(&cursors->window, cursor->place, &frame);
    return SF_OK;
}

sf_status sf_cursors_advance(sf_cursors *cursors, sf_follower *lacking, int64_t log_end,
                             sf_error *err)
{
    sf_cursor *cursor = lacking->cursor;
    int64_t stop = cursor->place.position + STEP_SIZE;
    bool stopped = false;

    while (!stopped && cursor->place.position < log_end && cursor->place.position < stop) {
        sf_status status;

        merge(cursors, cursor);
        status = step(cursors, cursor, lacking, &stopped, err);
        if (status)
            return status;
    }
    merge(cursors, cursor);
    return SF_OK;
}
