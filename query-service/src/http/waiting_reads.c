/* waiting_reads.c - a commit between a read's first answer, "not there", and its place among those that wait
 * is not lost: is_asked stays until somebody was asked. What the engine does not tell of, a task that came to
 * this instance, is found by asking every now and then. */
#include "http/waiting_reads.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/clock.h>

#include "base/memory.h"
#include "base/timed_condition.h"

enum { WAITING_MAX = 1000 };

typedef struct waiting_read {
    struct waiting_read *next;
    const sf_request *request;
    sf_reply *reply;
    waiting_read_fn answer;
    void *user;
    int64_t until_us;
} waiting_read;

struct waiting_reads {
    int64_t ask_again_ms;
    pthread_t thread;
    pthread_mutex_t lock; /* for all below */
    pthread_cond_t changed;
    waiting_read *first;
    size_t count;
    bool is_asked; /* something may have come since they were asked last */
    bool is_stopping;
};

static int64_t now_us(void)
{
    return sf_clock_monotonic_us(sf_clock_system());
}

/* Takes the list, so that no lock is held while stores are read. */
static waiting_read *take_all(waiting_reads *reads, bool *is_stopping)
{
    waiting_read *all;

    pthread_mutex_lock(&reads->lock);
    all = reads->first;
    reads->first = NULL;
    reads->is_asked = false;
    *is_stopping = reads->is_stopping;
    pthread_mutex_unlock(&reads->lock);
    return all;
}

static void put_back(waiting_reads *reads, waiting_read *read)
{
    pthread_mutex_lock(&reads->lock);
    read->next = reads->first;
    reads->first = read;
    pthread_mutex_unlock(&reads->lock);
}

static void end(waiting_reads *reads, waiting_read *read)
{
    pthread_mutex_lock(&reads->lock);
    reads->count--;
    pthread_mutex_unlock(&reads->lock);
    sf_reply_send(read->reply);
    free(read);
}

static void ask_all(waiting_reads *reads)
{
    bool is_stopping;
    waiting_read *read = take_all(reads, &is_stopping), *next;

    for (; read; read = next) {
        bool is_last = is_stopping || now_us() >= read->until_us;

        next = read->next;
        if (read->answer(read->request, read->reply, read->user, is_last))
            end(reads, read);
        else
            put_back(reads, read);
    }
}

/* How long they need not be asked if nothing is told: until then, or until the first one's time is over. */
static int64_t patience_ms(const waiting_reads *reads, int64_t until_us)
{
    for (const waiting_read *read = reads->first; read; read = read->next) {
        if (read->until_us < until_us)
            until_us = read->until_us;
    }
    return (until_us - now_us() + 999) / 1000;
}

static void sleep_ms(waiting_reads *reads, int64_t ms)
{
    struct timespec until = sf_moment_in_ms(ms);

    (void)pthread_cond_timedwait(&reads->changed, &reads->lock, &until); /* early is fine */
}

/* Sleeps until somebody waits, and then until something may have come. False: it is over. */
static bool pause_until_due(waiting_reads *reads)
{
    int64_t until_us, ms;
    bool goes_on;

    pthread_mutex_lock(&reads->lock);
    while (!reads->first && !reads->is_stopping)
        pthread_cond_wait(&reads->changed, &reads->lock);
    until_us = now_us() + reads->ask_again_ms * 1000;
    while (!reads->is_asked && !reads->is_stopping && (ms = patience_ms(reads, until_us)) > 0)
        sleep_ms(reads, ms);
    goes_on = reads->first || !reads->is_stopping;
    pthread_mutex_unlock(&reads->lock);
    return goes_on;
}

static void *run(void *argument)
{
    while (pause_until_due(argument))
        ask_all(argument);
    return NULL;
}

waiting_reads *waiting_reads_new(int64_t ask_again_ms)
{
    waiting_reads *reads = sf_zalloc(sizeof *reads);

    reads->ask_again_ms = ask_again_ms;
    pthread_mutex_init(&reads->lock, NULL);
    sf_timed_condition_init(&reads->changed);
    if (pthread_create(&reads->thread, NULL, run, reads))
        abort();
    return reads;
}

void waiting_reads_ask(waiting_reads *reads)
{
    pthread_mutex_lock(&reads->lock);
    reads->is_asked = true;
    if (reads->first)
        pthread_cond_signal(&reads->changed);
    pthread_mutex_unlock(&reads->lock);
}

void waiting_reads_stop(waiting_reads *reads)
{
    bool is_first_stop;

    pthread_mutex_lock(&reads->lock);
    is_first_stop = !reads->is_stopping;
    reads->is_stopping = true;
    pthread_cond_signal(&reads->changed);
    pthread_mutex_unlock(&reads->lock);
    if (is_first_stop)
        pthread_join(reads->thread, NULL);
}

void waiting_reads_free(waiting_reads *reads)
{
    if (!reads)
        return;
    waiting_reads_stop(reads);
    pthread_cond_destroy(&reads->changed);
    pthread_mutex_destroy(&reads->lock);
    free(reads);
}

size_t waiting_reads_count(waiting_reads *reads)
{
    size_t count;

    pthread_mutex_lock(&reads->lock);
    count = reads->count;
    pthread_mutex_unlock(&reads->lock);
    return count;
}

bool waiting_reads_time(const sf_request *request, sf_reply *reply, int64_t *wait_ms)
{
    const char *text = sf_request_query(request, "wait");
    size_t digits = text ? strspn(text, "0123456789") : 0;
    int64_t factor = 0;

    *wait_ms = 0;
    if (!text)
        return true;
    if (!strcmp(text + digits, "s"))
        factor = 1000;
    else if (!strcmp(text + digits, "ms"))
        factor = 1;
    if (factor && digits && digits <= 6) {
        *wait_ms = strtoll(text, NULL, 10) * factor;
        if (*wait_ms <= WAITING_READ_MAX_MS)
            return true;
    }
    sf_reply_problem(reply, 400, "invalid-parameter",
                     "wait must be a time of at most 30s, such as 5s or 250ms; it is '%.100s'",
                     text);
    sf_reply_problem_parameter(reply, "wait", "must be a time of at most 30s, such as 5s or 250ms");
    return false;
}

/* False: it is not to wait, since too many do or the service stops. */
static bool add(waiting_reads *reads, waiting_read *read)
{
    bool is_added;

    pthread_mutex_lock(&reads->lock);
    is_added = !reads->is_stopping && reads->count < WAITING_MAX;
    if (is_added) {
        sf_reply_defer(read->reply);
        reads->count++;
        read->next = reads->first;
        reads->first = read;
        pthread_cond_signal(&reads->changed);
    }
    pthread_mutex_unlock(&reads->lock);
    return is_added;
}

void waiting_reads_answer(waiting_reads *reads, const sf_request *request, sf_reply *reply,
                          waiting_read_fn answer, void *user, int64_t wait_ms)
{
    waiting_read *read;

    if (answer(request, reply, user, !wait_ms))
        return;
    read = sf_alloc(sizeof *read);
    *read = (waiting_read){
        .request = request,
        .reply = reply,
        .answer = answer,
        .user = user,
        .until_us = now_us() + wait_ms * 1000,
    };
    if (add(reads, read))
        return;
    free(read);
    (void)answer(request, reply, user, true); /* the last time it replies */
}
