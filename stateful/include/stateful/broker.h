/* broker.h - what topics are: an interface with two implementations, Kafka and the embedded journal.
 *
 * sf_broker_connect (connect.h) picks one by the scheme of its address. An sf_broker is shared by
 * the threads of a process; a consumer or producer belongs to one thread, but for the calls marked
 * "any thread". Times are in ms, -1 for "for ever" where a timeout is asked for. Texts and bytes
 * handed in are borrowed for the call, those handed out belong to the object named.
 */
#ifndef STATEFUL_BROKER_H
#define STATEFUL_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stateful/broker_setting.h>
#include <stateful/clock.h>
#include <stateful/error.h>
#include <stateful/partitioner.h>
#include <stateful/record.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_broker sf_broker;
typedef struct sf_consumer sf_consumer;
typedef struct sf_reader sf_reader;
typedef struct sf_producer sf_producer;
typedef struct sf_producer_topic sf_producer_topic;
typedef struct sf_group_token sf_group_token;
typedef struct sf_record_batch sf_record_batch;

/* Where a record goes, if not to a partition by its number. */
enum {
    SF_PARTITION_BY_KEY = -1, /* murmur2 of the key as Kafka's Java client has it; no key: any */
};

/* Offsets that are none. */
enum {
    SF_OFFSET_NONE = -1,      /* nothing known or committed */
    SF_OFFSET_BEGINNING = -2, /* the first record that is still there */
    SF_OFFSET_END = -3,       /* behind the last record */
};

/* One partition with an offset, for committed positions, assignments and lookups. */
typedef struct sf_offset {
    const char *topic;
    int32_t partition;
    int64_t offset;       /* the next one to read, or SF_OFFSET_... */
    const char *metadata; /* text of at most 4,096 bytes carried with it; may be NULL */
} sf_offset;

/* ---- the broker itself; any thread ---- */

/* How to reach one: see sf_broker_connect. */
typedef struct sf_broker_options {
    const char *client_id; /* shown by the broker; NULL: "stateful" */
    sf_clock *clock;       /* NULL: the system's */
    uint64_t
        random_gaps; /* memory: only, a seed: leaves gaps between offsets as markers do; 0: none */
    const sf_broker_setting *settings; /* see sf_broker_connect */
    size_t setting_count;
} sf_broker_options;

void sf_broker_close(sf_broker *broker); /* after all its consumers and producers; NULL is fine */

/* Whether groups assign partitions among several instances (Kafka), or this process always owns
 * all (journal). */
bool sf_broker_has_groups(const sf_broker *broker);

/* A setting of a topic. */
typedef struct sf_topic_config {
    const char *name; /* "cleanup.policy", as Kafka spells it */
    const char *value;
} sf_topic_config;

/* A topic to be made. */
typedef struct sf_topic_spec {
    const char *name;
    int32_t partitions;
    const sf_topic_config *configs;
    size_t config_count;
} sf_topic_spec;

/* Makes a topic; one that is there already is left as it is and is no error (*created false; may be
 * NULL). Returns once the topic can be used. SF_RETRY while the broker is away. */
sf_status sf_broker_create_topic(sf_broker *broker, const sf_topic_spec *spec, bool *created,
                                 sf_error *err);

/* What became of one of several topics that were to be made. */
typedef struct sf_topic_outcome {
    bool created;       /* false: it was there already, or error says why it is not */
    int32_t partitions; /* that it has now */
    sf_error error;     /* its status is SF_OK: the topic can be used */
} sf_topic_outcome;

/* Makes several topics, no two of one name, with one request: what sf_broker_create_topic says holds for
 * each, and outcomes has room for each. If some fail, the others are made all the same, and the call
 * fails as the first of those that failed for good, else as the first that is to be tried again. */
sf_status sf_broker_create_topics(sf_broker *broker, const sf_topic_spec *specs, size_t count,
                                  sf_topic_outcome *outcomes, sf_error *err);

/* *partitions = how many the topic has, 0 if there is no such topic. */
sf_status sf_broker_partition_count(sf_broker *broker, const char *topic, int32_t *partitions,
                                    sf_error *err);

