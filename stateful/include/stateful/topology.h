/* topology.h - the program as a graph: a constant, shared by all threads once built. */
#ifndef STATEFUL_TOPOLOGY_H
#define STATEFUL_TOPOLOGY_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_topology sf_topology;

/* After all applications and drivers that use it. NULL is fine. */
void sf_topology_free(sf_topology *topology);

/* The text that Kafka Streams' Topology#describe prints for such a graph, so that its viewers can
 * draw it. Give back with free(). Any thread. */
char *sf_topology_describe(const sf_topology *topology);

#ifdef __cplusplus
}
#endif

#endif
