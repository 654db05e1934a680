/* kept_rows.h - the rows of a table in its key-value or versioned store, and how their changes go on:
 * each at once, or with caching the newest of each key at the commit. Shared by all operators that keep
 * a table. With versions a change that came out of order says so, and one that is older than the history
 * is dropped and counted.
 *
 * In flight and stored forms differ by the serdes; what is read is copied to the arena, so that it
 * may be changed in place and outlives later calls on the store.
 */
#ifndef SF_DSL_OPERATORS_KEPT_ROWS_H
#define SF_DSL_OPERATORS_KEPT_ROWS_H

#include <stateful/processor.h>
#include <stateful/serde.h>

#include "dsl/operators/change.h"

/* Constant; part of an operator's settings. */
typedef struct sf_kept_rows_plan {
    const char *store;
    const sf_serde *key;
    const sf_serde *value;
    bool is_versioned; /* never cached */
    bool sends_before; /* someone behind asks for the values before */
} sf_kept_rows_plan;

/* Of one task; part of an operator's state. */
typedef struct sf_kept_rows {
    const sf_kept_rows_plan *plan;
    sf_context *context;
    sf_key_value_store *store; /* one of the two */
    sf_versioned_store *versions;
    bool forwards_at_once;
    sf_store *cached; /* the store, if it holds changes back */
} sf_kept_rows;

sf_status sf_kept_rows_init(sf_kept_rows *rows, const sf_kept_rows_plan *plan, sf_context *context,
                            sf_error *err);

/* A row as it was read: timestamp -1 and null if there is none. */
typedef struct sf_row {
    sf_bytes wire_key; /* for the put */
    sf_bytes value;    /* in flight */
    sf_bytes stored;   /* as stored */
    int64_t timestamp;
} sf_row;

/* key in flight. */
sf_status sf_kept_rows_get(sf_kept_rows *rows, sf_bytes key, sf_row *row, sf_error *err);

/* The key alone, for rows that are replaced unread; reads the stored value if someone behind asks for
 * it. */
sf_status sf_kept_rows_find(sf_kept_rows *rows, sf_bytes key, sf_row *row, sf_error *err);

/* record: key, value and timestamp of the row as it becomes, in flight. */
sf_status sf_kept_rows_put(sf_kept_rows *rows, const sf_row *row, const sf_record *record,
                           sf_error *err);

/* The same for operators that know the value before by themselves; with caching what goes on is the
 * stored one nevertheless. */
sf_status sf_kept_rows_put_change(sf_kept_rows *rows, const sf_change *change, sf_error *err);

#endif
