/* shared_log.c - one log, many writers.
 *
 *  1 Frames count from the first to the last whole one; `end` is behind it, and the catalog says what
 *    all frames before `end` say.
 *  2 A writer holds the mutex (threads of this process) and the storage's lock (all others). It first
 *    reads on to the end of the last whole frame, which gives it the next offsets; then it cuts what
 *    is behind; then it appends. So a writer killed inside a frame hides nothing of others.
 *  3 Without the lock, a tail that is no whole frame means "not yet". Only under the lock is it known
 *    that nobody is writing it.
 *  4 Each frame carries the position known to be on disk when it was written. A bad frame before such
 *    a mark found anywhere behind it was once durable: an error. At or beyond it, it is what a crash
 *    left of frames that nobody was told of: cut, with all that follows, and said.
 *  5 A segment ends with a frame that says so and is synced before the next one comes into being. The
 *    next one appears whole: header, snapshot of the catalog, both synced.
 *  6 Whole frames are never taken back by a living system, so what was read stays read.
 *  7 Order of locks: mutex, then the storage's. Syncing holds neither.
 */
#include "journal/shared_log.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"
#include "journal/group_sync.h"
#include "journal/log_end.h"

enum { SEGMENT_SIZE = 64 * 1024 * 1024 };

struct sf_shared_log {
    sf_log_storage *storage;
    sf_clock *clock;
    size_t segment_size_bytes;
    bool syncs_later;
    uint64_t id;
    void (*on_segment)(void *user); /* NULL: nobody */
    void *on_segment_user;

    pthread_mutex_t mutex; /* guards these */
    sf_log_end end;
    sf_log_waiter *waiters;
    sf_buffer head;       /* of the frame being written */
    bool has_new_segment; /* begun by the append under way */

    sf_group_sync sync;
    sf_log_segment *sync_segment; /* of who is syncing */
};

sf_log_storage *sf_shared_log_storage(sf_shared_log *log)
{
    return log->storage;
}

sf_clock *sf_shared_log_clock(const sf_shared_log *log)
{
    return log->clock;
}

uint64_t sf_shared_log_id(const sf_shared_log *log)
{
    return log->id;
}

size_t sf_shared_log_segment_size_bytes(const sf_shared_log *log)
{
    return log->segment_size_bytes;
}

void sf_shared_log_on_segment(sf_shared_log *log, void (*fn)(void *user), void *user)
{
    log->on_segment = fn;
    log->on_segment_user = user;
}

int64_t sf_shared_log_end(const sf_shared_log *log)
{
    return atomic_load(&log->end.position);
}

/* ---- reading on ---- */

/* A bad tail seen without the lock may be one being written (3). */
static sf_status look_again(sf_shared_log *log, sf_log_tail *tail, sf_error *err)
{
    sf_status status = log->storage->ops->lock(log->storage, err);

    if (status)
        return status;
    status = sf_log_end_read_on(&log->end, tail, err);
    if (!status && tail->state == SF_FRAME_BAD)
        status = sf_log_end_judge(&log->end, tail, err);
    if (!status)
        log->end.judged_size = tail->size_bytes;
    log->storage->ops->unlock(log->storage);
    return status;
}

static sf_status refresh(sf_shared_log *log, sf_error *err)
{
    sf_status status;
    sf_log_tail tail;

    if (!log->storage->is_shared)
        return SF_OK;
    status = sf_log_end_read_on(&log->end, &tail, err);
    if (!status && tail.state == SF_FRAME_BAD && tail.size_bytes != log->end.judged_size)
        status = look_again(log, &tail, err);
    return status;
}

sf_status sf_shared_log_refresh(sf_shared_log *log, sf_error *err)
{
    sf_status status;

    if (!log->storage->is_shared)
        return SF_OK;
    pthread_mutex_lock(&log->mutex);
    status = refresh(log, err);
    pthread_mutex_unlock(&log->mutex);
    return status;
}

