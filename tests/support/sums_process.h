/* sums_process.h - an application of sums_app.h in a process of its own, that can be killed.
 *
 * The test program runs itself again: its main begins with sums_process_main.
 */
#ifndef TESTS_SUPPORT_SUMS_PROCESS_H
#define TESTS_SUPPORT_SUMS_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include <stateful/config.h>

typedef struct sums_process_options {
    const char *topology; /* "sums" or "digits" */
    const char *in;
    const char *out;
    const sf_config
        *config;        /* ids, addresses, directory, intervals, timeouts, membership and threads
                              * are passed on */
    long restored_most; /* it ends with a failure if it restores more than so many records until it
                              * runs, or until it is stopped */
} sums_process_options;

/* In the child: runs the application until it is killed and does not return. Else returns at once. */
void sums_process_main(int argc, char **argv);

/* Starts one and waits until it is running. */
pid_t sums_process_start(const sums_process_options *options);

/* SIGTERM: it closes; fails the test if that does not go well. */
void sums_process_stop(pid_t process);

/* SIGKILL; fails the test if it had ended by itself. */
void sums_process_kill(pid_t process);

#endif
