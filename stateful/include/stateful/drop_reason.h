/* drop_reason.h - why a record is left out that nothing is wrong with. */
#ifndef STATEFUL_DROP_REASON_H
#define STATEFUL_DROP_REASON_H

#ifdef __cplusplus
extern "C" {
#endif

/* Every drop is counted under one of these. */
typedef enum sf_drop_reason {
    SF_DROP_OTHER = 0,    /* a processor of the program says so */
    SF_DROP_NULL,         /* the key or value that is needed is null */
    SF_DROP_LATE,         /* its window is closed, or its time is out of the history that is kept */
    SF_DROP_OUT_OF_ORDER, /* a change of a versioned table that a newer one has overtaken */
} sf_drop_reason;

/* How many reasons there are. */
#define SF_DROP_REASONS 4

/* "late"; a constant. Any thread. */
const char *sf_drop_reason_name(sf_drop_reason reason);

#ifdef __cplusplus
}
#endif

#endif
