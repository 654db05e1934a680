/* shared_calls.h - the calls of a batch of commands. What a statement costs is mostly its start, so those
 * that take many commands get as many at a time as the batch has.
 *
 *   1 a statement that takes many has an array of texts in the place of each value, with an element a
 *     command, and returns a row a command, in their order; each is decided for itself
 *   2 neighbours share their calls if they make the same ones, and all of these take many
 *   3 commands on one row do not: the later one must see what the earlier one did
 *
 * One thread.
 */
#ifndef COMMAND_SERVICE_SHARED_CALLS_H
#define COMMAND_SERVICE_SHARED_CALLS_H

#include <stateful/arena.h>

#include "pooled_command.h"

typedef struct shared_calls {
    const postgres_statement *statements; /* borrowed */
    sf_arena *arena;                      /* of the values */
    postgres_call *calls;
    size_t count;
} shared_calls;

void shared_calls_init(shared_calls *calls, const postgres_statement *statements,
                       size_t commands_max);
void shared_calls_done(shared_calls *calls);

/* Makes the calls of these commands, which are in the order in which rows are locked; those made before
 * are forgotten. */
void shared_calls_gather(shared_calls *calls, pooled_command *const *commands, size_t count);

/* Tells each command its rows, once the calls were run. They live until the next. */
void shared_calls_hand_out(const shared_calls *calls, pooled_command *const *commands,
                           size_t count);

/* Frees the rows; the commands have been answered. */
void shared_calls_drop_rows(shared_calls *calls);

#endif
