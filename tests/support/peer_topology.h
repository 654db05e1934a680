/* peer_topology.h - the five topologies that the Kafka Streams peer runs, built with the public API alone.
 *
 * pass-through, filter-map, aggregate, windowed: over orders of one product. analytics: products and orders
 * of several products, two repartitions, four stores. The topics and the steps that are counted are the
 * peer's; state and repartition records are flat structs, where the Java program writes JSON. */
#ifndef TESTS_SUPPORT_PEER_TOPOLOGY_H
#define TESTS_SUPPORT_PEER_TOPOLOGY_H

#include <stdint.h>

#include <stateful/topology.h>

/* What a group has come to; lies in the stores as it is. */
typedef struct peer_sum {
    int64_t cents;
    int64_t count;
} peer_sum;

typedef struct peer_sales {
    int64_t quantity;
    int64_t orders;
    int64_t revenue_cents;
} peer_sales;

typedef struct peer_topics {
    const char *in;       /* orders; analytics: order events */
    const char *products; /* analytics only */
    const char *out;      /* pass-through and filter-map only */
} peer_topics;

/* Called at each step that the peer counts, on the stream thread. */
typedef void (*peer_step_fn)(void);

/* NULL, with a word about it on standard error, for a mode that is none of the five. */
sf_topology *peer_topology(const char *mode, const peer_topics *topics, peer_step_fn step);

#endif
