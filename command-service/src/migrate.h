/* migrate.h - brings the database to the schema that this binary was built for. */
#ifndef COMMAND_SERVICE_MIGRATE_H
#define COMMAND_SERVICE_MIGRATE_H

#include <stddef.h>

#include <stateful/error.h>

#include "migrations.h"
#include "postgres.h"

/* Applies those of the table that are missing, each in a transaction of its own, while no other
 * instance does the same; *applied = how many. SF_STOP when an applied one is not what the table
 * has under that number, or one fails; SF_RETRY when the server went away. */
sf_status migrate(postgres *connection, const migration *table, size_t count, size_t *applied,
                  sf_error *err);

#endif
