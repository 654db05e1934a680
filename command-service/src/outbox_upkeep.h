/* outbox_upkeep.h - what an operator asks of the outbox: how it stands, what could not be published,
 * another try, and all of it once more. Beside a relay that runs, or without one.
 */
#ifndef COMMAND_SERVICE_OUTBOX_UPKEEP_H
#define COMMAND_SERVICE_OUTBOX_UPKEEP_H

#include <stdio.h>

#include <stateful/error.h>

#include "postgres.h"

/* Prints how many events are pending, published and failed, of each kind of aggregate, and how long the
 * oldest pending one waits. */
sf_status outbox_upkeep_print(postgres *connection, FILE *out, sf_error *err);

/* Prints the failed events, why they failed, and how many are held behind them. */
sf_status outbox_upkeep_print_failed(postgres *connection, FILE *out, sf_error *err);

/* Makes failed events pending again: the one of that id (0: all). *count says how many; SF_STOP when the
 * one is not there or has not failed. */
sf_status outbox_upkeep_retry(postgres *connection, int64_t id, int64_t *count, sf_error *err);

/* Makes published events pending again, of that kind of aggregate (NULL: all): the relay sends them once
 * more, in their order. Readers know them by their versions. */
sf_status outbox_upkeep_republish(postgres *connection, const char *aggregate_type, int64_t *count,
                                  sf_error *err);

/* "product", "customer" or "order". */
bool outbox_upkeep_knows(const char *aggregate_type);

#endif
