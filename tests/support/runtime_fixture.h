/* runtime_fixture.h - an application with its topics, over both kinds of journal: it can be started, killed
 * in a commit and started again on what is left. */
#ifndef TESTS_SUPPORT_RUNTIME_FIXTURE_H
#define TESTS_SUPPORT_RUNTIME_FIXTURE_H

#include "support/commit_fault.h"
#include "support/sums_app.h"

typedef struct runtime_fixture {
    char *directory; /* of state, and of the journal if it has one */
    char *address;
    sf_broker *broker;     /* the test's own connection */
    sf_topology *topology; /* from "in" to "out" */
    sf_config config;      /* to be changed before a start */
    sf_streams *streams;   /* while it runs */
} runtime_fixture;

/* kind: "memory:" or "file:"; topics of two partitions. Takes the topology. */
runtime_fixture *runtime_fixture_new(const char *kind, sf_topology *topology);
void runtime_fixture_free(runtime_fixture *fixture); /* stops it if it runs */

void runtime_fixture_start(runtime_fixture *fixture);

/* Starts it and waits until the fault has struck and the application has ended. */
void runtime_fixture_start_and_strike(runtime_fixture *fixture, commit_fault *fault);

/* The same, for faults it survives: goes on running. */
void runtime_fixture_start_with(runtime_fixture *fixture, commit_fault *fault);

void runtime_fixture_stop(runtime_fixture *fixture);

/* Removes what the application keeps on disk; while it is stopped. */
void runtime_fixture_lose_state(runtime_fixture *fixture);

/* Waits until out has count records, and checks them against in. */
void runtime_fixture_check(runtime_fixture *fixture, size_t count);

#endif