sf_catalog *sf_shared_log_lock(sf_shared_log *log)
{
    pthread_mutex_lock(&log->mutex);
    return log->end.catalog;
}

void sf_shared_log_unlock(sf_shared_log *log)
{
    pthread_mutex_unlock(&log->mutex);
}

sf_status sf_shared_log_lock_fresh(sf_shared_log *log, sf_catalog **catalog, sf_error *err)
{
    sf_status status;

    pthread_mutex_lock(&log->mutex);
    status = refresh(log, err);
    if (status)
        pthread_mutex_unlock(&log->mutex);
    else
        *catalog = log->end.catalog;
    return status;
}

sf_log_place sf_shared_log_end_place(const sf_shared_log *log)
{
    if (log->end.is_closed)
        return sf_log_place_of_segment(log->end.place.position);
    return log->end.place;
}

/* ---- appending ---- */

static sf_frame_mark mark_of(const sf_shared_log *log, int64_t position)
{
    return (sf_frame_mark){position, atomic_load(&log->end.synced), sf_clock_now_ms(log->clock)};
}

/* The bytes of a segment that begins at base, with all that the catalog says. */
static void build_segment(sf_shared_log *log, int64_t base, sf_buffer *contents)
{
    sf_frame_draft snapshot = {.flags = SF_FRAME_IS_SNAPSHOT};
    sf_buffer facts = SF_BUFFER_EMPTY;

    sf_catalog_snapshot(log->end.catalog, &facts);
    snapshot.facts = sf_buffer_bytes(&facts);
    sf_frame_draft_seal(&snapshot);
    sf_segment_header_add(contents, &(sf_segment_header){.log_id = log->id, .base = base});
    sf_frame_draft_head(&snapshot, mark_of(log, sf_log_place_of_segment(base).position), contents);
    sf_buffer_done(&facts);
}

static sf_status enter_segment(sf_shared_log *log, int64_t base, sf_bytes snapshot, sf_error *err)
{
    sf_log_segment *segment;
    sf_status status = log->storage->ops->open(log->storage, base, &segment, err);
    sf_frame frame;

    if (status)
        return status;
    frame = sf_frame_of_head(snapshot);
    log->end.catalog_is_filled = true; /* it was made from it */
    sf_log_end_enter(&log->end, segment);
    return sf_log_end_pass(&log->end, &frame, err);
}

static sf_status begin_segment(sf_shared_log *log, int64_t base, sf_error *err)
{
    sf_buffer contents = SF_BUFFER_EMPTY;
    sf_status status;

    build_segment(log, base, &contents);
    status = log->storage->ops->create(log->storage, base, sf_buffer_bytes(&contents), err);
    if (!status)
        status = enter_segment(log, base,
                               sf_bytes_of(contents.data + SF_SEGMENT_HEADER_SIZE,
                                           contents.size - SF_SEGMENT_HEADER_SIZE),
                               err);
    sf_buffer_done(&contents);
    return status;
}

/* Writes the frame's bytes; what is there of them after a failure is taken back. */
static sf_status write_pieces(sf_shared_log *log, const sf_frame_draft *frame, sf_error *err)
{
    sf_bytes *pieces = sf_realloc_array(NULL, frame->block_count + 1, sizeof(*pieces));
    sf_log_segment *segment = log->end.segment;
    size_t at = sf_log_end_size_bytes(&log->end);
    sf_status status;

    pieces[0] = sf_buffer_bytes(&log->head);
    for (size_t i = 0; i < frame->block_count; i++)
        pieces[i + 1] = frame->records[i];
    status = segment->ops->append(segment, at, pieces, frame->block_count + 1, err);
    if (status)
        (void)segment->ops->cut(segment, at, NULL); /* where it fails the next writer does it */
    free(pieces);
    return status;
}

static sf_status write_frame(sf_shared_log *log, const sf_frame_draft *draft, sf_error *err)
{
    sf_status status;
    sf_frame frame;

    sf_buffer_clear(&log->head);
    sf_frame_draft_head(draft, mark_of(log, log->end.place.position), &log->head);
    status = write_pieces(log, draft, err);
    if (status)
        return status;
    frame = sf_frame_of_head(sf_buffer_bytes(&log->head));
    return sf_log_end_pass(&log->end, &frame, err);
}

