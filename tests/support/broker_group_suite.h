/* broker_group_suite.h - what every broker promises of groups and settings (<stateful/broker_group.h>), as
 * tests that run on any of them. */
#ifndef TESTS_SUPPORT_BROKER_GROUP_SUITE_H
#define TESTS_SUPPORT_BROKER_GROUP_SUITE_H

#include "support/broker_suite.h"

/* Runs all of them; the number of failed ones, for main to return. */
int broker_group_suite_run(const char *name, broker_suite_open open);

/* Those that need a broker whose groups have members. */
int broker_member_suite_run(const char *name, broker_suite_open open);

#endif
