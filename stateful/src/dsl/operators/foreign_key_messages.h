/* foreign_key_messages.h - what the two sides of a foreign-key join send each other, in flight and on the
 * wire; and how subscriptions are kept. */
#ifndef SF_DSL_OPERATORS_FOREIGN_KEY_MESSAGES_H
#define SF_DSL_OPERATORS_FOREIGN_KEY_MESSAGES_H

#include <stateful/record.h>
#include <stateful/serde.h>

#include "base/hash.h"

/* What the right side is to do. */
typedef enum sf_subscribe {
    SF_SUBSCRIBE_ANSWER_IF_FOUND, /* keep it; answer if the right row is there */
    SF_SUBSCRIBE_ANSWER,          /* keep it; answer in any case */
    SF_UNSUBSCRIBE_ANSWER,        /* forget it; answer that there is no right row */
    SF_UNSUBSCRIBE,               /* forget it */
} sf_subscribe;

/* Of a left row's value on the wire; the value may be null. */
typedef struct sf_row_hash {
    bool is_null;
    uint8_t bytes[SF_LONG_HASH_SIZE];
} sf_row_hash;

sf_row_hash sf_row_hash_of(sf_bytes wire);
bool sf_row_hash_equal(const sf_row_hash *a, const sf_row_hash *b);

/* Who asks: where an answer goes, and what it is for. */
typedef struct sf_subscriber {
    sf_bytes key;      /* of the left row, on the wire */
    int32_t partition; /* of the left task */
    sf_row_hash hash;
} sf_subscriber;

typedef struct sf_subscription {
    sf_subscribe what;
    sf_subscriber who;
} sf_subscription;

typedef struct sf_answer {
    sf_row_hash hash;
    int32_t partition; /* where it goes; not on the wire */
    sf_bytes value;    /* of the right row, in flight, or null */
} sf_answer;

/* In flight, from and to bytes in the arena. */
sf_bytes sf_subscription_bytes(const sf_subscription *subscription, sf_arena *arena);
const sf_subscription *sf_subscription_of(sf_bytes bytes);
sf_bytes sf_answer_bytes(const sf_answer *answer, sf_arena *arena);
const sf_answer *sf_answer_of(sf_bytes bytes);

/* A sink's choice of the partition, from a record with an answer. */
int32_t sf_answer_partition(const sf_record *record);

extern const sf_serde sf_subscription_serde;
sf_serde sf_answer_serde(const sf_serde *value); /* the right table's, borrowed */

/* ---- the store: key = size of the foreign key (4 bytes), foreign key, left key ---- */

sf_bytes sf_subscription_key(sf_bytes foreign_key, sf_bytes left_key, sf_arena *arena);
sf_bytes sf_subscription_prefix(sf_bytes foreign_key, sf_arena *arena);
sf_bytes sf_subscriber_encode(const sf_subscriber *who, sf_arena *arena);

/* key and value of the store; who->key lies within key. false: they make no sense. */
bool sf_subscriber_decode(sf_bytes key, sf_bytes value, sf_subscriber *who);

#endif