static sf_status end_segment(sf_shared_log *log, sf_error *err)
{
    sf_frame_draft last = {.flags = SF_FRAME_IS_LAST, .facts = sf_bytes_of("", 0)};

    sf_frame_draft_seal(&last);
    return write_frame(log, &last, err);
}

/* The segment has ended, maybe by a writer that was killed right then (5). */
static sf_status begin_next_segment(sf_shared_log *log, sf_error *err)
{
    sf_status status = log->end.segment->ops->sync(log->end.segment, err);

    if (status)
        return status;
    sf_log_end_raise_synced(&log->end, log->end.place.position);
    log->has_new_segment = true;
    return begin_segment(log, log->end.place.position, err);
}

static bool fits_segment(const sf_shared_log *log, const sf_frame_draft *frame)
{
    return log->end.place.position == log->end.records_begin ||
           sf_log_end_size_bytes(&log->end) + frame->size_bytes <= log->segment_size_bytes;
}

sf_status sf_shared_log_append(sf_shared_log *log, const sf_frame_draft *frame, sf_error *err)
{
    sf_status status = SF_OK;

    if (!log->end.is_closed && !fits_segment(log, frame))
        status = end_segment(log, err);
    if (!status && log->end.is_closed)
        status = begin_next_segment(log, err);
    return status ? status : write_frame(log, frame, err);
}

sf_status sf_shared_log_append_facts(sf_shared_log *log, const sf_buffer *facts, sf_error *err)
{
    sf_frame_draft frame = {.facts = sf_buffer_bytes(facts)};

    sf_frame_draft_seal(&frame);
    return sf_shared_log_append(log, &frame, err);
}

static sf_status prepare_append(sf_shared_log *log, sf_error *err)
{
    sf_log_tail tail;
    sf_status status = sf_log_end_read_on(&log->end, &tail, err);

    if (!status && tail.size_bytes)
        status = sf_log_end_cut(&log->end, &tail, err);
    return status;
}

sf_status sf_shared_log_begin_append(sf_shared_log *log, sf_catalog **catalog, sf_error *err)
{
    sf_status status;

    pthread_mutex_lock(&log->mutex);
    status = log->storage->ops->lock(log->storage, err);
    if (!status) {
        status = prepare_append(log, err);
        if (status)
            log->storage->ops->unlock(log->storage);
    }
    if (status)
        pthread_mutex_unlock(&log->mutex);
    else
        *catalog = log->end.catalog;
    return status;
}

int64_t sf_shared_log_end_append(sf_shared_log *log)
{
    int64_t end = log->end.place.position;
    bool has_new_segment = log->has_new_segment;

    log->has_new_segment = false;
    log->storage->ops->unlock(log->storage);
    for (sf_log_waiter *waiter = log->waiters; waiter; waiter = waiter->next)
        sf_log_waiter_notify(waiter);
    pthread_mutex_unlock(&log->mutex);
    if (has_new_segment && log->on_segment)
        log->on_segment(log->on_segment_user);
    return end;
}

/* ---- durability ---- */

/* Opens the last segment for the one who syncs, unless it is the one of last time. */
static sf_status open_sync_segment(sf_shared_log *log, int64_t base, sf_error *err)
{
    if (log->sync_segment && log->sync_segment->base == base)
        return SF_OK;
    if (log->sync_segment)
        log->sync_segment->ops->close(log->sync_segment);
    log->sync_segment = NULL;
    return log->storage->ops->open(log->storage, base, &log->sync_segment, err);
}

