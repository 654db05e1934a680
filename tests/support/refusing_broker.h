/* refusing_broker.h - a broker that refuses to add a reader of a partition when it is asked for the first time, as
 * one does that has just started: who leads the partition is not known yet. One at a time in a process. */
#ifndef TESTS_SUPPORT_REFUSING_BROKER_H
#define TESTS_SUPPORT_REFUSING_BROKER_H

#include <stateful/broker.h>

/* From now on, for consumers to come. */
void refusing_broker_begin(sf_broker *broker);

/* It is as it was; how many readers were refused. After those consumers are closed. */
size_t refusing_broker_end(sf_broker *broker);

#endif