/* The same for several topics with one question. */
sf_status sf_broker_partition_counts(sf_broker *broker, const char *const *topics, size_t count,
                                     int32_t *partitions, sf_error *err);

/* Calls fn for every topic. */
typedef void (*sf_topic_fn)(void *user, const char *topic, int32_t partitions);
sf_status sf_broker_list_topics(sf_broker *broker, sf_topic_fn fn, void *user, sf_error *err);

/* Calls fn for every setting of a topic, is_default: nobody set it for this topic. The journal knows
 * only those it was made with. Code SF_NOT_FOUND if there is no such topic. */
typedef void (*sf_topic_config_fn)(void *user, const sf_topic_config *config, bool is_default);
sf_status sf_broker_topic_configs(sf_broker *broker, const char *topic, sf_topic_config_fn fn,
                                  void *user, sf_error *err);

/* One that is not there is no error. */
sf_status sf_broker_delete_topic(sf_broker *broker, const char *topic, sf_error *err);

/* Makes all records below offset unreadable, for good. */
sf_status sf_broker_delete_records(sf_broker *broker, const char *topic, int32_t partition,
                                   int64_t below_offset, sf_error *err);

/* Gives a topic so many partitions; one that has as many or more is left as it is. Returns once they
 * can be used. The journal's topics stay as they were made: SF_INVALID. */
sf_status sf_broker_grow_topic(sf_broker *broker, const char *topic, int32_t partitions,
                               sf_error *err);

/* Where a partition begins and ends, in offsets. */
typedef struct sf_watermarks {
    int64_t low;         /* the first offset that may be read */
    int64_t high;        /* behind the last record, open transactions and markers included */
    int64_t last_stable; /* behind the last record that a read_committed reader may see */
} sf_watermarks;

/* Asks the broker itself, never a cache. */
sf_status sf_broker_watermarks(sf_broker *broker, const char *topic, int32_t partition,
                               sf_watermarks *watermarks, sf_error *err);

/* A partition, and the answer. */
typedef struct sf_partition_marks {
    const char *topic;
    int32_t partition;
    sf_watermarks marks;
} sf_partition_marks;

/* The same for several partitions, none of them twice, with one question (on Kafka: one for each of the
 * three offsets, and for each broker that leads some). All are answered, or none. */
sf_status sf_broker_watermarks_of(sf_broker *broker, sf_partition_marks *partitions, size_t count,
                                  sf_error *err);

/* *offset = the first record with that timestamp or a later one, else SF_OFFSET_END. */
sf_status sf_broker_offset_for_time(sf_broker *broker, const char *topic, int32_t partition,
                                    int64_t timestamp_ms, int64_t *offset, sf_error *err);

/* ---- consumer; the thread it belongs to ---- */

/* Whom a consumer tells of the partitions it is given and has to give back; on its thread. */
typedef struct sf_rebalance_listener {
    /* Called inside sf_consumer_poll, _close or _subscribe. Partitions of the subscribed topic. */
    void (*assigned)(void *user, const int32_t *partitions, size_t count);
    /* lost: another member may already own them; nothing of theirs may be committed any more. */
    void (*revoked)(void *user, const int32_t *partitions, size_t count, bool lost);
    void *user;
} sf_rebalance_listener;

/* How a consumer reads; zero is the usual case. */
typedef struct sf_consumer_options {
    const char *group;          /* NULL: no group, e.g. to restore */
    const char *instance;       /* static membership id; NULL: dynamic */
    bool read_uncommitted;      /* for tools only; the runtime is always read_committed */
    size_t queue_size_bytes;    /* prefetch of each partition; 0: the implementation's usual size */
    int32_t session_timeout_ms; /* 0: 6,000 */
    const char *client_id;      /* shown to who describes the group; NULL: the broker's */
    const char *quiet_topic; /* that never gets a record; a consumer without a group that is given
                                   one holds its queues to their memory and reads on at once when
                                   they are emptied; NULL: none */
} sf_consumer_options;

