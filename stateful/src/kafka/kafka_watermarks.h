/* kafka_watermarks.h - where partitions begin and end, many of them at once. Any thread. */
#ifndef SF_KAFKA_KAFKA_WATERMARKS_H
#define SF_KAFKA_KAFKA_WATERMARKS_H

#include <librdkafka/rdkafka.h>

#include <stateful/broker.h>

/* As sf_broker_watermarks_of. stable: a read_committed handle, real: a read_uncommitted one. */
sf_status sf_kafka_watermarks_ask(rd_kafka_t *stable, rd_kafka_t *real,
                                  sf_partition_marks *partitions, size_t count, sf_error *err);

#endif
