/* recorder.h - runs one processor by itself and records what it does: what it forwards and to whom, what
 * it schedules, when it asks for a commit. For tests of processors; whole topologies are tested with
 * test_driver.h.
 *
 * Records go in and come out as they are in flight: no serdes. One thread.
 */
#ifndef STATEFUL_RECORDER_H
#define STATEFUL_RECORDER_H

#include <stateful/processor.h>
#include <stateful/test_driver.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_recorder sf_recorder;

/* What the processor finds around it; zero is the usual case. */
typedef struct sf_recorder_options {
    const char *application_id;     /* NULL: "test" */
    const char *topic;              /* where records seem to come from; NULL: "in" */
    int64_t now_ms;                 /* where the wall clock stands at the start */
    const sf_store_options *stores; /* that it is connected to */
    size_t store_count;
    const char *const
        *children;  /* their names, ended by NULL, for sf_context_forward_to; NULL: one,
                                    called "child" */
    bool locks_key; /* as in sf_stream_process_values */
} sf_recorder_options;

/* Makes it and calls the processor's init, whose failure is returned. The processor is copied, its user
 * pointer borrowed; options may be NULL. */
sf_status sf_recorder_new(const sf_processor *processor, const sf_recorder_options *options,
                          sf_recorder **recorder, sf_error *err);

/* Calls the processor's close. NULL is fine. */
void sf_recorder_free(sf_recorder *recorder);

/* One record, and the punctuations that its timestamp makes due. What the processor returned is returned,
 * with its sentence: after SF_REJECT (of a punctuation too) all it did is undone and the next record may
 * come, after other failures only sf_recorder_free. */
sf_status sf_recorder_process(sf_recorder *recorder, const sf_record *record, sf_error *err);

/* Moves the wall clock and calls the punctuations that are due. */
sf_status sf_recorder_advance(sf_recorder *recorder, int64_t by_ms, sf_error *err);

/* ---- what it did ---- */

/* A record that was forwarded. */
typedef struct sf_forwarded {
    const char *child; /* its name */
    sf_record record;
} sf_forwarded;

/* The next forward that was not read yet, in order; one to all children comes once for each. false if
 * there is none. The record lives as long as the recorder. */
bool sf_recorder_next(sf_recorder *recorder, sf_forwarded *forwarded);

/* The schedule of the punctuation at index, from 0, in the order they were made; those that were cancelled
 * are left out. false if there is none. */
bool sf_recorder_schedule(const sf_recorder *recorder, size_t index, sf_schedule *schedule);

/* After how many records and advances a commit was asked for. One is made after each of them anyway. */
size_t sf_recorder_commits(const sf_recorder *recorder);

/* The driver underneath, for what else there is: stores, counters, aborts and restarts. It is the
 * recorder's; all is in partition 0. */
sf_test_driver *sf_recorder_driver(sf_recorder *recorder);

#ifdef __cplusplus
}
#endif

#endif
