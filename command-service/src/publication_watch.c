#include "publication_watch.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <stateful/clock.h>
#include <stateful/log.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/timed_condition.h"
#include "pending.h"

enum {
    POLL_MS = 20,
    MANY = 256, /* are asked for at a time */
};

struct publication_watch {
    postgres *connection;
    pthread_t thread;
    awaited_publication *waiting; /* the thread's own */

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    awaited_publication *added;
    bool is_stopping;
};

static const postgres_statement statement = {
    .name = "published",
    .sql =
        "SELECT asked.number - 1"
        "  FROM unnest($1::text[], $2::bigint[], $3::bigint[])"
        "       WITH ORDINALITY AS asked (type, id, version, number)"
        "  JOIN events event ON event.aggregate_type = asked.type AND event.aggregate_id = asked.id"
        "                   AND event.version = asked.version"
        " WHERE NOT " EVENT_IS_PENDING("event.id"),
};

static int64_t now_us(void)
{
    return sf_clock_monotonic_us(sf_clock_system());
}

/* ---- one look into the table ---- */

/* Those who are asked for, in the order of their numbers. */
struct question {
    awaited_publication *asked[MANY];
    bool is_published[MANY];
    size_t count;
};

static void add_value(sf_buffer *array, size_t i, int64_t value)
{
    sf_buffer_printf(array, "%s%lld", i ? "," : "{", (long long)value);
}

static postgres_outcome ask(struct publication_watch *watch, const struct question *question,
                            postgres_rows **rows, sf_error *err)
{
    enum { TYPES, IDS, VERSIONS, ARRAYS };
    sf_buffer arrays[ARRAYS] = {SF_BUFFER_EMPTY, SF_BUFFER_EMPTY, SF_BUFFER_EMPTY};
    const char *values[ARRAYS];
    postgres_call call = {.values = values, .value_count = ARRAYS};
    postgres_outcome outcome;

    for (size_t i = 0; i < question->count; i++) {
        sf_buffer_printf(&arrays[TYPES], "%s%s", i ? "," : "{", question->asked[i]->aggregate_type);
        add_value(&arrays[IDS], i, question->asked[i]->aggregate_id);
        add_value(&arrays[VERSIONS], i, question->asked[i]->version);
    }
    for (size_t i = 0; i < ARRAYS; i++) {
        sf_buffer_add_text(&arrays[i], "}");
        values[i] = sf_buffer_text(&arrays[i]);
    }
    outcome = postgres_run(watch->connection, &call, 1, err);
    *rows = call.rows;
    for (size_t i = 0; i < ARRAYS; i++)
        sf_buffer_done(&arrays[i]);
    return outcome;
}

/* A database that is away is said by others; anything else is our mistake. */
static void log_failure(const sf_error *err)
{
    if (err->status != SF_RETRY)
        sf_log(SF_LOG_WARN, "cannot see what is published reason=\"%s\"", err->text);
}

/* Whatever cannot be asked now is asked again. */
static void look_up(struct publication_watch *watch, struct question *question)
{
    postgres_rows *rows = NULL;
    sf_error err = {0};

    if ((!postgres_is_connected(watch->connection) && postgres_connect(watch->connection, &err)) ||
        ask(watch, question, &rows, &err) != POSTGRES_DONE) {
        log_failure(&err);
        return;
    }
    for (int row = 0; row < postgres_rows_count(rows); row++)
        question->is_published[postgres_int64(rows, row, 0)] = true;
    postgres_rows_free(rows);
}

/* ---- those who wait ---- */

/* Takes up to MANY off the front; the others stay, and come first the next time. */
static void take_some(struct publication_watch *watch, struct question *question)
{
    while (watch->waiting && question->count < MANY) {
        question->asked[question->count++] = watch->waiting;
        watch->waiting = watch->waiting->next;
    }
}

/* Answers those who are through, and hangs the rest behind the others. */
static void tell(struct publication_watch *watch, const struct question *question, bool is_over)
{
    awaited_publication **end = &watch->waiting;
    int64_t now = now_us();

    while (*end)
        end = &(*end)->next;
    for (size_t i = 0; i < question->count; i++) {
        awaited_publication *awaited = question->asked[i];

        if (question->is_published[i] || is_over || awaited->until_us <= now) {
            awaited->done(awaited, question->is_published[i]);
            continue;
        }
        awaited->next = NULL;
        *end = awaited;
        end = &awaited->next;
    }
}

static void look_once(struct publication_watch *watch, bool is_over)
{
    struct question question = {.count = 0};

    take_some(watch, &question);
    if (question.count)
        look_up(watch, &question);
    tell(watch, &question, is_over);
}

/* ---- the thread ---- */

static void wait_a_moment(struct publication_watch *watch)
{
    struct timespec until = sf_moment_in_ms(POLL_MS);

    if (!watch->waiting)
        pthread_cond_wait(&watch->changed, &watch->mutex);
    else
        pthread_cond_timedwait(&watch->changed, &watch->mutex, &until);
}

/* Takes over who was added; false: it stops. */
static bool wait_for_work(struct publication_watch *watch)
{
    bool goes_on;

    pthread_mutex_lock(&watch->mutex);
    if (!watch->is_stopping && !watch->added)
        wait_a_moment(watch);
    while (watch->added) {
        awaited_publication *added = watch->added;

        watch->added = added->next;
        added->next = watch->waiting;
        watch->waiting = added;
    }
    goes_on = !watch->is_stopping;
    pthread_mutex_unlock(&watch->mutex);
    return goes_on;
}

static void *watch_main(void *argument)
{
    struct publication_watch *watch = argument;

    while (wait_for_work(watch))
        look_once(watch, false);
    while (watch->waiting)
        look_once(watch, true);
    return NULL;
}

struct publication_watch *publication_watch_start(const postgres_address *address)
{
    struct publication_watch *watch = sf_zalloc(sizeof(*watch));
    postgres_options options = {.address = *address, .finds_by_key = true};

    watch->connection = postgres_new(&options, &statement, 1);
    pthread_mutex_init(&watch->mutex, NULL);
    sf_timed_condition_init(&watch->changed);
    if (pthread_create(&watch->thread, NULL, watch_main, watch)) {
        sf_log(SF_LOG_ERROR, "cannot start a thread for publications");
        abort();
    }
    return watch;
}

void publication_watch_add(struct publication_watch *watch, awaited_publication *awaited)
{
    pthread_mutex_lock(&watch->mutex);
    awaited->next = watch->added;
    watch->added = awaited;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->mutex);
}

void publication_watch_stop(struct publication_watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->mutex);
    watch->is_stopping = true;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->mutex);
    pthread_join(watch->thread, NULL);
    postgres_free(watch->connection);
    pthread_cond_destroy(&watch->changed);
    pthread_mutex_destroy(&watch->mutex);
    free(watch);
}
