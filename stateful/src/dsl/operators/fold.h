/* fold.h - how records, or sessions, come together in one value: count, reduce, aggregate. Values are
 * in flight; functions are the program's (see functions.h). */
#ifndef SF_DSL_OPERATORS_FOLD_H
#define SF_DSL_OPERATORS_FOLD_H

#include <stateful/functions.h>

typedef struct sf_fold {
    sf_aggregate_fn add;
    void *user;
    sf_bytes initial;    /* null: add is told that there is none */
    bool first_is_taken; /* the first value as it is (reduce) */
    sf_merge_fn merge;   /* of sessions; NULL: add does it (reduce) */
    void *merge_user;
    bool skips_null; /* records without a value are dropped */
} sf_fold;

/* Counting: int64. */
extern const sf_fold sf_fold_count;

/* *aggregate becomes what a group begins with. */
void sf_fold_begin(const sf_fold *fold, sf_arena *arena, sf_bytes *aggregate);

/* One more record; *aggregate is what there is so far. */
sf_status sf_fold_apply(const sf_fold *fold, sf_arena *arena, const sf_record *record,
                        sf_bytes *aggregate, sf_error *err);

/* The same, where a null aggregate says that the group begins here. */
sf_status sf_fold_add(const sf_fold *fold, sf_arena *arena, const sf_record *record,
                      sf_bytes *aggregate, sf_error *err);

/* One more session of the key. */
sf_status sf_fold_merge(const sf_fold *fold, sf_arena *arena, sf_bytes key, sf_bytes *aggregate,
                        sf_bytes other, sf_error *err);

/* Whether the record has nothing to add. */
bool sf_fold_leaves_out(const sf_fold *fold, const sf_record *record);

#endif