/* options may be NULL. The consumer is freed by sf_consumer_close. */
sf_status sf_consumer_new(sf_broker *broker, const sf_consumer_options *options,
                          sf_consumer **consumer, sf_error *err);

/* Removes all readers, leaves the group (its listener may be called), frees. NULL is fine. */
void sf_consumer_close(sf_consumer *consumer);

/* Joins the group for one topic whose partitions are tasks, never records. Kafka only; on a broker
 * without groups the listener is called with all partitions, once, inside this call. */
sf_status sf_consumer_subscribe(sf_consumer *consumer, const char *topic,
                                const sf_rebalance_listener *listener, sf_error *err);

/* Serves the group: listener calls, errors of the group. Never blocks. Call it often. */
sf_status sf_consumer_poll(sf_consumer *consumer, sf_error *err);

/* Blocks until a reader may have records, the group wants to be served, someone calls
 * sf_consumer_wake, or the time is over. */
void sf_consumer_wait(sf_consumer *consumer, int32_t timeout_ms);

/* Ends the wait under way, or the next one. Any thread. */
void sf_consumer_wake(sf_consumer *consumer);

/* Says which topics are going to be read, so that what has to be known of them is asked for at once and not
 * when the first partition of each is added. One that is not there, or a failure, changes nothing else. */
sf_status sf_consumer_expect(sf_consumer *consumer, const char *const *topics, size_t count,
                             sf_error *err);

/* Adds a partition to read from offset on (>= 0, SF_OFFSET_BEGINNING or SF_OFFSET_END), inside or
 * outside of listener calls. The reader is the consumer's and ends with _remove or _close. */
sf_status sf_consumer_add(sf_consumer *consumer, const char *topic, int32_t partition,
                          int64_t offset, sf_reader **reader, sf_error *err);

/* Nothing of it comes any more; batches already handed out stay valid until they are released. */
void sf_consumer_remove(sf_consumer *consumer, sf_reader *reader);

/* Up to max records that have arrived, in one batch that the caller releases; *batch = NULL if
 * nothing is there now (SF_OK). Never blocks. Release all batches before sf_consumer_close. Code
 * SF_NOT_FOUND when the wanted offset is not there any more (trimmed) or not yet (log replaced). */
sf_status sf_reader_read(sf_reader *reader, size_t max, sf_record_batch **batch, sf_error *err);

/* Whether _read may have something; false: wait first. */
bool sf_reader_is_ready(const sf_reader *reader);

/* The next offset after all that was handed out, past markers known to be behind it. */
int64_t sf_reader_position(const sf_reader *reader);

/* Behind the last record that is known to be there, open transactions included; no question goes to the
 * broker. SF_OFFSET_NONE: nothing is known yet. */
int64_t sf_reader_end(const sf_reader *reader);

/* Goes on at another offset; what was prefetched is forgotten. */
sf_status sf_reader_seek(sf_reader *reader, int64_t offset, sf_error *err);

/* Fills offset and metadata of each entry with what the group committed (SF_OFFSET_NONE and NULL
 * if nothing); metadata is the consumer's, valid until the next call. SF_RETRY with code
 * SF_TIMED_OUT while a predecessor's transaction is open. */
sf_status sf_consumer_committed(sf_consumer *consumer, sf_offset *offsets, size_t count,
                                int32_t timeout_ms, sf_error *err);

/* Commits positions without a transaction (at-least-once). SF_ABORT_COMMIT or SF_REBUILD_TASK when
 * the member was put out of the group. */
sf_status sf_consumer_commit(sf_consumer *consumer, const sf_offset *offsets, size_t count,
                             sf_error *err);

/* The live member's metadata, for sf_producer_send_offsets; taken at the same time as the offsets.
 * Freed with sf_group_token_free. */
sf_group_token *sf_consumer_token(sf_consumer *consumer);
void sf_group_token_free(sf_group_token *token);

/* ---- producer; the thread it belongs to ---- */

