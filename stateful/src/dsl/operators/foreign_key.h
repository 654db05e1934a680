/* foreign_key.h - a table meets another by a key that is found in its rows (KIP-213).
 *
 *      left task                              right task
 *   1  a left row changes: subscribes  -----> 2  keeps the subscription by foreign key and left key,
 *      to the right row it names                 answers with the right row as it is
 *   4  joins the left row as it is now <----- 3  the right row changes: answers to all who subscribed
 *
 * A row that names another right row now withdraws its old subscription first. Both topics are read at
 * their own pace, so an answer may come late: it carries the hash of the left row that asked, and is
 * dropped if that row is no longer there.
 *
 * An inner join answers only where it must (see foreign_key_ask.c), so a late answer that there is no
 * right row may be the only one that says that the result is gone. If the left row as it is now names no
 * right row, the result is deleted; else that row asks again, for an answer in any case. Left joins
 * answer always.
 */
#ifndef SF_DSL_OPERATORS_FOREIGN_KEY_H
#define SF_DSL_OPERATORS_FOREIGN_KEY_H

#include <stateful/functions.h>
#include <stateful/serde.h>

#include "dsl/operators/lookup.h"

/* What the nodes of a join share. */
typedef struct sf_foreign_key_join {
    bool is_left;
    sf_map_fn select; /* the foreign key, in flight as the right table's key */
    void *select_user;
    sf_join_fn join;
    void *join_user;
    const sf_lookup_plan *left;
    const sf_lookup_plan *right;
    bool left_is_versioned; /* changes that come out of order are dropped and counted */
    bool right_is_versioned;
    const sf_serde *left_key;
    const sf_serde *left_value;
    const sf_serde *right_key;
    const char *subscriptions; /* the store */
} sf_foreign_key_join;

/* The four steps, and beside the last one who asks again; join is borrowed. */
sf_processor sf_foreign_key_ask_processor(sf_foreign_key_join *join);
sf_processor sf_foreign_key_subscribe_processor(sf_foreign_key_join *join);
sf_processor sf_foreign_key_fan_out_processor(sf_foreign_key_join *join);
sf_processor sf_foreign_key_resolve_processor(sf_foreign_key_join *join);
sf_processor sf_foreign_key_ask_again_processor(sf_foreign_key_join *join);

/* The foreign key of a left row, in flight; null: none. value: the row's, may be null. */
sf_status sf_foreign_key_select(const sf_foreign_key_join *join, sf_arena *arena,
                                const sf_record *record, sf_bytes value, sf_bytes *key,
                                sf_error *err);

#endif
