#include "database_watch.h"

#include <stdlib.h>

#include <stateful/log.h>

#include "base/memory.h"

enum {
    FAILURES_MAX = 3,  /* calls in a row that were lost */
    SILENCE_MS = 3000, /* longer than any wait for a lock */
};

void database_watch_init(database_watch *watch, unsigned worker_count)
{
    *watch = (database_watch){
        .workers = sf_zalloc(worker_count * sizeof(*watch->workers)),
        .worker_count = worker_count,
    };
    circuit_breaker_init(&watch->breaker, FAILURES_MAX);
}

void database_watch_done(database_watch *watch)
{
    free(watch->workers);
}

bool database_watch_allows(const database_watch *watch)
{
    return circuit_breaker_allows(&watch->breaker);
}

static void log_news(const database_watch *watch, bool is_news)
{
    bool is_there = database_watch_allows(watch);

    if (is_news)
        sf_log(is_there ? SF_LOG_INFO : SF_LOG_WARN, "database is %s",
               is_there ? "connected" : "away, commands are refused until it answers");
}

static void note_answer(database_watch *watch)
{
    log_news(watch, circuit_breaker_note_answer(&watch->breaker));
}

static void note_silence(database_watch *watch)
{
    bool was_allowed = database_watch_allows(watch);

    (void)circuit_breaker_note_silence(&watch->breaker);
    log_news(watch, was_allowed);
}

void database_watch_begin(database_watch *watch, unsigned worker, int64_t now_us)
{
    watch->workers[worker].asked_since_us = now_us;
    if (!watch->workers[worker].is_connected)
        (void)circuit_breaker_note_trial(&watch->breaker); /* said when it comes to something */
}

void database_watch_end(database_watch *watch, unsigned worker, postgres_outcome outcome,
                        const sf_error *err)
{
    watch->workers[worker].asked_since_us = 0;
    if (outcome != POSTGRES_AWAY)
        note_answer(watch);
    else if (err->status != SF_RETRY)
        log_news(watch, circuit_breaker_note_failure(&watch->breaker));
}

static void set_connected(database_watch *watch, unsigned worker, bool is_connected)
{
    if (watch->workers[worker].is_connected != is_connected)
        watch->connected += is_connected ? 1 : (unsigned)-1;
    watch->workers[worker].is_connected = is_connected;
}

void database_watch_end_connecting(database_watch *watch, unsigned worker, bool is_connected)
{
    watch->workers[worker].asked_since_us = 0;
    set_connected(watch, worker, is_connected);
    if (is_connected)
        note_answer(watch);
    else if (!watch->connected || !database_watch_allows(watch))
        note_silence(watch);
}

void database_watch_leave(database_watch *watch, unsigned worker)
{
    set_connected(watch, worker, false);
}

bool database_watch_finds_silence(database_watch *watch, int64_t now_us)
{
    bool was_allowed = database_watch_allows(watch);

    for (unsigned i = 0; i < watch->worker_count; i++) {
        int64_t since_us = watch->workers[i].asked_since_us;

        if (was_allowed && since_us && since_us < now_us - SILENCE_MS * 1000) {
            note_silence(watch);
            return true;
        }
    }
    return false;
}
