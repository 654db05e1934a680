/* connect.h - from an address to a broker. */
#ifndef STATEFUL_CONNECT_H
#define STATEFUL_CONNECT_H

#include <stateful/broker.h>
#include <stateful/clock.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_broker_setting {
    const char *name; /* a librdkafka property such as "security.protocol" */
    const char *value;
} sf_broker_setting;

typedef struct sf_broker_options {
    const char *client_id; /* shown by the broker; NULL: "stateful" */
    sf_clock *clock;       /* NULL: the system's */
    uint64_t random_gaps;  /* memory: only, a seed: leaves gaps between offsets as markers do; 0: none */
    const sf_broker_setting *settings; /* passed on to librdkafka; refused by the journal */
    size_t setting_count;
} sf_broker_options;

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
