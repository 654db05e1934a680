/* foreign_key_answer.c - steps 2 and 3, beside the right table: subscriptions are kept, and answered when
 * they come and whenever the right row changes. The time of an answer is the larger of both rows'. */
#include "dsl/operators/change.h"
#include "dsl/operators/foreign_key.h"
#include "dsl/operators/foreign_key_messages.h"
#include "topology/processor_implementation.h"

typedef struct answerer {
    const sf_foreign_key_join *join;
    sf_key_value_store *subscriptions;
    const sf_lookup *right; /* step 2 only */
} answerer;

static sf_status make(const sf_foreign_key_join *join, sf_context *context, answerer **made,
                      sf_error *err)
{
    *made = sf_arena_zalloc(context->pipeline->memory, sizeof(**made));
    (*made)->join = join;
    (*made)->subscriptions = sf_context_key_value_store(context, join->subscriptions);
    if (!(*made)->subscriptions)
        return sf_fail(err, SF_INVALID, "the store '%s' is not a key-value store",
                       join->subscriptions);
    return SF_OK;
}

/* record: for time and headers. */
static sf_status answer(sf_context *context, const sf_record *record, const sf_subscriber *who,
                        sf_bytes value, sf_error *err)
{
    sf_answer said = {.hash = who->hash, .partition = who->partition, .value = value};
    sf_record out = *record;

    out.key = who->key;
    out.value = sf_answer_bytes(&said, sf_context_arena(context));
    return sf_context_forward(context, &out, err);
}

/* ---- 2: a subscription comes ---- */

static sf_status init_subscribe(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_foreign_key_join *join = user;
    answerer *made;
    sf_status status = make(join, context, &made, err);

    *state = made;
    return status ? status : sf_lookup_open(join->right, context, &made->right, err);
}

static sf_status keep(answerer *at, sf_context *context, const sf_record *record, sf_error *err)
{
    const sf_subscription *subscription = sf_subscription_of(record->value);
    sf_arena *arena = sf_context_arena(context);
    bool stays = subscription->what == SF_SUBSCRIBE_ANSWER ||
                 subscription->what == SF_SUBSCRIBE_ANSWER_IF_FOUND;
    sf_bytes foreign_key;
    sf_status status = sf_serde_encode(at->join->right_key, record->key, arena, &foreign_key, err);

    if (status)
        return status;
    return sf_key_value_store_put(
        at->subscriptions, sf_subscription_key(foreign_key, subscription->who.key, arena),
        stays ? sf_subscriber_encode(&subscription->who, arena) : SF_NULL, record->timestamp, err);
}

/* Without a foreign key there is nothing to subscribe to, but an answer may be wanted. */
static sf_status find_right(answerer *at, sf_context *context, const sf_record *record,
                            sf_stored *right, sf_error *err)
{
    sf_status status;

    *right = sf_lookup_nothing();
    if (sf_bytes_is_null(record->key))
        return SF_OK;
    status = keep(at, context, record, err);
    return status ? status : sf_lookup_get_sent(at->right, record->key, right, err);
}

static sf_status process_subscribe(void *state, sf_context *context, const sf_record *record,
                                   sf_error *err)
{
    answerer *at = state;
    const sf_subscription *subscription = sf_subscription_of(record->value);
    sf_subscribe what = subscription->what;
    sf_record asked = *record;
    sf_stored right;
    sf_status status;

    if (sf_bytes_is_null(record->key) && what != SF_SUBSCRIBE_ANSWER) {
        sf_context_count_dropped_for(context, SF_DROP_NULL);
        return SF_OK;
    }
    status = find_right(at, context, record, &right, err);
    if (status || what == SF_UNSUBSCRIBE ||
        (what == SF_SUBSCRIBE_ANSWER_IF_FOUND && sf_bytes_is_null(right.value)))
        return status;
    if (right.timestamp > asked.timestamp)
        asked.timestamp = right.timestamp;
    if (what == SF_UNSUBSCRIBE_ANSWER)
        right.value = SF_NULL;
    return answer(context, &asked, &subscription->who, right.value, err);
}

sf_processor sf_foreign_key_subscribe_processor(sf_foreign_key_join *join)
{
    return (sf_processor){.init = init_subscribe, .process = process_subscribe, .user = join};
}

/* ---- 3: the right row changes ---- */

static sf_status init_fan_out(void *user, sf_context *context, void **state, sf_error *err)
{
    answerer *made;
    sf_status status = make(user, context, &made, err);

    *state = made;
    return status;
}

static sf_status answer_one(sf_context *context, const sf_record *record, sf_bytes key,
                            sf_stored stored, sf_error *err)
{
    sf_record at = *record;
    sf_subscriber who;

    if (!sf_subscriber_decode(sf_arena_copy(sf_context_arena(context), key), stored.value, &who))
        return sf_fail(err, SF_CORRUPT, "a subscription of a foreign-key join cannot be read back");
    if (stored.timestamp > at.timestamp)
        at.timestamp = stored.timestamp;
    return answer(context, &at, &who, record->value, err);
}

static sf_status process_fan_out(void *state, sf_context *context, const sf_record *record,
                                 sf_error *err)
{
    answerer *at = state;
    sf_arena *arena = sf_context_arena(context);
    sf_key_value_iterator *iterator;
    sf_bytes key;
    sf_stored stored;
    sf_status status;

    if (at->join->right_is_versioned && sf_change_of(record)->is_stale) {
        sf_context_count_dropped_for(context, SF_DROP_OUT_OF_ORDER);
        return SF_OK;
    }
    status = sf_serde_encode(at->join->right_key, record->key, arena, &key, err);
    if (!status)
        status = sf_key_value_store_prefix(at->subscriptions, sf_subscription_prefix(key, arena),
                                           &iterator, err);
    if (status)
        return status;
    while (sf_key_value_iterator_next(iterator, &key, &stored, &status, err)) {
        status = answer_one(context, record, key, stored, err);
        if (status)
            break;
    }
    sf_key_value_iterator_free(iterator);
    return status;
}

sf_processor sf_foreign_key_fan_out_processor(sf_foreign_key_join *join)
{
    return (sf_processor){.init = init_fan_out, .process = process_fan_out, .user = join};
}
