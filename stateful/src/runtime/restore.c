/* restore.c - from a stored position to the end of a changelog.
 *
 * 1 The end is the high watermark, asked for after the task is owned and its positions are known
 *   (task_ends.h). Not the last stable offset: behind an open transaction of a predecessor there may be
 *   committed records.
 * 2 A position below the low watermark: records are gone that the store has not seen. It is cleared and
 *   restored from the beginning. So is one so old that deletions may have been compacted away.
 * 3 A position beyond the high watermark: the topic lost its end or was made anew. A person must say
 *   what is right, so this stops.
 * 4 The position is stored with each batch: an interrupted restore goes on where it was.
 * 5 Many records are loaded (task_restore.c): that is cheaper, but an interrupted one goes on where the
 *   last full load ended. A task that restores reads no inputs and fills no cache yet: queues and loads
 *   are as large as what it will have of these.
 */
#include "runtime/restore.h"

#include <inttypes.h>
#include <stdlib.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "record/record_batch.h"
#include "runtime/app_topics.h"
#include "runtime/deletion_retention.h"
#include "runtime/restore_progress_implementation.h"
#include "store/meta.h"

enum {
    BATCH_RECORDS = 1000,
    SLICE_BATCHES = 4,
    LOAD_RECORDS = 20000, /* fewer are put in as quickly */
};

struct sf_restore {
    sf_restore_options options;
    sf_consumer *consumer; /* NULL while nothing is read */
    size_t readers;
    sf_deletion_retention *retention;
};

sf_restore *sf_restore_new(const sf_restore_options *options)
{
    sf_restore *restore = sf_zalloc(sizeof(*restore));

    restore->options = *options;
    restore->retention = sf_deletion_retention_new(options->broker, options->clock);
    return restore;
}

void sf_restore_free(sf_restore *restore)
{
    if (!restore)
        return;
    sf_consumer_close(restore->consumer);
    sf_deletion_retention_free(restore->retention);
    free(restore);
}

static sf_status was_long_away(const sf_restore *restore, const sf_active_task *active,
                               const sf_task_changelog *changelog, bool *was, sf_error *err)
{
    int64_t written_ms = -1;
    sf_status status = sf_meta_get(sf_state_database(restore->options.state, changelog->in_memory),
                                   SF_META_WRITTEN, active->place->identity,
                                   active->place->partition, &written_ms, err);

    if (changelog->position < 0)
        written_ms = -1; /* there is nothing that could be too old */
    return status ? status
                  : sf_deletion_retention_outlived(restore->retention, changelog->topic, written_ms,
                                                   was, err);
}

static const char *full_restore_reason(int64_t position, int64_t low, bool was_away)
{
    if (position < 0)
        return NULL;
    if (position < low)
        return "records were trimmed that it had not seen";
    return was_away ? "it was away for longer than deletions are kept" : NULL;
}

/* *from = where to read from; clears the store if it cannot be built upon. */
static sf_status find_beginning(const sf_restore *restore, const sf_active_task *active,
                                size_t index, const sf_watermarks *marks, int64_t *from,
                                sf_error *err)
{
    const sf_task_changelog *changelog = sf_task_changelog_at(active->task, index);
    const char *reason;
    bool was_away = false;
    sf_status status = was_long_away(restore, active, changelog, &was_away, err);

    if (status)
        return status;
    if (changelog->position > marks->high)
        return sf_fail(
            err, SF_CORRUPT,
            "its state has topic %s up to offset %" PRId64 ", but the topic ends at %" PRId64
            ": it lost its end, or it was deleted and made anew; reset the application or "
            "remove its state",
            changelog->topic, changelog->position, marks->high);
    reason = full_restore_reason(changelog->position, marks->low, was_away);
    *from = changelog->position;
    if (reason) {
        sf_log(SF_LOG_WARN, "store is restored from the beginning task=%s topic=%s reason=\"%s\"",
               sf_task_id(active->task), changelog->topic, reason);
        status = sf_task_clear(active->task, index, err);
        *from = -1;
    }
    if (*from < marks->low)
        *from = marks->low;
    return status;
}

/* ---- telling ---- */

