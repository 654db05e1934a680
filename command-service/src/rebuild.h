/* rebuild.h - makes the tables of products, customers and orders anew from the events, which are the
 * truth.
 *
 * It is one transaction behind locks on all of them: a service that runs meanwhile waits, and refuses
 * for a while with 503 if it takes long. Nothing is changed when the events have a gap or are of a kind
 * that this binary does not know.
 */
#ifndef COMMAND_SERVICE_REBUILD_H
#define COMMAND_SERVICE_REBUILD_H

#include <stateful/error.h>

#include "postgres.h"

typedef struct rebuild_report {
    int64_t events; /* read */
    int64_t rows;   /* of all tables, made from them */
    int64_t
        differing; /* rows that were not there before, or are not there any more; a changed one is both */
} rebuild_report;

/* is_trial: looks what would differ, and changes nothing. SF_STOP with the sentence why it cannot be
 * done; SF_RETRY when the server went away. */
sf_status rebuild(postgres *connection, bool is_trial, rebuild_report *report, sf_error *err);

#endif
