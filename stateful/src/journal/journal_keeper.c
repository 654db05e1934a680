#include "journal/journal_keeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "base/timed_condition.h"

enum {
    USUAL_FSYNC_MS = 1000,
    USUAL_CLEANER_MS = 30 * 1000,
    NEVER = -1,
    LOOK_SHARE = 8, /* in memory: a look at all segments is worth it once an eighth is new */
};

struct sf_journal_keeper {
    sf_shared_log *log; /* borrowed */
    sf_cleaner *cleaner;
    pthread_mutex_t cleaning; /* one thread at a time has the cleaner */
    size_t begun;             /* segments since it ran; in memory, and guarded like it */
    int64_t fsync_ms;         /* NEVER: not by interval */
    int64_t cleaner_ms;       /* likewise */

    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex; /* guards these */
    pthread_cond_t woken;
    bool is_stopping;
    bool is_segment_begun;

    bool is_failing; /* it was said already; the thread's */
};

sf_status sf_journal_keeper_clean(sf_journal_keeper *keeper, sf_error *err)
{
    sf_status status;

    pthread_mutex_lock(&keeper->cleaning);
    status = sf_cleaner_run(keeper->cleaner, err);
    pthread_mutex_unlock(&keeper->cleaning);
    return status;
}

/* A failure is said once until it is over: the log goes on as it is, it only grows. */
static void note(sf_journal_keeper *keeper, const char *what, sf_status status, const sf_error *err)
{
    if (status && !keeper->is_failing)
        sf_log(SF_LOG_WARN, "journal cannot %s journal=%s reason=\"%s\"", what,
               sf_shared_log_storage(keeper->log)->name, err->text);
    keeper->is_failing = status != SF_OK;
}

static void clean(sf_journal_keeper *keeper)
{
    sf_error err = {0};
    sf_status status = sf_journal_keeper_clean(keeper, &err);

    note(keeper, "be cleaned", status, &err);
}

static void sync_now(sf_journal_keeper *keeper)
{
    sf_error err = {0};
    sf_status status = sf_shared_log_sync(keeper->log, sf_shared_log_end(keeper->log), &err);

    note(keeper, "be synced", status, &err);
}

/* ---- in memory ---- */

static void clean_in_place(void *user)
{
    sf_journal_keeper *keeper = user;

    if (pthread_mutex_trylock(&keeper->cleaning))
        return; /* the cleaner itself has ended a segment, or another thread cleans */
    if (++keeper->begun * LOOK_SHARE > sf_cleaner_closed_count(keeper->cleaner)) {
        (void)sf_cleaner_run(keeper->cleaner, NULL); /* memory is no disk that can fail */
        keeper->begun = 0;
    }
    pthread_mutex_unlock(&keeper->cleaning);
}

/* ---- the thread ---- */

static void wake(void *user)
{
    sf_journal_keeper *keeper = user;

    pthread_mutex_lock(&keeper->mutex);
    keeper->is_segment_begun = true;
    pthread_cond_signal(&keeper->woken);
    pthread_mutex_unlock(&keeper->mutex);
}

static int64_t monotonic_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* it exists */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return b < a ? b : a;
}

/* Sleeps until a time, a segment, or the end; true at the end. */
static bool sleep_until(sf_journal_keeper *keeper, int64_t until_ms, bool *is_segment_begun)
{
    struct timespec until = sf_moment_at_us(until_ms * 1000);
    bool is_stopping;
    int rc = 0;

    pthread_mutex_lock(&keeper->mutex);
    while (!rc && !keeper->is_stopping && !keeper->is_segment_begun)
        rc = pthread_cond_timedwait(&keeper->woken, &keeper->mutex, &until);
    *is_segment_begun = keeper->is_segment_begun;
    keeper->is_segment_begun = false;
    is_stopping = keeper->is_stopping;
    pthread_mutex_unlock(&keeper->mutex);
    return is_stopping;
}

static int64_t next_time(int64_t interval_ms)
{
    return interval_ms == NEVER ? INT64_MAX / 1000 : monotonic_ms() + interval_ms;
}

static void *keep(void *user)
{
    sf_journal_keeper *keeper = user;
    int64_t clean_ms = next_time(keeper->cleaner_ms);
    int64_t sync_ms = next_time(keeper->fsync_ms);
    bool is_segment_begun;

    while (!sleep_until(keeper, sooner(clean_ms, sync_ms), &is_segment_begun)) {
        if (keeper->fsync_ms != NEVER && monotonic_ms() >= sync_ms) {
            sync_now(keeper);
            sync_ms = next_time(keeper->fsync_ms);
        }
        if (keeper->cleaner_ms != NEVER && (is_segment_begun || monotonic_ms() >= clean_ms)) {
            clean(keeper);
            clean_ms = next_time(keeper->cleaner_ms);
        }
    }
    if (keeper->fsync_ms != NEVER)
        sync_now(keeper);
    return NULL;
}

static sf_status start_thread(sf_journal_keeper *keeper, sf_error *err)
{
    int rc = pthread_create(&keeper->thread, NULL, keep, keeper);

    if (rc)
        return sf_fail(err, SF_IO, "cannot start the journal's thread: %s", strerror(rc));
    keeper->has_thread = true;
    sf_shared_log_on_segment(keeper->log, wake, keeper);
    return SF_OK;
}

static void init_waiting(sf_journal_keeper *keeper)
{
    pthread_mutex_init(&keeper->cleaning, NULL);
    pthread_mutex_init(&keeper->mutex, NULL);
    sf_timed_condition_init(&keeper->woken);
}

static int64_t or_usual(int32_t given, int32_t usual)
{
    return given ? given : usual;
}

sf_status sf_journal_keeper_start(sf_shared_log *log, const sf_journal_keeper_options *options,
                                  sf_journal_keeper **keeper, sf_error *err)
{
    sf_journal_keeper *started = sf_zalloc(sizeof(*started));
    bool is_on_disk = sf_shared_log_storage(log)->is_shared;
    sf_status status = SF_OK;

    started->log = log;
    started->cleaner = sf_cleaner_new(log, &options->cleaner);
    started->cleaner_ms = or_usual(options->cleaner_interval_ms, USUAL_CLEANER_MS);
    started->fsync_ms = is_on_disk && options->syncs_by_interval
                            ? or_usual(options->fsync_interval_ms, USUAL_FSYNC_MS)
                            : NEVER;
    init_waiting(started);
    if (!is_on_disk && started->cleaner_ms != NEVER)
        sf_shared_log_on_segment(log, clean_in_place, started);
    if (is_on_disk && (started->cleaner_ms != NEVER || started->fsync_ms != NEVER))
        status = start_thread(started, err);
    if (status)
        sf_journal_keeper_stop(started);
    else
        *keeper = started;
    return status;
}

void sf_journal_keeper_stop(sf_journal_keeper *keeper)
{
    if (keeper->has_thread) {
        pthread_mutex_lock(&keeper->mutex);
        keeper->is_stopping = true;
        pthread_cond_signal(&keeper->woken);
        pthread_mutex_unlock(&keeper->mutex);
        pthread_join(keeper->thread, NULL);
    }
    sf_cleaner_free(keeper->cleaner);
    pthread_cond_destroy(&keeper->woken);
    pthread_mutex_destroy(&keeper->mutex);
    pthread_mutex_destroy(&keeper->cleaning);
    free(keeper);
}
