/* connect.h - from an address to a broker. */
#ifndef STATEFUL_CONNECT_H
#define STATEFUL_CONNECT_H

#include <stateful/broker.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Opens what the address names:
 *   host:port,host:port  a Kafka cluster (not contacted before it is needed)
 *   file:DIR             the journal in that directory, made if missing; shared between processes
 *   memory:              a journal in memory, a new one each time
 * Settings are properties of librdkafka (broker_setting.h), or of the journal:
 *   journal.fsync                 when what was written is brought to the disk: always (before it is
 *                                 acknowledged; the usual), interval, never (when a segment ends)
 *   journal.fsync.interval.ms     1000
 *   journal.segment.bytes         a file of the log is ended before it grows beyond; 67108864
 *   journal.message.max.bytes     a larger record is not taken; 67108864, which is the most
 *   journal.cleaner.interval.ms   what was purged, has expired (retention.ms, retention.bytes) or was
 *                                 superseded (cleanup.policy=compact) is removed when a segment ends,
 *                                 and so often; 30000; -1: never
 *   journal.cleaner.dirty.ratio   keys are compacted when so much of what has keys is new; 0.5
 *   journal.cleaner.memory.bytes  for the keys it looks up, 43 each; 33554432
 * options may be NULL. Any thread. */
sf_status sf_broker_connect(const char *address, const sf_broker_options *options,
                            sf_broker **broker, sf_error *err);

#ifdef __cplusplus
}
#endif

#endif
