/* held_updates.h - updates of rows that wait, the newest of each key, in the order of the times at which
 * their keys began to wait. They lie in a key-value store, so that they survive whatever their task
 * does:
 *
 *   0                      totals: number of keys, bytes, the smallest time (8 bytes big-endian each)
 *   1, key                 the update
 *   2, time (8 bytes), key nothing: the order
 *
 * 1 Each key that waits has one update and one place in the order; the totals are those of the updates.
 * 2 A key keeps its place while updates replace each other.
 */
#ifndef SF_DSL_OPERATORS_HELD_UPDATES_H
#define SF_DSL_OPERATORS_HELD_UPDATES_H

#include <stateful/key_value_store.h>
#include <stateful/record.h>

/* What an update counts beside its bytes: time, timestamp, and what holds them. */
#define SF_HELD_UPDATE_OVERHEAD 100

/* Bytes as on the wire. */
typedef struct sf_held_update {
    sf_bytes key;
    int64_t time;       /* its place in the order, not negative */
    sf_bytes before;    /* what went on last */
    sf_bytes value;     /* what is to go on */
    int64_t timestamp;  /* of the record that brought it */
    sf_headers headers; /* the same */
} sf_held_update;

typedef struct sf_held_totals {
    uint64_t keys;
    uint64_t bytes;
    int64_t first_time; /* of the next in order, while there is one */
} sf_held_totals;

/* The totals, which the caller holds while it works, and puts back at the end. */
sf_status sf_held_updates_totals(sf_key_value_store *store, sf_held_totals *totals, sf_error *err);
sf_status sf_held_updates_settle(sf_key_value_store *store, const sf_held_totals *totals,
                                 sf_error *err);

/* The update of a key, copied to the arena; *is_held false: there is none. */
sf_status sf_held_updates_find(sf_key_value_store *store, sf_bytes key, sf_arena *arena,
                               sf_held_update *update, bool *is_held, sf_error *err);

/* Keeps an update; replaced: the one of its key, whose time it has, or NULL. */
sf_status sf_held_updates_put(sf_key_value_store *store, const sf_held_update *update,
                              const sf_held_update *replaced, sf_arena *arena,
                              sf_held_totals *totals, sf_error *err);

/* Who takes updates. */
typedef struct sf_held_taker {
    bool (*wants)(void *user, int64_t time, const sf_held_totals *totals);
    sf_status (*take)(void *user, const sf_held_update *update, sf_error *err);
    void *user;
} sf_held_taker;

/* Gives updates away in their order, as long as the next one is wanted; each is there until it is
 * taken. */
sf_status sf_held_updates_take(sf_key_value_store *store, const sf_held_taker *taker,
                               sf_arena *arena, sf_held_totals *totals, sf_error *err);

#endif
