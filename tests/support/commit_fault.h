/* commit_fault.h - failures put into an application's commits. */
#ifndef TESTS_SUPPORT_COMMIT_FAULT_H
#define TESTS_SUPPORT_COMMIT_FAULT_H

#include <stdatomic.h>

#include <stateful/streams.h>

/* Zero is none. */
typedef struct commit_fault {
    int step;   /* 1 to 4, see runtime/commit.c */
    int commit; /* strikes at this one, counted from 1 (the start); 0: at all after the start */
    sf_status status;   /* SF_STOP: as if the process had died there */
    atomic_int commits; /* that came to that step so far */
    atomic_bool has_struck;
} commit_fault;

/* Before the start; fault outlives the application. */
void commit_fault_install(sf_streams *streams, commit_fault *fault);

#endif
