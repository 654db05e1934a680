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
 *  5 A dirty segment has keys that were never compacted. Once enough is dirty, keys are compacted: the
 *    newest offset of each is noted (newest_keys.h) and decides which records stay (kept_records.h).
 *  6 The end of a partition is told even where its last record went, so that readers come to it.
 */
#include "journal/cleaner.h"

#include <stdlib.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "journal/kept_records.h"

#define USUAL_RATIO 0.5

enum {
    USUAL_MEMORY = 32 * 1024 * 1024,
    SMALL_RUN = 8, /* so many small segments in a row become one */
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
    sf_newest_keys keys;
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

/* ---- which segments to rewrite ---- */

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
        cleaner->is_wanted[i] = (i < cleaner->keys.covered && sums->dirty + sums->clean > 0) ||
                                is_mostly_gone(cleaner, i);
    }
    want_small_runs(cleaner, count);
}

/* ---- rewriting ---- */

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
        status = sf_kept_records_copy(&cleaner->cleaning, &cleaner->keys, &cleaner->window, at,
                                      into, err);
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
        status = sf_newest_keys_note(&cleaner->keys, &cleaner->cleaning, &cleaner->window,
                                     cleaner->options.memory_bytes, err);
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
    sf_newest_keys_done(&cleaner->keys);
    free(cleaner->is_wanted);
    cleaner->cleaning = (sf_cleaning){0};
    cleaner->is_wanted = NULL;
    cleaner->removed = 0;
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
