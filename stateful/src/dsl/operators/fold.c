#include "dsl/operators/fold.h"

#include <stateful/serde.h>

static sf_status count_one(void *user, sf_arena *arena, const sf_record *record,
                           sf_bytes *aggregate, sf_error *err)
{
    (void)user;
    (void)record;
    (void)err;
    *aggregate = sf_bytes_from_int64(sf_bytes_to_int64(*aggregate) + 1, arena);
    return SF_OK;
}

static sf_status sum_counts(void *user, sf_arena *arena, sf_bytes key, sf_bytes *aggregate,
                            sf_bytes other, sf_error *err)
{
    (void)user;
    (void)key;
    (void)err;
    *aggregate =
        sf_bytes_from_int64(sf_bytes_to_int64(*aggregate) + sf_bytes_to_int64(other), arena);
    return SF_OK;
}

const sf_fold sf_fold_count = {.add = count_one, .merge = sum_counts};

void sf_fold_begin(const sf_fold *fold, sf_arena *arena, sf_bytes *aggregate)
{
    *aggregate = sf_arena_copy(arena, fold->initial);
}

sf_status sf_fold_apply(const sf_fold *fold, sf_arena *arena, const sf_record *record,
                        sf_bytes *aggregate, sf_error *err)
{
    if (!fold->first_is_taken || !sf_bytes_is_null(*aggregate))
        return fold->add(fold->user, arena, record, aggregate, err);
    *aggregate = record->value;
    return SF_OK;
}

sf_status sf_fold_add(const sf_fold *fold, sf_arena *arena, const sf_record *record,
                      sf_bytes *aggregate, sf_error *err)
{
    if (sf_bytes_is_null(*aggregate))
        sf_fold_begin(fold, arena, aggregate);
    return sf_fold_apply(fold, arena, record, aggregate, err);
}

sf_status sf_fold_merge(const sf_fold *fold, sf_arena *arena, sf_bytes key, sf_bytes *aggregate,
                        sf_bytes other, sf_error *err)
{
    const sf_record session = {.key = key, .value = other};

    if (fold->merge)
        return fold->merge(fold->merge_user, arena, key, aggregate, other, err);
    return sf_fold_apply(fold, arena, &session, aggregate, err);
}

bool sf_fold_leaves_out(const sf_fold *fold, const sf_record *record)
{
    return sf_bytes_is_null(record->key) || (fold->skips_null && sf_bytes_is_null(record->value));
}
