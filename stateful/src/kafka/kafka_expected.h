/* kafka_expected.h - topics of which a consumer was told that it is going to read them. The consumer's thread.
 *
 * Each is held, so that librdkafka goes on to look after it: a partition that is added an hour later is read
 * at once, too. */
#ifndef SF_KAFKA_KAFKA_EXPECTED_H
#define SF_KAFKA_KAFKA_EXPECTED_H

#include <librdkafka/rdkafka.h>

#include <stateful/error.h>

#include "base/map.h"

typedef struct sf_kafka_expected {
    sf_map *topics; /* name -> what is held */
} sf_kafka_expected;

void sf_kafka_expected_init(sf_kafka_expected *expected);
void sf_kafka_expected_done(sf_kafka_expected *expected); /* before the handle goes */

/* Asks for all that are not known yet with one question. SF_RETRY while the broker is away. */
sf_status sf_kafka_expected_add(sf_kafka_expected *expected, rd_kafka_t *client,
                                const char *const *topics, size_t count, sf_error *err);

/* How many partitions it had when it was asked for; 0: that is not known. */
int32_t sf_kafka_expected_partitions(const sf_kafka_expected *expected, const char *topic);

#endif
