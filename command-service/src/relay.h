/* relay.h - a thread that publishes the outbox: reads pending events in order, sends them, and notes
 * where they went (relay_turns.h). Here is when it does so, and what others see of it.
 *
 * Of all instances on one database one relay is active; another takes over when its connection is
 * gone. While the broker is away rows pile up in the table, and nothing else happens.
 */
#ifndef COMMAND_SERVICE_RELAY_H
#define COMMAND_SERVICE_RELAY_H

#include "base/buffer.h"
#include "publisher.h"

struct relay;

typedef struct relay_options {
    postgres_address address;  /* texts are borrowed, here and below */
    publisher_options publish; /* gives_up is the relay's own */
    int32_t poll_ms;           /* looks at the table this often without being woken; 0: 200 */
    int64_t key_hours;         /* how long idempotency keys are kept */
} relay_options;

/* Starts the thread; it connects by itself. */
struct relay *relay_start(const relay_options *options);

/* New rows were committed. Any thread; never waits. */
void relay_wake(struct relay *relay);

/* Whether the last round went well; if not, appends what it waits for. Any thread. */
bool relay_is_well(struct relay *relay, sf_buffer *why);

/* How it stands. Any thread. */
typedef struct relay_state {
    bool is_active;
    int64_t published;      /* since the start, as failures */
    int64_t failures;       /* rounds that did not come to their end */
    outbox_backlog backlog; /* as measured a moment ago, when it is active */
    int64_t oldest_age_ms;  /* of the oldest pending event, now */
} relay_state;
void relay_get_state(struct relay *relay, relay_state *state);

/* Publishes what is pending, for at most grace_ms and only while that works, then ends. NULL is
 * fine. */
void relay_stop(struct relay *relay, int64_t grace_ms);

#endif
