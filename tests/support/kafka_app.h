/* kafka_app.h - an application with topics of its own on a real Kafka; what its outputs say of pauses. */
#ifndef TESTS_SUPPORT_KAFKA_APP_H
#define TESTS_SUPPORT_KAFKA_APP_H

#include <stdbool.h>
#include <sys/types.h>

#include <stateful/config.h>

enum { KAFKA_APP_PARTITIONS = 4 };

typedef struct kafka_app {
    sf_broker *broker; /* the test's own connection */
    const char *in;    /* of four partitions each, that keep records of long ago */
    const char *out;
    char *directory;
    sf_config config; /* to be changed before a start */
} kafka_app;

kafka_app kafka_app_make(void);
void kafka_app_done(kafka_app *app);

/* How many tasks the members of an instance have; -1 while the group is not stable. */
int kafka_app_tasks_of(const kafka_app *app, const char *instance_id);

/* The task indexes of an instance, a bit each. */
unsigned kafka_app_owned_by(const kafka_app *app, const char *instance_id);

/* Waits until each of the instances has that many tasks. */
void kafka_app_wait_for_shares(const kafka_app *app, const char *const *instance_ids, size_t count,
                               int tasks_each);

/* SIGKILL to an instance's process in a moment in which it has a transaction open that has put records into
 * one of these partitions of out (a bit each): a read_uncommitted reader sees them for good. */
void kafka_app_kill_in_transaction(const kafka_app *app, pid_t process, unsigned partitions);

/* Writes numbers over all partitions of in on a thread of its own, and watches when the sums of each
 * partition come out. */
typedef struct kafka_app_load kafka_app_load;

kafka_app_load *kafka_app_load_start(const kafka_app *app);

/* How many numbers were written; the load is over. */
size_t kafka_app_load_stop(kafka_app_load *load);

/* Forgets pauses that have been. */
void kafka_app_load_begin_measure(kafka_app_load *load);

/* Whether a sum came out of a partition since then. */
bool kafka_app_load_has_moved(kafka_app_load *load, int32_t partition);

/* The longest time, up to now, in which no sum came out of a partition. */
int64_t kafka_app_load_pause_ms(kafka_app_load *load, int32_t partition);

/* For how long the one of these partitions (a bit each) that stands still longest has done so. */
int64_t kafka_app_load_since_ms(kafka_app_load *load, unsigned partitions);

#endif
