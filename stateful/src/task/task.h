/* task.h - one unit of work: a sub-topology and a partition, with its queues, pipeline and stores.
 *
 * The runtime (or the test driver) drives it; a task knows no broker. Stream thread only.
 *
 *   new -> [restore changelogs] -> start -> { push, process, punctuate, flush, finish, committed }
 *                                       -> abort -> start again
 */
#ifndef SF_TASK_TASK_H
#define SF_TASK_TASK_H

#include <stateful/clock.h>
#include <stateful/drop_reason.h>
#include <stateful/record.h>
#include <stateful/topology.h>

#include "base/buffer.h"
#include "record/record_batch.h"
#include "store/task_stores.h"
#include "task/output.h"

typedef struct sf_task sf_task;

typedef struct sf_task_options {
    const sf_topology *topology;
    size_t subtopology;
    int32_t partition;
    const char *application_id;
    sf_state *state;
    sf_output_port output;
    sf_clock *clock;
    size_t queue_records;     /* an input wants no more beyond this many; 0: 8,192 */
    bool caching_off;         /* every store as if it had been made so */
    sf_read_cache *cache;     /* of the thread's tasks, outlives them; NULL: one of its own */
    size_t cache_bytes;       /* of its own read cache; 0: 8 MB */
    int64_t max_idle_ms;      /* max.task.idle.ms: -1 never waits, 0 while unread data is known */
    int64_t emit_interval_ms; /* wall clock between emissions on close and of late join results */
} sf_task_options;

/* Takes what it needs of the options (topology, state, clock are borrowed and outlive it), opens the
 * stores, reads meta. The caller holds the task (sf_state_take_task). */
sf_status sf_task_new(const sf_task_options *options, sf_task **task, sf_error *err);

/* Closes the pipeline and the stores; what was not committed is gone. NULL is fine. */
void sf_task_free(sf_task *task);

/* "0_3" */
const char *sf_task_id(const sf_task *task);

/* ---- inputs: one a source topic of the sub-topology, always the task's own partition ---- */

size_t sf_task_input_count(const sf_task *task);
const char *sf_task_input_topic(const sf_task *task, size_t input); /* full name */
int64_t sf_task_stored_position(const sf_task *task, size_t input); /* from meta, -1: none */

/* ---- restore ---- */

typedef struct sf_task_changelog {
    const char *topic; /* full name */
    size_t store;      /* index for the stores */
    bool in_memory;
    int64_t position; /* up to where the store has it, -1: nothing */
} sf_task_changelog;

size_t sf_task_changelog_count(const sf_task *task);
const sf_task_changelog *sf_task_changelog_at(const sf_task *task, size_t index);

/* Whether sf_task_begin_load may be called. */
bool sf_task_can_load(const sf_task *task, size_t changelog);

/* From now on, until _restored_to, records of this changelog are gathered up to so many bytes of memory
 * and then written at once, which is cheaper when there are many. from: the offset of the first one. */
sf_status sf_task_begin_load(sf_task *task, size_t changelog, int64_t from, size_t bytes,
                             sf_error *err);

/* Puts changelog records into the store and writes them with the position behind them; of a load, when
 * it is full. */
sf_status sf_task_restore(sf_task *task, size_t changelog, const sf_record_batch *batch,
                          sf_error *err);

/* The position alone (an end that holds no further record); a load is written before and over. */
sf_status sf_task_restored_to(sf_task *task, size_t changelog, int64_t position, sf_error *err);

/* Empties the store of a changelog before a full restore. */
sf_status sf_task_clear(sf_task *task, size_t changelog, sf_error *err);

/* ---- work ---- */

/* Where an input begins, with the metadata text that was committed with it (NULL: none). */
typedef struct sf_task_start {
    int64_t offset;
    const char *metadata;
} sf_task_start;

/* Makes a fresh pipeline, initialises it, takes the larger of stored and committed times, publishes
 * the stores. starts has one entry an input. After sf_task_new or sf_task_abort. */
sf_status sf_task_start_work(sf_task *task, const sf_task_start *starts, sf_error *err);

/* Whether the input has room for more records. */
bool sf_task_wants(const sf_task *task, size_t input);

/* Records of the input that wait for their turn. */
size_t sf_task_buffered(const sf_task *task, size_t input);

/* Takes the batch. */
void sf_task_push(sf_task *task, size_t input, sf_record_batch *batch);

/* The broker is known to hold nothing more for this input now; for max.task.idle.ms. */
void sf_task_set_caught_up(sf_task *task, size_t input, bool caught_up);

/* Processes up to max records, smallest timestamp first; *processed counts them. A failed record
 * goes by its source's policy; only what cannot be handled here is returned. */
sf_status sf_task_process(sf_task *task, size_t max, size_t *processed, sf_error *err);

/* Ends _process behind the record with which its stores hold so many more uncommitted bytes than before:
 * whoever calls it may have to commit. 0: never. */
void sf_task_set_step_bytes(sf_task *task, size_t bytes);

/* Whether _process could do something now. */
bool sf_task_can_process(const sf_task *task);

/* The timestamp of the record that _process would take next, -1: none now. */
int64_t sf_task_next_time(const sf_task *task);

/* Calls the punctuations that are due. */
sf_status sf_task_punctuate(sf_task *task, sf_error *err);

/* ---- commit ---- */

/* Records were processed or something was changed since the last commit. */
bool sf_task_has_uncommitted(const sf_task *task);
bool sf_task_commit_requested(const sf_task *task);
size_t sf_task_dirty_bytes(const sf_task *task);

/* Step 1: caches go downstream, changes to the changelog and the batch, output to the port. */
sf_status sf_task_flush(sf_task *task, sf_state_commit *commit, sf_error *err);

/* The position of an input to commit, and the metadata text that goes with it (appended). */
int64_t sf_task_position(const sf_task *task, size_t input);
void sf_task_metadata(const sf_task *task, size_t input, sf_buffer *text);

/* Step 3.5: the changelog's end after this commit's own records; -1: none were sent. One below what the
 * stores have is of an earlier time with the task, before others had it, and is passed over. */
void sf_task_set_changelog_position(sf_task *task, size_t changelog, int64_t position);

/* Step 4, before the batch is written: positions and times go into it too. */
sf_status sf_task_finish(sf_task *task, sf_state_commit *commit, sf_error *err);

/* After the batch was written: this is the state to go back to. */
void sf_task_committed(sf_task *task);

/* Queues and changes are dropped, positions and times are those of the last commit, the pipeline is
 * closed; sf_task_start_work begins anew (starts may be NULL then). */
void sf_task_abort(sf_task *task);

/* ---- counters ---- */

typedef struct sf_task_counters {
    uint64_t processed;
    uint64_t dropped;                     /* for whatever reason */
    uint64_t dropped_by[SF_DROP_REASONS]; /* of these */
    uint64_t dead_letters;
    uint64_t skipped;
} sf_task_counters;

const sf_task_counters *sf_task_counters_of(const sf_task *task);
sf_task_stores *sf_task_stores_of(sf_task *task);

#endif
