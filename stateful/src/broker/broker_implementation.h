/* broker_implementation.h - the table of functions that kafka/ and journal/ fill in.
 *
 * Each object begins with a pointer to its table; broker.c only looks it up. Contracts stand in
 * <stateful/broker.h>.
 */
#ifndef SF_BROKER_BROKER_IMPLEMENTATION_H
#define SF_BROKER_BROKER_IMPLEMENTATION_H

#include <stateful/broker.h>

#include "record/record_batch.h"

struct sf_group_description; /* <stateful/broker_group.h> */

typedef struct sf_broker_ops {
    bool has_groups;
    void (*close)(sf_broker *broker);
    /* Those of several topics are called with one at least; outcomes are zero before. */
    void (*create_topics)(sf_broker *broker, const sf_topic_spec *specs, size_t count,
                          sf_topic_outcome *outcomes);
    sf_status (*partition_counts)(sf_broker *broker, const char *const *topics, size_t count,
                                  int32_t *partitions, sf_error *err);
    sf_status (*list_topics)(sf_broker *broker, sf_topic_fn fn, void *user, sf_error *err);
    sf_status (*topic_configs)(sf_broker *broker, const char *topic, sf_topic_config_fn fn,
                               void *user, sf_error *err);
    sf_status (*delete_topic)(sf_broker *broker, const char *topic, sf_error *err);
    sf_status (*delete_records)(sf_broker *broker, const char *topic, int32_t partition,
                                int64_t below_offset, sf_error *err);
    sf_status (*grow_topic)(sf_broker *broker, const char *topic, int32_t partitions,
                            sf_error *err);
    sf_status (*watermarks)(sf_broker *broker, sf_partition_marks *partitions, size_t count,
                            sf_error *err);
    sf_status (*offset_for_time)(sf_broker *broker, const char *topic, int32_t partition,
                                 int64_t timestamp_ms, int64_t *offset, sf_error *err);
    sf_status (*list_groups)(sf_broker *broker,
                             void (*fn)(void *user, const char *group, const char *state),
                             void *user, sf_error *err);
    sf_status (*describe_group)(sf_broker *broker, const char *group, sf_arena *arena,
                                struct sf_group_description *description, sf_error *err);
    sf_status (*group_offsets)(sf_broker *broker, const char *group, sf_arena *arena,
                               const sf_offset **offsets, size_t *count, sf_error *err);
    sf_status (*set_group_offsets)(sf_broker *broker, const char *group, const sf_offset *offsets,
                                   size_t count, sf_error *err);
    sf_status (*consumer_new)(sf_broker *broker, const sf_consumer_options *options,
                              sf_consumer **consumer, sf_error *err);
    sf_status (*producer_new)(sf_broker *broker, const sf_producer_options *options,
                              sf_producer **producer, sf_error *err);
} sf_broker_ops;

struct sf_broker {
    const sf_broker_ops *ops;
};

typedef struct sf_consumer_ops {
    void (*close)(sf_consumer *consumer);
    sf_status (*subscribe)(sf_consumer *consumer, const char *topic,
                           const sf_rebalance_listener *listener, sf_error *err);
    sf_status (*poll)(sf_consumer *consumer, sf_error *err);
    void (*wait)(sf_consumer *consumer, int32_t timeout_ms);
    void (*wake)(sf_consumer *consumer);
    sf_status (*expect)(sf_consumer *consumer, const char *const *topics, size_t count,
                        sf_error *err); /* NULL: it knows all */
    sf_status (*add)(sf_consumer *consumer, const char *topic, int32_t partition, int64_t offset,
                     sf_reader **reader, sf_error *err);
    void (*remove)(sf_consumer *consumer, sf_reader *reader);
    sf_status (*read)(sf_reader *reader, size_t max, sf_record_batch **batch, sf_error *err);
    bool (*is_ready)(const sf_reader *reader);
    int64_t (*position)(const sf_reader *reader);
    int64_t (*end)(const sf_reader *reader); /* NULL: never known */
    sf_status (*seek)(sf_reader *reader, int64_t offset, sf_error *err);
    sf_status (*committed)(sf_consumer *consumer, sf_offset *offsets, size_t count,
                           int32_t timeout_ms, sf_error *err);
    sf_status (*commit)(sf_consumer *consumer, const sf_offset *offsets, size_t count,
                        sf_error *err);
    sf_group_token *(*token)(sf_consumer *consumer);
} sf_consumer_ops;

struct sf_consumer {
    const sf_consumer_ops *ops;
};

struct sf_reader {
    const sf_consumer_ops *ops;
};

struct sf_group_token {
    void (*free)(sf_group_token *token);
};

typedef struct sf_producer_ops {
    void (*close)(sf_producer *producer);
    sf_status (*expect)(sf_producer *producer, const char *const *topics, size_t count,
                        sf_error *err); /* NULL: it knows all */
    sf_status (*topic_open)(sf_producer *producer, const char *name, sf_producer_topic **topic,
                            sf_error *err);
    sf_status (*send)(sf_producer *producer, const sf_outgoing *records, size_t count, size_t *sent,
                      sf_error *err);
    void (*poll)(sf_producer *producer);
    sf_status (*flush)(sf_producer *producer, int32_t timeout_ms, sf_error *err);
    int64_t (*end_offset)(sf_producer_topic *topic, int32_t partition);
    sf_status (*begin)(sf_producer *producer, sf_error *err);
    sf_status (*send_offsets)(sf_producer *producer, const sf_offset *offsets, size_t count,
                              const sf_group_token *token, sf_error *err);
    sf_status (*commit)(sf_producer *producer, int32_t timeout_ms, sf_error *err);
    sf_status (*abort)(sf_producer *producer, int32_t timeout_ms, sf_error *err);
} sf_producer_ops;

struct sf_producer {
    const sf_producer_ops *ops;
    size_t record_max_bytes; /* 0: any size */
};

struct sf_producer_topic {
    const sf_producer_ops *ops;
};

#endif
