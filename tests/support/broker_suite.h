/* broker_suite.h - what every broker promises (<stateful/broker.h>), as tests that run on any of them. */
#ifndef TESTS_SUPPORT_BROKER_SUITE_H
#define TESTS_SUPPORT_BROKER_SUITE_H

#include <stateful/broker.h>

/* A broker for one test, closed after it; names of topics and groups are drawn, so it may be shared. */
typedef sf_broker *(*broker_suite_open)(void);

/* Runs all of them; the number of failed ones, for main to return. */
int broker_suite_run(const char *name, broker_suite_open open);

#endif