/* What became of a record that was sent; called inside _send, _poll, _flush and _commit. */
typedef struct sf_delivery {
    void *tag; /* the sender's */
    const char *topic;
    int32_t partition;
    int64_t offset;
    sf_status status;  /* SF_OK: it is in the log (and counts once its transaction commits) */
    const char *error; /* a sentence if not */
    bool permanent;    /* sending the same again cannot help (too large, no such topic) */
} sf_delivery;

/* How a producer writes; zero is the usual case. */
typedef struct sf_producer_options {
    const char *transactional_id;   /* NULL: no transactions, records count at once */
    int32_t transaction_timeout_ms; /* 0: 10,000 */
    bool
        begins_later; /* what a predecessor left open is ended while other things are done: the first
                        * sf_producer_begin fails with SF_RETRY until that is over */
    void (*on_delivery)(void *user,
                        const sf_delivery *delivery); /* NULL: failures come by _flush */
    void *user;
    size_t queue_size_bytes; /* not delivered yet, after which _send waits; 0: the usual size */
} sf_producer_options;

/* A transactional producer ends what a predecessor of the same id left open and fences it, before this
 * returns or, if it begins later, before its first transaction. options may be NULL. */
sf_status sf_producer_new(sf_broker *broker, const sf_producer_options *options,
                          sf_producer **producer, sf_error *err);

/* Drops what is unsent or uncommitted. NULL is fine. */
void sf_producer_close(sf_producer *producer);

/* The same for topics that are going to be sent to: sf_producer_topic_open finds them known. */
sf_status sf_producer_expect(sf_producer *producer, const char *const *topics, size_t count,
                             sf_error *err);

/* The handle of a topic to send to, the same for the same name; it lives as long as the producer.
 * The topic must be there (code SF_NOT_FOUND). */
sf_status sf_producer_topic_open(sf_producer *producer, const char *name, sf_producer_topic **topic,
                                 sf_error *err);

/* A record to be sent, borrowed for the call. */
typedef struct sf_outgoing {
    sf_producer_topic *topic;
    int32_t partition; /* or SF_PARTITION_BY_KEY */
    sf_record record;
    void *tag;
} sf_outgoing;

/* Sends records in order; they are copied. *sent = how many were taken when it fails (the rest can
 * be sent again after SF_RETRY). Blocks while the queue is full. With a transactional id a
 * transaction must be open. */
sf_status sf_producer_send(sf_producer *producer, const sf_outgoing *records, size_t count,
                           size_t *sent, sf_error *err);

/* Key, value and headers (21 bytes more for each) of a record may be so large: a larger one is not
 * delivered for certain. 0: any size. Topics may have limits of their own, which only a delivery tells. */
size_t sf_producer_record_max_bytes(const sf_producer *producer);

/* Serves deliveries. Never blocks. */
void sf_producer_poll(sf_producer *producer);

/* Returns when all that was sent is delivered. Fails with the first failed delivery since the last
 * begin, flush or abort. SF_RETRY: time was up, call again. */
sf_status sf_producer_flush(sf_producer *producer, int32_t timeout_ms, sf_error *err);

/* Behind the last record of this producer that was delivered to that partition, SF_OFFSET_NONE if
 * none was since it was opened. */
int64_t sf_producer_end_offset(sf_producer_topic *topic, int32_t partition);

/* Opens a transaction; none may be open. SF_RETRY: the same call again. */
sf_status sf_producer_begin(sf_producer *producer, sf_error *err);

/* Puts positions of a group into the transaction. SF_ABORT_COMMIT: the generation is over. */
sf_status sf_producer_send_offsets(sf_producer *producer, const sf_offset *offsets, size_t count,
                                   const sf_group_token *token, sf_error *err);

/* SF_RETRY: outcome not known yet, the same call again. SF_ABORT_COMMIT: abort and redo. Code
 * SF_FENCED with SF_REBUILD_TASK: close this producer, make a new one, reload the offsets. */
sf_status sf_producer_commit(sf_producer *producer, int32_t timeout_ms, sf_error *err);
sf_status sf_producer_abort(sf_producer *producer, int32_t timeout_ms, sf_error *err);

#ifdef __cplusplus
}
#endif

#endif
