/* padded_topology.h - makes of each number a value of so many bytes. */
#ifndef TESTS_SUPPORT_PADDED_TOPOLOGY_H
#define TESTS_SUPPORT_PADDED_TOPOLOGY_H

#include <stateful/stateful.h>

/* Reads numbers from in, sends values to out. */
sf_topology *padded_topology(const char *in, const char *out, sf_on_error on_error);

#endif
