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
 * options may be NULL. Any thread. */
sf_status sf_broker_connect(const char *address, const sf_broker_options *options,
                            sf_broker **broker, sf_error *err);

#ifdef __cplusplus
}
#endif

#endif