/* Everything up to the end is in this segment or in one that was synced before (5). */
static sf_status sync_to_end(void *user, sf_error *err)
{
    sf_shared_log *log = user;
    sf_log_place end;
    sf_status status;

    sf_error why = {0};

    pthread_mutex_lock(&log->mutex);
    end = log->end.place;
    pthread_mutex_unlock(&log->mutex);
    status = open_sync_segment(log, end.segment, &why);
    if (!status)
        status = log->sync_segment->ops->sync(log->sync_segment, err);
    else if (why.code == SF_NOT_FOUND)
        status = SF_OK; /* another one ended it, so it was synced, and the cleaner took it away */
    else
        status = sf_fail_with(err, why.status, why.code, "%s", why.text);
    if (!status)
        sf_log_end_raise_synced(&log->end, end.position);
    return status;
}

sf_status sf_shared_log_sync(sf_shared_log *log, int64_t position, sf_error *err)
{
    if (!log->storage->is_shared)
        return SF_OK;
    return sf_group_sync_wait(&log->sync, &log->end.synced, position, sync_to_end, log, err);
}

sf_status sf_shared_log_acknowledge(sf_shared_log *log, int64_t position, sf_error *err)
{
    return log->syncs_later ? SF_OK : sf_shared_log_sync(log, position, err);
}

/* ---- waiters, opening, closing ---- */

void sf_shared_log_add_waiter(sf_shared_log *log, sf_log_waiter *waiter)
{
    pthread_mutex_lock(&log->mutex);
    waiter->next = log->waiters;
    log->waiters = waiter;
    pthread_mutex_unlock(&log->mutex);
}

void sf_shared_log_remove_waiter(sf_shared_log *log, sf_log_waiter *waiter)
{
    sf_log_waiter **link = &log->waiters;

    pthread_mutex_lock(&log->mutex);
    while (*link != waiter)
        link = &(*link)->next;
    *link = waiter->next;
    pthread_mutex_unlock(&log->mutex);
}

static sf_status begin_log(sf_shared_log *log, sf_error *err)
{
    log->id = sf_random_seed_from_system();
    return begin_segment(log, 0, err);
}

/* Starts at the snapshot of the last segment. */
static sf_status resume_log(sf_shared_log *log, int64_t last_base, sf_error *err)
{
    sf_log_segment *last;
    sf_status status = log->storage->ops->open(log->storage, last_base, &last, err);

    if (status)
        return status;
    sf_log_end_enter(&log->end, last);
    status = prepare_append(log, err);
    log->id = log->end.window.header.log_id;
    return status;
}

static sf_status begin_or_resume(sf_shared_log *log, sf_error *err)
{
    sf_status status = log->storage->ops->lock(log->storage, err);
    int64_t *bases = NULL;
    size_t count = 0;

    if (status)
        return status;
    status = log->storage->ops->list(log->storage, &bases, &count, err);
    if (!status)
        status = count ? resume_log(log, bases[count - 1], err) : begin_log(log, err);
    free(bases);
    log->storage->ops->unlock(log->storage);
    return status;
}

sf_status sf_shared_log_open(sf_log_storage *storage, const sf_shared_log_options *options,
                             sf_shared_log **log, sf_error *err)
{
    sf_shared_log *made = sf_zalloc(sizeof(*made));
    sf_status status;

    made->storage = storage;
    made->clock = options->clock ? options->clock : sf_clock_system();
    made->segment_size_bytes =
        options->segment_size_bytes ? options->segment_size_bytes : SEGMENT_SIZE;
    made->syncs_later = options->syncs_later;
    pthread_mutex_init(&made->mutex, NULL);
    sf_group_sync_init(&made->sync);
    sf_log_end_init(&made->end, storage);
    status = begin_or_resume(made, err);
    if (status)
        sf_shared_log_close(made);
    else
        *log = made;
    return status;
}

void sf_shared_log_close(sf_shared_log *log)
{
    if (!log)
        return;
    if (log->sync_segment)
        log->sync_segment->ops->close(log->sync_segment);
    sf_log_end_done(&log->end);
    sf_buffer_done(&log->head);
    sf_group_sync_done(&log->sync);
    pthread_mutex_destroy(&log->mutex);
    log->storage->ops->free(log->storage);
    free(log);
}
