/* fuzz_message.c - any bytes as what an application sends itself: values of repartition topics, subscriptions
 * and answers of foreign-key joins, pairs of values, values that lie behind their headers. What is taken lies
 * within the bytes and is the same when it is written again, what is not is refused with a sentence. */
#include <stdlib.h>

#include "dsl/operators/foreign_key_messages.h"
#include "dsl/operators/value_pair.h"
#include "task/repartition_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool lies_within(sf_bytes part, sf_bytes whole)
{
    return !part.data ||
           (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

static void read_repartition(sf_bytes wire, sf_arena *arena)
{
    sf_error error = {0};
    sf_bytes value;
    int64_t timestamp;

    if (sf_repartition_value_decode(wire, &value, &timestamp, &error)) {
        check(error.text[0]);
        return;
    }
    check(lies_within(value, wire));
    check(sf_bytes_equal(sf_repartition_value_encode(value, timestamp, arena), wire));
}

static void read_message(const sf_serde *serde, sf_bytes wire, sf_arena *arena)
{
    sf_error error = {0};
    sf_bytes value, again;

    if (sf_serde_decode(serde, wire, arena, &value, &error)) {
        check(error.text[0]);
        return;
    }
    check(!sf_serde_encode(serde, value, arena, &again, &error));
    check(sf_bytes_equal(again, wire));
}

/* A row of the subscriptions: the first byte says how many of the others are the key. */
static void read_subscriber(sf_bytes bytes, sf_arena *arena)
{
    size_t key_size = bytes.size ? bytes.data[0] : 0;
    sf_subscriber who;
    sf_bytes key, value;

    if (bytes.size <= key_size)
        return;
    key = sf_bytes_of(bytes.data + 1, key_size);
    value = sf_bytes_of(bytes.data + 1 + key_size, bytes.size - 1 - key_size);
    if (!sf_subscriber_decode(key, value, &who))
        return;
    check(lies_within(who.key, key));
    check(sf_bytes_equal(sf_subscriber_encode(&who, arena), value));
}

static void read_headers(sf_bytes packed, sf_arena *arena)
{
    sf_headers headers;
    sf_bytes value;

    if (!sf_headers_unpack(packed, arena, &headers, &value))
        return;
    check(lies_within(value, packed));
    for (size_t i = 0; i < headers.count; i++) {
        check(lies_within(sf_bytes_text(headers.items[i].name), packed));
        check(lies_within(headers.items[i].value, packed));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sf_bytes bytes = sf_bytes_of(data, size);
    const sf_serde answer = sf_answer_serde(&sf_string_serde);
    const sf_serde pair = sf_value_pair_serde(&sf_string_serde);
    sf_arena *arena = sf_arena_new();

    read_repartition(bytes, arena);
    read_message(&sf_subscription_serde, bytes, arena);
    read_message(&answer, bytes, arena);
    read_message(&pair, bytes, arena);
    read_subscriber(bytes, arena);
    read_headers(bytes, arena);
    sf_arena_free(arena);
    return 0;
}
