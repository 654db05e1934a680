/* processor.h - one step of a topology, written by hand: what it is given, and what it may do.
 *
 * A processor is a constant, shared by all threads; init makes the state of one task. All calls of a
 * task come from its stream thread, one at a time, so nothing in here needs a lock. State that must
 * survive belongs in stores: after an abort the pipeline is closed and initialised anew.
 */
#ifndef STATEFUL_PROCESSOR_H
#define STATEFUL_PROCESSOR_H

#include <stateful/drop_reason.h>
#include <stateful/error.h>
#include <stateful/key_value_store.h>
#include <stateful/record.h>
#include <stateful/session_store.h>
#include <stateful/versioned_store.h>
#include <stateful/window_store.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A processor's place in the running pipeline of one task; valid from init to close. */
typedef struct sf_context sf_context;

/* A processor; all functions are called on the stream thread of the task. */
typedef struct sf_processor {
    /* Makes the state of one task; look up stores and schedule punctuations here. *state may be left
     * alone. NULL: the state is user. After a failure close is not called. */
    sf_status (*init)(void *user, sf_context *context, void **state, sf_error *err);

    /* One record, borrowed for the call. SF_REJECT (sf_reject) refuses it: what it changed and
     * forwarded is undone, and the policy of its source decides. NULL: forwards it as it is. */
    sf_status (*process)(void *state, sf_context *context, const sf_record *record, sf_error *err);

    void (*close)(void *state); /* NULL: nothing to do */
    void *user;                 /* outlives the topology */
} sf_processor;

/* ---- onwards ---- */

/* Hands a record to all children, in the order they were added, and returns when all that follows
 * from it is done. The record is borrowed; its bytes need to live until this returns. Unset headers
 * are not inherited: start from a copy of the record that came in. The first failure is returned;
 * return it too. */
sf_status sf_context_forward(sf_context *context, const sf_record *record, sf_error *err);

/* Hands it to one child, by its name in describe(). */
sf_status sf_context_forward_to(sf_context *context, const char *child, const sf_record *record,
                                sf_error *err);

/* ---- what is there ---- */

/* Memory until the record, or punctuation, is done. */
sf_arena *sf_context_arena(sf_context *context);

/* A store connected to this processor; NULL if it is not connected or of another kind. Look it up in
 * init and keep it. */
sf_key_value_store *sf_context_key_value_store(sf_context *context, const char *name);
sf_window_store *sf_context_window_store(sf_context *context, const char *name);
sf_session_store *sf_context_session_store(sf_context *context, const char *name);
sf_versioned_store *sf_context_versioned_store(sf_context *context, const char *name);

/* The largest timestamp that the task has taken so far, ms; -1 before the first. */
int64_t sf_context_stream_time(const sf_context *context);

/* Wall clock, ms. A replay sees another one: results should not depend on it. */
int64_t sf_context_now(const sf_context *context);

/* Where the record being processed came from. */
typedef struct sf_origin {
    const char *topic; /* full name */
    int32_t partition;
    int64_t offset;
} sf_origin;

/* NULL in punctuations, and for what a cache hands on at a commit. */
const sf_origin *sf_context_origin(const sf_context *context);

/* Which task this is, as "<sub-topology>_<partition>", its partition, and the application; texts are the
 * context's. */
const char *sf_context_task_id(const sf_context *context); /* "0_3" */
int32_t sf_context_partition(const sf_context *context);
const char *sf_context_application_id(const sf_context *context);

/* ---- what it may ask for ---- */

/* By what time a punctuation is called. */
typedef enum sf_schedule_clock {
    SF_STREAM_TIME, /* at multiples of the interval since 1970, as the stream time passes them; the
                       first record fires. Scheduled in init it goes on over restarts: what was
                       called before is not called again */
    SF_WALL_CLOCK,  /* after each interval; checked between records, best effort */
} sf_schedule_clock;

/* time is the stream time or wall clock that fired; missed intervals are one call. */
typedef sf_status (*sf_punctuate_fn)(void *state, sf_context *context, int64_t time, sf_error *err);

/* A punctuation to be called again and again. */
typedef struct sf_schedule {
    sf_schedule_clock clock;
    int64_t interval_ms; /* above 0 */
    sf_punctuate_fn punctuate;
} sf_schedule;

typedef struct sf_punctuation sf_punctuation;

/* punctuation may be NULL; it belongs to the pipeline. The state handed to it is the processor's. */
sf_status sf_context_schedule(sf_context *context, const sf_schedule *schedule,
                              sf_punctuation **punctuation, sf_error *err);

/* Also from inside its own call. Once only. */
void sf_punctuation_cancel(sf_punctuation *punctuation);

/* A commit as soon as possible, after this record. */
void sf_context_request_commit(sf_context *context);

/* Counts a record that was left out on purpose (late, without key, ...). */
void sf_context_count_dropped(sf_context *context);

/* The same, told why. */
void sf_context_count_dropped_for(sf_context *context, sf_drop_reason reason);

#ifdef __cplusplus
}
#endif

#endif