static void tell(const sf_restore *restore, void (*fn)(void *, const sf_restore_progress *),
                 const sf_active_task *active, size_t index)
{
    const sf_task_changelog *changelog = sf_task_changelog_at(active->task, index);
    const sf_active_changelog *reading = &active->changelogs[index];
    int64_t position = sf_reader_position(reading->reader);
    sf_restore_progress progress = {
        .store =
            sf_store_name(sf_task_stores_at(sf_task_stores_of(active->task), changelog->store)),
        .topic = changelog->topic,
        .partition = active->place->partition,
        .begin = reading->begin,
        .position = position > reading->begin ? position : reading->begin,
        .end = reading->end,
        .records = reading->restored,
        .elapsed_ms = (sf_clock_monotonic_us(restore->options.clock) - reading->began_us) / 1000,
    };

    if (!fn)
        return;
    progress.left_ms = sf_restore_progress_left_ms(&progress);
    fn(restore->options.listener->user, &progress);
}

/* ---- beginning ---- */

static sf_status open_consumer(sf_restore *restore, sf_error *err)
{
    char *tasks;
    sf_status status;

    if (restore->consumer)
        return SF_OK;
    tasks = sf_broker_has_groups(restore->options.broker)
                ? sf_app_topics_tasks_name(restore->options.application_id)
                : NULL;
    status = sf_consumer_new(restore->options.broker,
                             &(sf_consumer_options){
                                 .queue_size_bytes = restore->options.queue_bytes,
                                 .quiet_topic = tasks,
                             },
                             &restore->consumer, err);
    free(tasks);
    return status;
}

/* What goes wrong here is told to who adds a partition. */
static void expect_changelogs(const sf_restore *restore, const sf_active_task *active)
{
    const char **names = sf_zalloc((active->changelog_count + 1) * sizeof(names[0]));

    for (size_t i = 0; i < active->changelog_count; i++)
        names[i] = sf_task_changelog_at(active->task, i)->topic;
    (void)sf_consumer_expect(restore->consumer, names, active->changelog_count, NULL);
    free(names);
}

static bool is_worth_a_load(const sf_restore *restore, const sf_active_task *active, size_t index,
                            int64_t offsets)
{
    int64_t least = restore->options.load_records ? restore->options.load_records : LOAD_RECORDS;

    return offsets >= least && sf_task_can_load(active->task, index);
}

/* Nothing is to be read. Where that is has to be known all the same: a producer that wrote the changelog
 * earlier would tell an end of long ago. */
static sf_status note_end(sf_active_task *active, size_t index, int64_t end, sf_error *err)
{
    return end > 0 && sf_task_changelog_at(active->task, index)->position < end
               ? sf_task_restored_to(active->task, index, end, err)
               : SF_OK;
}

static sf_status begin_changelog(sf_restore *restore, sf_active_task *active, size_t index,
                                 size_t load_bytes, sf_error *err)
{
    const sf_task_changelog *changelog = sf_task_changelog_at(active->task, index);
    sf_active_changelog *reading = &active->changelogs[index];
    const sf_watermarks marks = reading->marks;
    int64_t from = 0;
    sf_status status = find_beginning(restore, active, index, &marks, &from, err);

    if (status)
        return status;
    if (from >= marks.high)
        return note_end(active, index, from, err);
    status = open_consumer(restore, err);
    if (!status)
        expect_changelogs(restore, active);
    if (!status && is_worth_a_load(restore, active, index, marks.high - from))
        status = sf_task_begin_load(active->task, index, from, load_bytes, err);
    if (!status)
        status = sf_consumer_add(restore->consumer, changelog->topic, active->place->partition,
                                 from, &reading->reader, err);
    if (status)
        return status;
    reading->begin = from;
    reading->end = marks.high;
    reading->began_us = sf_clock_monotonic_us(restore->options.clock);
    reading->restored = 0;
    restore->readers++;
    active->has_read = true;
    tell(restore, restore->options.listener->began, active, index);
    sf_log(SF_LOG_INFO,
           "changelog is read task=%s topic=%s partition=%" PRId32 " from=%" PRId64 " to=%" PRId64,
           sf_task_id(active->task), changelog->topic, active->place->partition, from, marks.high);
    return SF_OK;
}

