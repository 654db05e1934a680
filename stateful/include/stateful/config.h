/* config.h - how an application runs: a struct whose zero is the usual case for all but its name and
 * its broker. sf_streams_new checks it and says in a sentence what is wrong.
 */
#ifndef STATEFUL_CONFIG_H
#define STATEFUL_CONFIG_H

#include <stateful/broker.h>
#include <stateful/clock.h>
#include <stateful/connect.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a crash may do. */
typedef enum sf_guarantee {
    SF_EXACTLY_ONCE_V2 = 0, /* outputs, state and input positions count together, once */
    SF_AT_LEAST_ONCE,       /* no transactions: after a crash some records are processed again */
} sf_guarantee;

/* How the threads of an instance are members of their group. */
typedef enum sf_membership {
    SF_MEMBERSHIP_STATIC =
        0,                 /* an instance that comes back within session_timeout_ms finds its tasks
                               * unmoved; one that stops for good keeps them as long */
    SF_MEMBERSHIP_DYNAMIC, /* tasks move at once when an instance stops, and again when it is back */
} sf_membership;

/* As state_dir: nothing is kept on disk, all state comes back from the changelogs. */
#define SF_STATE_IN_MEMORY "memory:"

/* The configuration of an application; texts and settings are copied by sf_streams_new, broker and
 * clock are borrowed and outlive it.
 *
 * Everything but broker and clock can be given by name too, as it comes out of a file or the environment.
 * What is given by name goes before the field. Names are those of Kafka Streams:
 *   application.id  application.server  bootstrap.servers  commit.interval.ms  max.task.idle.ms
 *   num.stream.threads  processing.guarantee (exactly_once_v2, at_least_once)
 *   repartition.purge.interval.ms  state.cleanup.delay.ms  state.dir  task.timeout.ms
 * of this engine:
 *   commit.min.interval.ms  group.membership (static, dynamic)  input.partitions  instance.id
 *   memory.max.bytes  session.timeout.ms  transaction.timeout.ms
 * of librdkafka, for all clients, or with "consumer.", "producer." or "admin." before them for those
 * alone; and of a journal (connect.h). All are checked by sf_streams_new: a name that nobody knows is
 * refused with the nearest one, a setting that the engine needs for itself with the reason. */
typedef struct sf_config {
    const char *application_id;    /* required: names the group and all internal topics; letters,
                                    * digits, '.', '_' and '-', at most 100 */
    const char *bootstrap_servers; /* required unless broker is given: see sf_broker_connect */
    sf_broker *broker;             /* used instead of an own connection and left open; NULL: none */
    const char *state_dir;         /* the state is kept in <state_dir>/<application_id>; NULL:
                                    * "state"; or SF_STATE_IN_MEMORY */
    const char *instance_id; /* same letters, at most 40; NULL: made once, kept in state_dir */
    sf_guarantee guarantee;
    sf_membership membership;
    const char
        *application_server; /* "host:port" where other instances and their clients reach this
                                     * one, for sf_streams_key_metadata; at most 62; NULL: none */

    int32_t num_stream_threads;     /* each a member of the group; 0: 1; at most 64 */
    int64_t commit_interval_ms;     /* while there is work; 0: 100 */
    int64_t commit_min_interval_ms; /* between commits of an idle thread; 0: none while they take
                                     * less than a quarter of its time, else at most 10; at most
                                     * commit_interval_ms */
    int32_t transaction_timeout_ms; /* the broker ends a transaction of a lost instance then; 0:
                                     * 10,000; 1,000 to 900,000 */
    int32_t session_timeout_ms;     /* Kafka gives the tasks of a silent member away; 0: 6,000 */
    int32_t task_timeout_ms;        /* how long a broker may be away until the application stops; 0:
                                     * 300,000; -1: for ever */
    size_t memory_max_bytes;        /* queues, caches, databases together; 0: 128 MB; at least 16 */
    int64_t max_task_idle_ms;       /* how long a task waits for an empty input, so that records of
                                     * several inputs meet in the order of their times; 0: only
                                     * while unread records are known; -1: never */
    int64_t state_cleanup_delay_ms; /* state of a task that left stays so long, should the task come
                                     * back; 0: 600,000; -1: for ever */
    int64_t repartition_purge_interval_ms; /* records of repartition topics that are processed are
                                            * deleted so often; 0: 30,000; -1: never */
    int32_t input_partitions; /* input and output topics that are missing are made with so
                                     * many; 0: they must be there */

    sf_clock *clock;                   /* NULL: the system's */
    const sf_broker_setting *settings; /* by name: see above */
    size_t setting_count;
} sf_config;

#ifdef __cplusplus
}
#endif

#endif
