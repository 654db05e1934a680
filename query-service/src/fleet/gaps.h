/* gaps.h - what could not be read for an answer: which partitions, whose they are and why. An answer says so
 * in a 503, or beside what it has where the caller allows that (allowPartial=true). One thread.
 */
#ifndef QUERY_SERVICE_FLEET_GAPS_H
#define QUERY_SERVICE_FLEET_GAPS_H

#include "fleet/fleet.h"

typedef struct gap {
    int32_t partition;         /* -1: all of the instance */
    const char *instance;      /* "host:port", "": nobody is known to hold it */
    const char *reason;        /* a part of a sentence: "does not answer" */
    int64_t restore_remaining; /* changelog records still ahead of it, at most; -1: not known */
} gap;

/* In an arena; zeroed: none. */
typedef struct gaps {
    const char *store; /* NULL: no store's */
    gap *items;
    size_t count;
    size_t capacity;
} gaps;

/* Texts are copied. */
void gaps_add(gaps *gaps, sf_arena *arena, const gap *added);

/* The members "partial":true and "missing":[…]; nothing if there are none. */
void gaps_write(const gaps *gaps, sf_json_writer *json);

/* The same as headers (Missing-Partitions, Missing-Instances), for answers that are bare arrays. */
void gaps_tell(const gaps *gaps, sf_reply *reply);

/* Replies 503 "state-store-restoring", names them and says how far this instance is. */
void gaps_refuse(const gaps *gaps, sf_streams *streams, sf_reply *reply);

#endif
