/* global_tables.c - topics that every instance has whole.
 *
 * 1 Where a table is read from: behind what it has. State of which records are gone that it has not
 *   seen, or so old that deletions may have been compacted away, is cleared first, and its topic read
 *   from the beginning.
 * 2 A table is whole when it has all that could be read when it was opened; nobody finds it before.
 * 3 Each batch is written with the position behind it: after a crash the table goes on from there.
 * 4 While a table is as new as its topic that is noted hourly, so that only time away makes it old.
 */
#include "runtime/global_tables.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "runtime/deletion_retention.h"
#include "topology/topology_implementation.h"

enum {
    BATCH_RECORDS = 1000,
    SLICE_BATCHES = 4,
    WAIT_MS = 100,
    RENEWAL_MS = 3600 * 1000,
};

typedef struct input {
    sf_reader *reader;
    int64_t end; /* to be reached before others find the table */
} input;

typedef struct table {
    sf_global_store *store;
    input *inputs; /* one a partition */
} table;

struct sf_global_tables {
    sf_global_tables_options options;
    sf_consumer *consumer;
    table *tables;
    size_t count;
    _Atomic uint64_t taken;
    pthread_t thread;
    bool has_thread;
};

/* ---- where to begin ---- */

static sf_status watermarks(const sf_global_tables *tables, const sf_global_store *store,
                            int32_t partition, sf_watermarks *marks, sf_error *err)
{
    sf_retry retry = sf_retry_begin(tables->options.retry);
    sf_status status;

    do
        status = sf_broker_watermarks(tables->options.broker, sf_global_store_topic(store),
                                      partition, marks, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

static sf_status check_end(const sf_global_store *store, int32_t partition,
                           const sf_watermarks *marks, sf_error *err)
{
    int64_t position = sf_global_store_position(store, partition);

    if (position <= marks->high)
        return SF_OK;
    return sf_fail(err, SF_CORRUPT,
                   "a global table has %s/%" PRId32 " up to offset %" PRId64
                   ", but the topic ends at %" PRId64
                   ": it was deleted and made anew; reset the application or remove its state",
                   sf_global_store_topic(store), partition, position, marks->high);
}

static sf_status was_long_away(const sf_global_tables *tables, const sf_global_store *store,
                               bool *was, sf_error *err)
{
    sf_deletion_retention *retention =
        sf_deletion_retention_new(tables->options.broker, tables->options.clock);
    sf_retry retry = sf_retry_begin(tables->options.retry);
    sf_status status;

    do
        status = sf_deletion_retention_outlived(retention, sf_global_store_topic(store),
                                                sf_global_store_written_ms(store), was, err);
    while (sf_retry_again(&retry, &status, err));
    sf_deletion_retention_free(retention);
    return status;
}

/* *reason = NULL: it can be built upon. */
static sf_status find_clearing_reason(const sf_global_tables *tables, const sf_global_store *store,
                                      const sf_watermarks *marks, const char **reason,
                                      sf_error *err)
{
    bool has_rows = false, was_away = false;
    sf_status status = SF_OK;

    *reason = NULL;
    for (int32_t i = 0; i < sf_global_store_partitions(store); i++) {
        int64_t position = sf_global_store_position(store, i);

        has_rows = has_rows || position >= 0;
        if (position >= 0 && position < marks[i].low)
            *reason = "records were trimmed that it had not seen";
    }
    if (has_rows && !*reason)
        status = was_long_away(tables, store, &was_away, err);
    if (was_away)
        *reason = "it was away for longer than deletions are kept";
    return status;
}

static sf_status add_reader(sf_global_tables *tables, table *at, int32_t partition, int64_t from,
                            sf_error *err)
{
    sf_retry retry = sf_retry_begin(tables->options.retry);
    sf_status status;

    do
        status = sf_consumer_add(tables->consumer, sf_global_store_topic(at->store), partition,
                                 from, &at->inputs[partition].reader, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

static sf_status add_readers(sf_global_tables *tables, table *at, const sf_watermarks *marks,
                             sf_error *err)
{
    sf_status status = SF_OK;

    for (int32_t i = 0; i < sf_global_store_partitions(at->store) && !status; i++) {
        int64_t position = sf_global_store_position(at->store, i);

        at->inputs[i].end = marks[i].last_stable;
        status = add_reader(tables, at, i, position < marks[i].low ? marks[i].low : position, err);
    }
    return status;
}

static sf_status begin(sf_global_tables *tables, table *at, sf_watermarks *marks, sf_error *err)
{
    const char *reason = NULL;
    sf_status status = SF_OK;

    for (int32_t i = 0; i < sf_global_store_partitions(at->store) && !status; i++) {
        status = watermarks(tables, at->store, i, &marks[i], err);
        if (!status)
            status = check_end(at->store, i, &marks[i], err);
    }
    if (!status)
        status = find_clearing_reason(tables, at->store, marks, &reason, err);
    if (status)
        return status;
    if (reason) {
        sf_log(SF_LOG_WARN, "global table is read from the beginning topic=%s reason=\"%s\"",
               sf_global_store_topic(at->store), reason);
        status = sf_global_store_clear(at->store, err);
    }
    return status ? status : add_readers(tables, at, marks, err);
}

/* ---- opening ---- */

static sf_status open_table(sf_global_tables *tables, size_t index, sf_error *err)
{
    const sf_topology *topology = tables->options.topology;
    int32_t partitions = tables->options.counts[topology->globals[index].source.topic];
    table *added = &tables->tables[index];
    sf_watermarks *marks;
    sf_status status = sf_global_store_open(
        &(sf_global_store_options){
            .topology = topology,
            .global = index,
            .partitions = partitions,
            .state = tables->options.state,
            .clock = tables->options.clock,
        },
        &added->store, err);

    if (status)
        return status;
    tables->count++;
    added->inputs = sf_zalloc((size_t)partitions * sizeof(added->inputs[0]));
    marks = sf_zalloc((size_t)partitions * sizeof(marks[0]));
    status = begin(tables, added, marks, err);
    free(marks);
    return status;
}

static sf_status connect(sf_global_tables *tables, sf_error *err)
{
    sf_retry retry = sf_retry_begin(tables->options.retry);
    sf_status status;

    do
        status = sf_consumer_new(tables->options.broker, NULL, &tables->consumer, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

sf_status sf_global_tables_open(const sf_global_tables_options *options, sf_global_tables **tables,
                                sf_error *err)
{
    size_t count = options->topology->global_count;
    sf_global_tables *made = sf_zalloc(sizeof(*made));
    sf_status status;

    made->options = *options;
    made->tables = sf_zalloc((count + 1) * sizeof(made->tables[0]));
    status = connect(made, err);
    for (size_t i = 0; i < count && !status; i++)
        status = open_table(made, i, err);
    if (status)
        sf_global_tables_close(made);
    else
        *tables = made;
    return status;
}

void sf_global_tables_close(sf_global_tables *tables)
{
    if (!tables)
        return;
    sf_consumer_close(tables->consumer);
    for (size_t i = 0; i < tables->count; i++) {
        sf_global_store_close(tables->tables[i].store);
        free(tables->tables[i].inputs);
    }
    free(tables->tables);
    free(tables);
}

/* ---- records ---- */

static sf_status take_batch(sf_global_tables *tables, table *at, int32_t partition, bool *took,
                            sf_error *err)
{
    sf_record_batch *batch = NULL;
    uint64_t count;
    sf_status status = sf_reader_read(at->inputs[partition].reader, BATCH_RECORDS, &batch, err);

    *took = batch != NULL;
    if (status == SF_RETRY)
        return SF_OK; /* the broker is away: the next step asks again */
    if (status || !batch)
        return status;
    count = batch->count;
    status = sf_global_store_take(at->store, partition, batch, err);
    if (!status)
        atomic_fetch_add(&tables->taken, count);
    return status;
}

static sf_status take_slice(sf_global_tables *tables, table *at, int32_t partition, bool *worked,
                            sf_error *err)
{
    bool took = true;
    sf_status status = SF_OK;

    for (int i = 0; !status && took && i < SLICE_BATCHES; i++) {
        status = take_batch(tables, at, partition, &took, err);
        *worked = *worked || took;
    }
    return status;
}

/* ---- time away ---- */

static sf_status renew(sf_global_tables *tables, table *at, sf_error *err)
{
    bool is_at_end = true;
    sf_status status = SF_OK;

    for (int32_t i = 0; i < sf_global_store_partitions(at->store) && !status; i++) {
        sf_watermarks marks;

        status = sf_broker_watermarks(tables->options.broker, sf_global_store_topic(at->store), i,
                                      &marks, err);
        is_at_end =
            is_at_end && !status && sf_reader_position(at->inputs[i].reader) >= marks.last_stable;
    }
    if (status == SF_RETRY)
        return SF_OK; /* not now */
    if (status || !is_at_end)
        return status;
    return sf_global_store_reached(at->store, 0, sf_reader_position(at->inputs[0].reader), err);
}

static bool renewal_is_due(const sf_global_tables *tables, const table *at)
{
    return sf_clock_now_ms(tables->options.clock) - sf_global_store_written_ms(at->store) >=
           RENEWAL_MS;
}

/* ---- the loop ---- */

sf_status sf_global_tables_step(sf_global_tables *tables, bool *worked, sf_error *err)
{
    sf_status status = SF_OK;

    *worked = false;
    for (size_t i = 0; i < tables->count && !status; i++) {
        table *at = &tables->tables[i];
        bool worked_here = false;

        for (int32_t p = 0; p < sf_global_store_partitions(at->store) && !status; p++)
            status = take_slice(tables, at, p, &worked_here, err);
        *worked = *worked || worked_here;
        if (!status && !worked_here && renewal_is_due(tables, at))
            status = renew(tables, at, err);
    }
    return status;
}

void sf_global_tables_wait(sf_global_tables *tables)
{
    sf_consumer_wait(tables->consumer, WAIT_MS);
}

/* ---- restore ---- */

static bool is_whole(const table *at)
{
    for (int32_t i = 0; i < sf_global_store_partitions(at->store); i++)
        if (sf_reader_position(at->inputs[i].reader) < at->inputs[i].end)
            return false;
    return true;
}

static bool are_whole(const sf_global_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++)
        if (!is_whole(&tables->tables[i]))
            return false;
    return true;
}

/* Positions behind markers are kept too: a start finds nothing to read then. */
static sf_status publish(table *at, sf_error *err)
{
    sf_status status = SF_OK;

    for (int32_t i = 0; i < sf_global_store_partitions(at->store) && !status; i++)
        status =
            sf_global_store_reached(at->store, i, sf_reader_position(at->inputs[i].reader), err);
    if (!status)
        sf_global_store_publish(at->store);
    return status;
}

/* Steps that do not get on are tried as often as the policy allows. */
static sf_status restore_step(sf_global_tables *tables, sf_retry *retry, sf_error *err)
{
    bool worked;
    sf_status status = sf_global_tables_step(tables, &worked, err);

    if (status)
        return status;
    if (worked) {
        *retry = sf_retry_begin(tables->options.retry);
        return SF_OK;
    }
    sf_global_tables_wait(tables);
    status = sf_fail_with(err, SF_RETRY, SF_TIMED_OUT, "nothing comes of the global tables");
    return sf_retry_again(retry, &status, err) ? SF_OK : status;
}

sf_status sf_global_tables_restore(sf_global_tables *tables, sf_error *err)
{
    sf_retry retry = sf_retry_begin(tables->options.retry);
    sf_status status = SF_OK;

    while (!status && !are_whole(tables)) {
        status = restore_step(tables, &retry, err);
        if (!status && atomic_load(tables->options.retry.stopping))
            status = sf_fail(err, SF_CLOSED, "closed while global tables were read");
    }
    for (size_t i = 0; i < tables->count && !status; i++)
        status = publish(&tables->tables[i], err);
    if (!status)
        sf_log(SF_LOG_INFO, "global tables restored tables=%zu records=%" PRIu64, tables->count,
               sf_global_tables_taken(tables));
    return status;
}

/* ---- the thread ---- */

static void *run(void *user)
{
    sf_global_tables *tables = user;
    const atomic_bool *stopping = tables->options.retry.stopping;
    sf_error error = {0};
    sf_status status = SF_OK;

    (void)pthread_setname_np(pthread_self(), "global-tables"); /* for debuggers */
    while (!status && !atomic_load(stopping)) {
        bool worked;

        status = sf_global_tables_step(tables, &worked, &error);
        if (!status && !worked && !atomic_load(stopping))
            sf_global_tables_wait(tables);
    }
    if (!status)
        return NULL;
    error.status = status;
    sf_log(SF_LOG_ERROR, "global tables stopped reason=\"%s\"", error.text);
    tables->options.failed(tables->options.user, &error);
    return NULL;
}

sf_status sf_global_tables_start(sf_global_tables *tables, sf_error *err)
{
    int code = pthread_create(&tables->thread, NULL, run, tables);

    if (code)
        return sf_fail(err, SF_IO, "cannot start a thread: %s", strerror(code));
    tables->has_thread = true;
    return SF_OK;
}

void sf_global_tables_wake(sf_global_tables *tables)
{
    sf_consumer_wake(tables->consumer);
}

static struct timespec in_a_while(int64_t ms)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += ms / 1000;
    end.tv_nsec += (ms % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }
    return end;
}

bool sf_global_tables_join(sf_global_tables *tables, int64_t timeout_ms)
{
    struct timespec end;

    if (!tables->has_thread)
        return true;
    if (timeout_ms < 0) {
        tables->has_thread = pthread_join(tables->thread, NULL) != 0;
    } else {
        end = in_a_while(timeout_ms);
        tables->has_thread = pthread_timedjoin_np(tables->thread, NULL, &end) != 0;
    }
    return !tables->has_thread;
}

uint64_t sf_global_tables_taken(const sf_global_tables *tables)
{
    return atomic_load(&tables->taken);
}
