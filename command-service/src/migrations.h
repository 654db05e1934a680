/* migrations.h - the numbered files of command-service/sql, carried inside the binary. The table is
 * made by embed-migrations. */
#ifndef COMMAND_SERVICE_MIGRATIONS_H
#define COMMAND_SERVICE_MIGRATIONS_H

#include <stddef.h>

typedef struct migration {
    int number;       /* 1, 2, … without a gap */
    const char *name; /* "001_products" */
    const char *sql;
} migration;

extern const migration migrations[];
extern const size_t migration_count;

#endif
