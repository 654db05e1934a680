/* circuit_breaker.h - whether it is worth asking a server that fails: while it is known not to answer,
 * nobody waits for it.
 *
 *          failures in a row, a silence,
 *          nobody is connected                     somebody tries to connect
 *   CLOSED ------------------------------> OPEN ---------------------------> HALF_OPEN
 *      ^                                    ^                                   |  |
 *      |                                    +------------- it failed ----------+  |
 *      +------------------------------ it answered -------------------------------+
 *
 * An answer closes it from every state: one that was long in coming too. It knows no time and no lock;
 * who uses it has both.
 */
#ifndef COMMAND_SERVICE_CIRCUIT_BREAKER_H
#define COMMAND_SERVICE_CIRCUIT_BREAKER_H

#include <stdbool.h>

typedef enum circuit_state {
    CIRCUIT_CLOSED,    /* the server answers */
    CIRCUIT_HALF_OPEN, /* it is being tried */
    CIRCUIT_OPEN,      /* it does not answer */
} circuit_state;

typedef struct circuit_breaker {
    circuit_state state;
    unsigned failures; /* in a row, while closed */
    unsigned failures_max;
} circuit_breaker;

/* Open at first: nothing is known of the server yet. */
void circuit_breaker_init(circuit_breaker *breaker, unsigned failures_max);

/* Whether to ask the server. */
bool circuit_breaker_allows(const circuit_breaker *breaker);

/* What was seen of the server; each says whether the state has changed. */
bool circuit_breaker_note_answer(circuit_breaker *breaker);
bool circuit_breaker_note_failure(circuit_breaker *breaker);
bool circuit_breaker_note_silence(circuit_breaker *breaker); /* also: nobody is connected */
bool circuit_breaker_note_trial(circuit_breaker *breaker);

#endif
