#include "dsl/operators/foreign_key_messages.h"

#include <string.h>

#include "base/encoding.h"

enum {
    HASH_SIZE = 1 + SF_LONG_HASH_SIZE, /* 1: there is one, 0: the row is null; the hash */
    WHO_SIZE = HASH_SIZE + 4,          /* hash, partition */
    SUBSCRIPTION_SIZE = 1 + WHO_SIZE,  /* what, who; then the left key */
    ANSWER_SIZE = HASH_SIZE + 1,       /* hash, 1: there is a value; then the value */
};

/* ---- hashes ---- */

sf_row_hash sf_row_hash_of(sf_bytes wire)
{
    sf_row_hash hash = {.is_null = sf_bytes_is_null(wire)};

    if (!hash.is_null)
        sf_long_hash(wire, hash.bytes);
    return hash;
}

bool sf_row_hash_equal(const sf_row_hash *a, const sf_row_hash *b)
{
    if (a->is_null || b->is_null)
        return a->is_null == b->is_null;
    return !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static void put_hash(uint8_t *to, const sf_row_hash *hash)
{
    to[0] = !hash->is_null;
    memcpy(to + 1, hash->bytes, SF_LONG_HASH_SIZE);
}

static sf_row_hash get_hash(const uint8_t *from)
{
    sf_row_hash hash = {.is_null = !from[0]};

    memcpy(hash.bytes, from + 1, SF_LONG_HASH_SIZE);
    return hash;
}

static bool hash_makes_sense(const uint8_t *from)
{
    return from[0] <= 1;
}

static void put_who(uint8_t *to, const sf_subscriber *who)
{
    put_hash(to, &who->hash);
    sf_put_be32(to + HASH_SIZE, (uint32_t)who->partition);
}

static sf_subscriber get_who(const uint8_t *from, sf_bytes key)
{
    return (sf_subscriber){
        .key = key,
        .partition = (int32_t)sf_get_be32(from + HASH_SIZE),
        .hash = get_hash(from),
    };
}

static void put_bytes(uint8_t *to, sf_bytes bytes)
{
    if (bytes.size)
        memcpy(to, bytes.data, bytes.size);
}

/* ---- in flight ---- */

static sf_bytes in_arena(const void *thing, size_t size, sf_arena *arena)
{
    void *place = sf_arena_alloc(arena, size);

    memcpy(place, thing, size);
    return sf_bytes_of(place, size);
}

sf_bytes sf_subscription_bytes(const sf_subscription *subscription, sf_arena *arena)
{
    return in_arena(subscription, sizeof(*subscription), arena);
}

const sf_subscription *sf_subscription_of(sf_bytes bytes)
{
    return (const sf_subscription *)(const void *)bytes.data;
}

sf_bytes sf_answer_bytes(const sf_answer *answer, sf_arena *arena)
{
    return in_arena(answer, sizeof(*answer), arena);
}

const sf_answer *sf_answer_of(sf_bytes bytes)
{
    return (const sf_answer *)(const void *)bytes.data;
}

int32_t sf_answer_partition(const sf_record *record)
{
    return sf_answer_of(record->value)->partition;
}

/* ---- subscriptions on the wire ---- */

static sf_status serialize_subscription(const sf_serde *serde, sf_bytes value, sf_arena *arena,
                                        sf_bytes *wire, sf_error *err)
{
    const sf_subscription *subscription = sf_subscription_of(value);
    size_t size = SUBSCRIPTION_SIZE + subscription->who.key.size;
    uint8_t *bytes = sf_arena_alloc(arena, size);

    (void)serde;
    (void)err;
    bytes[0] = (uint8_t)subscription->what;
    put_who(bytes + 1, &subscription->who);
    put_bytes(bytes + SUBSCRIPTION_SIZE, subscription->who.key);
    *wire = sf_bytes_of(bytes, size);
    return SF_OK;
}

static sf_status deserialize_subscription(const sf_serde *serde, sf_bytes wire, sf_arena *arena,
                                          sf_bytes *value, sf_error *err)
{
    sf_subscription subscription;

    (void)serde;
    if (wire.size < SUBSCRIPTION_SIZE || wire.data[0] > SF_UNSUBSCRIBE ||
        !hash_makes_sense(wire.data + 1))
        return sf_reject(err, "not a subscription of a foreign-key join");
    subscription.what = (sf_subscribe)wire.data[0];
    subscription.who = get_who(
        wire.data + 1, sf_bytes_of(wire.data + SUBSCRIPTION_SIZE, wire.size - SUBSCRIPTION_SIZE));
    *value = sf_subscription_bytes(&subscription, arena);
    return SF_OK;
}

const sf_serde sf_subscription_serde = {"subscription", deserialize_subscription,
                                        serialize_subscription, NULL};

/* ---- answers on the wire ---- */

static sf_status serialize_answer(const sf_serde *serde, sf_bytes value, sf_arena *arena,
                                  sf_bytes *wire, sf_error *err)
{
    const sf_answer *answer = sf_answer_of(value);
    sf_bytes row;
    uint8_t *bytes;
    sf_status status = sf_serde_encode(serde->user, answer->value, arena, &row, err);

    if (status)
        return status;
    bytes = sf_arena_alloc(arena, ANSWER_SIZE + row.size);
    put_hash(bytes, &answer->hash);
    bytes[HASH_SIZE] = !sf_bytes_is_null(row);
    put_bytes(bytes + ANSWER_SIZE, row);
    *wire = sf_bytes_of(bytes, ANSWER_SIZE + row.size);
    return SF_OK;
}

static sf_status deserialize_answer(const sf_serde *serde, sf_bytes wire, sf_arena *arena,
                                    sf_bytes *value, sf_error *err)
{
    sf_answer answer = {.value = SF_NULL};
    sf_bytes row;
    sf_status status = SF_OK;

    if (wire.size < ANSWER_SIZE || !hash_makes_sense(wire.data) || wire.data[HASH_SIZE] > 1 ||
        (!wire.data[HASH_SIZE] && wire.size > ANSWER_SIZE))
        return sf_reject(err, "not an answer of a foreign-key join");
    answer.hash = get_hash(wire.data);
    row = sf_bytes_of(wire.data + ANSWER_SIZE, wire.size - ANSWER_SIZE);
    if (wire.data[HASH_SIZE]) /* in memory of its own, so that it is aligned */
        status = sf_serde_decode(serde->user, sf_arena_copy(arena, row), arena, &answer.value, err);
    if (!status)
        *value = sf_answer_bytes(&answer, arena);
    return status;
}

sf_serde sf_answer_serde(const sf_serde *value)
{
    return (sf_serde){"answer", deserialize_answer, serialize_answer, value};
}

/* ---- the store ---- */

sf_bytes sf_subscription_key(sf_bytes foreign_key, sf_bytes left_key, sf_arena *arena)
{
    size_t size = 4 + foreign_key.size + left_key.size;
    uint8_t *bytes = sf_arena_alloc(arena, size);

    sf_put_be32(bytes, (uint32_t)foreign_key.size);
    put_bytes(bytes + 4, foreign_key);
    put_bytes(bytes + 4 + foreign_key.size, left_key);
    return sf_bytes_of(bytes, size);
}

sf_bytes sf_subscription_prefix(sf_bytes foreign_key, sf_arena *arena)
{
    return sf_subscription_key(foreign_key, sf_bytes_of("", 0), arena);
}

sf_bytes sf_subscriber_encode(const sf_subscriber *who, sf_arena *arena)
{
    uint8_t *bytes = sf_arena_alloc(arena, WHO_SIZE);

    put_who(bytes, who);
    return sf_bytes_of(bytes, WHO_SIZE);
}

bool sf_subscriber_decode(sf_bytes key, sf_bytes value, sf_subscriber *who)
{
    size_t foreign_size = key.size < 4 ? SIZE_MAX : sf_get_be32(key.data);

    if (key.size < 4 || foreign_size > key.size - 4 || value.size != WHO_SIZE ||
        !hash_makes_sense(value.data))
        return false;
    key = sf_bytes_of(key.data + 4 + foreign_size, key.size - 4 - foreign_size);
    *who = get_who(value.data, key);
    return true;
}
