/* foreign_key_ask.c - step 1: a left row changes, and so does what it subscribes to.
 *
 * An inner join has no result without a right row, so the right side need not answer where nothing is
 * found and nothing was before. Where a result may have been there it answers in any case, though that
 * may give a deletion of what never was: nobody here knows.
 */
#include "dsl/operators/change.h"
#include "dsl/operators/foreign_key.h"
#include "dsl/operators/foreign_key_messages.h"

/* A change of a left row on its way; keys in flight and on the wire. */
typedef struct asking {
    const sf_foreign_key_join *join;
    sf_context *context;
    const sf_record *record;
    sf_subscriber who;
    sf_bytes now;    /* the foreign key; null: none */
    sf_bytes before; /* the same, before the change */
    bool differ;
} asking;

sf_status sf_foreign_key_select(const sf_foreign_key_join *join, sf_arena *arena,
                                const sf_record *record, sf_bytes value, sf_bytes *key,
                                sf_error *err)
{
    sf_record in = *record, out;
    sf_status status;

    *key = SF_NULL;
    if (sf_bytes_is_null(value))
        return SF_OK;
    in.value = value;
    out = in;
    out.key = SF_NULL;
    status = join->select(join->select_user, arena, &in, &out, err);
    *key = out.key;
    return status;
}

static sf_status select_key(const asking *ask, sf_bytes value, sf_bytes *key, sf_error *err)
{
    return sf_foreign_key_select(ask->join, sf_context_arena(ask->context), ask->record, value, key,
                                 err);
}

static sf_status compare(asking *ask, sf_error *err)
{
    sf_arena *arena = sf_context_arena(ask->context);
    sf_bytes now, before;
    sf_status status = sf_serde_encode(ask->join->right_key, ask->now, arena, &now, err);

    if (!status)
        status = sf_serde_encode(ask->join->right_key, ask->before, arena, &before, err);
    if (!status)
        ask->differ = !sf_bytes_equal(now, before);
    return status;
}

static sf_status describe(asking *ask, sf_error *err)
{
    const sf_foreign_key_join *join = ask->join;
    sf_arena *arena = sf_context_arena(ask->context);
    sf_bytes wire;
    sf_status status = sf_serde_encode(join->left_key, ask->record->key, arena, &ask->who.key, err);

    if (!status)
        status = sf_serde_encode(join->left_value, ask->record->value, arena, &wire, err);
    if (status)
        return status;
    ask->who.hash = sf_row_hash_of(wire);
    ask->who.partition = sf_context_partition(ask->context);
    return SF_OK;
}

static sf_status tell(const asking *ask, sf_bytes foreign_key, sf_subscribe what, sf_error *err)
{
    sf_subscription subscription = {what, ask->who};
    sf_record out = *ask->record;

    out.key = foreign_key;
    out.value = sf_subscription_bytes(&subscription, sf_context_arena(ask->context));
    return sf_context_forward(ask->context, &out, err);
}

/* Without a right row the answer makes the result too, so there always is one. */
static sf_status ask_left(const asking *ask, sf_error *err)
{
    sf_status status = SF_OK;

    if (!sf_bytes_is_null(ask->before) && ask->differ)
        status = tell(ask, ask->before, SF_UNSUBSCRIBE, err);
    return status ? status : tell(ask, ask->now, SF_SUBSCRIBE_ANSWER, err);
}

static sf_status ask_inner(const asking *ask, sf_error *err)
{
    bool has_before = !sf_bytes_is_null(ask->before);
    sf_status status;

    if (sf_bytes_is_null(ask->now)) {
        if (!sf_bytes_is_null(ask->record->value))
            sf_context_count_dropped_for(ask->context, SF_DROP_NULL);
        return has_before ? tell(ask, ask->before, SF_UNSUBSCRIBE_ANSWER, err) : SF_OK;
    }
    if (!has_before || !ask->differ)
        return tell(ask, ask->now, SF_SUBSCRIBE_ANSWER_IF_FOUND, err);
    status = tell(ask, ask->before, SF_UNSUBSCRIBE, err);
    return status ? status : tell(ask, ask->now, SF_SUBSCRIBE_ANSWER, err);
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const sf_change *change = sf_change_of(record);
    asking ask = {.join = state, .context = context, .record = record};
    sf_status status;

    if (ask.join->left_is_versioned && change->is_stale) {
        sf_context_count_dropped_for(context, SF_DROP_OUT_OF_ORDER);
        return SF_OK;
    }
    if (sf_bytes_is_null(record->value) && sf_bytes_is_null(change->before))
        return SF_OK;
    status = select_key(&ask, record->value, &ask.now, err);
    if (!status)
        status = select_key(&ask, change->before, &ask.before, err);
    if (!status)
        status = compare(&ask, err);
    if (!status)
        status = describe(&ask, err);
    if (status)
        return status;
    return ask.join->is_left ? ask_left(&ask, err) : ask_inner(&ask, err);
}

sf_processor sf_foreign_key_ask_processor(sf_foreign_key_join *join)
{
    return (sf_processor){.process = process, .user = join};
}
