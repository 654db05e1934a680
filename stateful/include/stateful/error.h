/* error.h - what went wrong, and above all what the caller is to do about it.
 *
 * A call that can fail returns sf_status, the reaction; 0 is well. The code and the sentence in
 * sf_error are for the log and for people.
 */
#ifndef STATEFUL_ERROR_H
#define STATEFUL_ERROR_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The reaction. */
typedef enum sf_status {
    SF_OK = 0,
    SF_RETRY,        /* the same call again, later: nothing happened, or it may be repeated */
    SF_ABORT_COMMIT, /* abort the transaction, go back to the last commit, go on */
    SF_REBUILD_TASK, /* offsets from the group, state from the changelog's tail, then go on */
    SF_REJECT,       /* this record cannot be processed: its source's policy decides */
    SF_STOP,         /* no way on: a person must look */
} sf_status;

/* What kind of thing went wrong. */
typedef enum sf_code {
    SF_NO_ERROR = 0,
    SF_INVALID,   /* an argument, a setting or a program is wrong */
    SF_IO,        /* the disk or the system said no */
    SF_CORRUPT,   /* bytes that cannot have been written so */
    SF_BUSY,      /* someone else holds it */
    SF_TIMED_OUT, /* no answer in time */
    SF_BROKER,    /* the broker refused or is away */
    SF_FENCED,    /* someone newer took this one's place */
    SF_NOT_FOUND, /* a topic, store or file that must be there is not */
    SF_EXISTS,    /* it is there already */
    SF_BAD_DATA,  /* a record's bytes or content make no sense */
    SF_CLOSED,    /* used after its end, or while it is not available */
} sf_code;

/* Bytes of the longest sentence, its end included. */
#define SF_ERROR_TEXT_SIZE 512

/* What the first failure was; belongs to whoever declares it, zero to begin with. */
typedef struct sf_error {
    sf_status status;
    sf_code code;
    char text[SF_ERROR_TEXT_SIZE]; /* one sentence without a full stop; cut if too long */
} sf_error;

/* Fills err (may be NULL) and returns SF_STOP. Any thread. */
sf_status sf_fail(sf_error *err, sf_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fills err (may be NULL) and returns the given reaction. Any thread. */
sf_status sf_fail_with(sf_error *err, sf_status reaction, sf_code code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Fills err and returns SF_REJECT: for user functions that refuse a record. Any thread. */
sf_status sf_reject(sf_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "context: " before the sentence and returns err's reaction; for callers that know more.
 * err may be NULL, then status is returned. Any thread. */
sf_status sf_error_prefix(sf_error *err, sf_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A word for the reaction or the code, for logs. Any thread. */
const char *sf_status_name(sf_status status);
const char *sf_code_name(sf_code code);

#ifdef __cplusplus
}
#endif

#endif
