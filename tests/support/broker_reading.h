/* broker_reading.h - short ways to write to and read from a broker in tests; each fails the test when
 * it takes longer than half a minute. */
#ifndef TESTS_SUPPORT_BROKER_READING_H
#define TESTS_SUPPORT_BROKER_READING_H

#include <stateful/broker.h>

#include "record/record_batch.h"

/* Sends one record to a partition of an open topic (or SF_PARTITION_BY_KEY); NULL is Kafka's null. */
void send_text(sf_producer *producer, sf_producer_topic *topic, int32_t partition, const char *key,
               const char *value);

/* The handle of a topic to send to. */
sf_producer_topic *open_topic(sf_producer *producer, const char *name);

/* Sends one record by a producer of its own. */
void send_alone(sf_broker *broker, const char *topic, int32_t partition, const char *key,
                const char *value);

/* A reader of a partition from offset on. */
sf_reader *read_from(sf_consumer *consumer, const char *topic, int32_t partition, int64_t offset);

/* The next batch of at most max; waits for it. The caller releases it. */
sf_record_batch *next_batch(sf_consumer *consumer, sf_reader *reader, size_t max);

/* Values of the next count records, parted by commas; for the caller to free. */
char *next_values(sf_consumer *consumer, sf_reader *reader, size_t count);

/* Fails unless the next records have just these values ("a,b,c"). */
void assert_next_values(sf_consumer *consumer, sf_reader *reader, const char *values);

/* Serves and reads until the position is there; the number of records that came. */
size_t read_to(sf_consumer *consumer, sf_reader *reader, int64_t position);

/* Watermarks once no transaction is open any more: Kafka ends one a moment after its commit returns. */
sf_watermarks settled_marks(sf_broker *broker, const char *topic, int32_t partition);

#endif
