/* relay_turns.h - how the active relay takes the outbox to the broker, a batch a turn:
 *
 *   1 a batch is sent when all that was sent before it is known to have been published; the next one is
 *     read meanwhile, and read again when it was not
 *   2 what was sent is noted with the next reading, or at once when there is nothing more to send
 *
 * What is read and what is sent but not noted stays here between two turns. A crash between the broker's
 * acknowledgement and the note publishes a row again; readers know it by its version. One thread.
 */
#ifndef COMMAND_SERVICE_RELAY_TURNS_H
#define COMMAND_SERVICE_RELAY_TURNS_H

#include "publisher.h"

typedef struct relay_turns {
    outbox *box;                 /* borrowed */
    struct publisher *publisher; /* likewise */
    outbox_batch next;           /* read, and not sent */
    outbox_batch sent;           /* sent, and not noted */
    bool is_reading_on;          /* while a batch is sent */
    sf_error reading_err;        /* what became of that */
} relay_turns;

/* What a turn came to, whether or not it came to its end. */
typedef struct relay_turn {
    size_t rows;      /* of the outbox; 0: there was nothing to send */
    size_t published; /* events */
} relay_turn;

/* Publishes a batch, if there is one. The publisher is open. */
sf_status relay_turns_take(relay_turns *turns, relay_turn *turn, sf_error *err);

/* To be called by the publisher when a batch is with the producer (publisher_options.meanwhile). */
void relay_turns_meanwhile(relay_turns *turns);

/* Whether a batch has been read that is to be sent. */
bool relay_turns_has_next(const relay_turns *turns);

/* Without noting: what was read as the active relay of another session is nobody's any more. */
void relay_turns_forget(relay_turns *turns);

/* After the last turn: notes what is not noted yet, or else it is sent again. */
void relay_turns_end(relay_turns *turns);

#endif
