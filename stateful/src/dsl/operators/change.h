/* change.h - what travels between the nodes of a table: a row's new value and the one before. The
 * record comes first, so that a pointer to a change is one to its record: nodes behind a table get
 * such records only. */
#ifndef SF_DSL_OPERATORS_CHANGE_H
#define SF_DSL_OPERATORS_CHANGE_H

#include <stateful/record.h>

typedef struct sf_change {
    sf_record record;
    sf_bytes before; /* in flight; null: there was none, or nobody asked for it */
    bool is_stale;   /* versioned tables: the row has a newer version already */
} sf_change;

static inline const sf_change *sf_change_of(const sf_record *record)
{
    return (const sf_change *)(const void *)record;
}

#endif
