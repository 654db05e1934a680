/* joiner.h - two values that meet become a result. Shared by the joins of streams. */
#ifndef SF_DSL_OPERATORS_JOINER_H
#define SF_DSL_OPERATORS_JOINER_H

#include <stateful/functions.h>

typedef struct sf_joiner {
    sf_join_fn join;
    void *user;
} sf_joiner;

/* Hands on what the joiner makes of both values, in flight, null where nothing was met. result: its key,
 * timestamp and headers. */
sf_status sf_joiner_forward(const sf_joiner *joiner, sf_context *context, const sf_record *result,
                            sf_bytes left, sf_bytes right, sf_error *err);

#endif