sf_status sf_restore_begin(sf_restore *restore, sf_active_task *active, size_t load_bytes,
                           sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < active->changelog_count; i++)
        status = begin_changelog(restore, active, i, load_bytes / active->changelog_count, err);
    if (status)
        sf_restore_cancel(restore, active);
    else
        sf_active_task_become(active, SF_ACTIVE_RESTORING);
    return status;
}

static void stop_reading(sf_restore *restore, sf_active_changelog *reading)
{
    sf_consumer_remove(restore->consumer, reading->reader);
    reading->reader = NULL;
    restore->readers--;
}

static sf_status take_batch(sf_active_task *active, size_t index, bool *took, sf_error *err)
{
    sf_record_batch *batch = NULL;
    sf_status status = sf_reader_read(active->changelogs[index].reader, BATCH_RECORDS, &batch, err);

    *took = batch != NULL;
    if (status || !batch)
        return status;
    status = sf_task_restore(active->task, index, batch, err);
    if (!status) {
        active->restored += batch->count;
        active->changelogs[index].restored += batch->count;
    }
    batch->release(batch);
    return status;
}

static sf_status step_changelog(sf_restore *restore, sf_active_task *active, size_t index,
                                bool *worked, sf_error *err)
{
    sf_active_changelog *reading = &active->changelogs[index];
    int64_t position;
    bool took = true, took_any = false;
    sf_status status = SF_OK;

    for (int i = 0; !status && took && i < SLICE_BATCHES; i++) {
        status = take_batch(active, index, &took, err);
        took_any = took_any || took;
    }
    *worked = *worked || took_any;
    if (status)
        return status;
    if (took_any)
        tell(restore, restore->options.listener->advanced, active, index);
    position = sf_reader_position(reading->reader);
    if (position < reading->end)
        return SF_OK;
    status = sf_task_restored_to(active->task, index, position, err);
    if (!status)
        tell(restore, restore->options.listener->ended, active, index);
    stop_reading(restore, reading);
    sf_log(SF_LOG_INFO, "changelog was read task=%s topic=%s partition=%" PRId32 " to=%" PRId64,
           sf_task_id(active->task), sf_task_changelog_at(active->task, index)->topic,
           active->place->partition, position);
    *worked = true;
    return status;
}

sf_status sf_restore_step(sf_restore *restore, sf_active_task *active, bool *worked, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < active->changelog_count; i++) {
        if (active->changelogs[i].reader)
            status = step_changelog(restore, active, i, worked, err);
    }
    return status;
}

bool sf_restore_is_done(const sf_active_task *active)
{
    for (size_t i = 0; i < active->changelog_count; i++) {
        if (active->changelogs[i].reader)
            return false;
    }
    return true;
}

uint64_t sf_restore_remaining(const sf_active_task *active)
{
    uint64_t remaining = 0;

    for (size_t i = 0; i < active->changelog_count; i++) {
        const sf_active_changelog *reading = &active->changelogs[i];
        int64_t position = reading->reader ? sf_reader_position(reading->reader) : 0;

        if (reading->reader && position < reading->end)
            remaining += (uint64_t)(reading->end - (position > 0 ? position : 0));
    }
    return remaining;
}

void sf_restore_cancel(sf_restore *restore, sf_active_task *active)
{
    for (size_t i = 0; i < active->changelog_count; i++) {
        if (!active->changelogs[i].reader)
            continue;
        tell(restore, restore->options.listener->suspended, active, i);
        stop_reading(restore, &active->changelogs[i]);
    }
}

bool sf_restore_is_reading(const sf_restore *restore)
{
    return restore->readers > 0;
}

void sf_restore_wait(sf_restore *restore, int32_t timeout_ms)
{
    sf_consumer_wait(restore->consumer, timeout_ms);
}

void sf_restore_rest(sf_restore *restore)
{
    if (restore->readers > 0 || !restore->consumer)
        return;
    sf_consumer_close(restore->consumer);
    restore->consumer = NULL;
}
