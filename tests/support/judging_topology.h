/* judging_topology.h - passes numbers on; a judge may fail, or stand still, at one of them. */
#ifndef TESTS_SUPPORT_JUDGING_TOPOLOGY_H
#define TESTS_SUPPORT_JUDGING_TOPOLOGY_H

#include <semaphore.h>
#include <stdatomic.h>

#include <stateful/stateful.h>

/* Outlives the topology. */
typedef struct number_judge {
    int64_t number;      /* at which it acts */
    atomic_int failures; /* so many times it fails there */
    bool holds;          /* posts `held` there and waits for `go` */
    sem_t held, go;      /* of one that holds */
} number_judge;

sf_topology *judging_topology(const char *in, const char *out, number_judge *judge);

#endif
