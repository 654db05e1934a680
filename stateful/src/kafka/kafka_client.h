/* kafka_client.h - a librdkafka handle made from the settings of the broker: what all of them share,
 * what one kind needs, what the user wants, what the engine insists on. Any thread. */
#ifndef SF_KAFKA_KAFKA_CLIENT_H
#define SF_KAFKA_KAFKA_CLIENT_H

#include <librdkafka/rdkafka.h>

#include <stateful/broker.h>
#include <stateful/error.h>

#include "kafka/kafka_settings.h"

enum { SF_KAFKA_NOBODY_SIZE = 48 };

/* The name of a group that nobody joins, for handles that need some name. */
void sf_kafka_nobody(char name[SF_KAFKA_NOBODY_SIZE]);

typedef struct sf_kafka_config {
    char *servers;
    char *client_id;
    sf_clock *clock;
    sf_broker_setting *settings; /* the user's */
    size_t setting_count;
} sf_kafka_config;

/* Copies; refuses a setting that librdkafka does not take, or that the engine needs for itself. */
sf_status sf_kafka_config_init(sf_kafka_config *config, const char *servers,
                               const sf_broker_options *options, sf_error *err);
void sf_kafka_config_done(sf_kafka_config *config);

typedef struct sf_kafka_client_options {
    sf_kafka_role role;
    const char *client_id;             /* NULL: the config's */
    const sf_broker_setting *defaults; /* the user's go before them; ends with a NULL name */
    const sf_broker_setting *fixed; /* nobody goes before them; the same. A NULL value: left out */
    void (*on_rebalance)(rd_kafka_t *client, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *partitions, void *opaque);
    void (*on_delivery)(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque);
    void *opaque;
} sf_kafka_client_options;

/* The handle is the caller's: rd_kafka_destroy. The broker is not contacted here. */
sf_status sf_kafka_client_new(const sf_kafka_config *config, const sf_kafka_client_options *options,
                              rd_kafka_t **client, sf_error *err);

#endif
