/* repartition_value.h - what a record's value looks like in a repartition topic: with its timestamp
 * inside, since clients of Kafka turn a timestamp of 0 into "now", and never null, so that the time
 * of a deletion survives too.
 *
 *   1 byte: 1 there is a value, 0 it is null;  8 bytes: timestamp, big-endian;  the value
 */
#ifndef SF_TASK_REPARTITION_VALUE_H
#define SF_TASK_REPARTITION_VALUE_H

#include <stateful/arena.h>
#include <stateful/error.h>

sf_bytes sf_repartition_value_encode(sf_bytes value, int64_t timestamp, sf_arena *arena);

/* *value lies within wire. SF_REJECT if the bytes make no sense. */
sf_status sf_repartition_value_decode(sf_bytes wire, sf_bytes *value, int64_t *timestamp,
                                      sf_error *err);

#endif
