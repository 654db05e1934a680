/* ordered_model.h - what a store should hold, in the plainest way: a sorted array. */
#ifndef TESTS_SUPPORT_ORDERED_MODEL_H
#define TESTS_SUPPORT_ORDERED_MODEL_H

#include <stateful/bytes.h>

typedef struct sf_model_entry {
    sf_bytes key; /* owned */
    sf_bytes value;
    int64_t timestamp;
} sf_model_entry;

typedef struct sf_model {
    sf_model_entry *entries;
    size_t count;
} sf_model;

#define SF_MODEL_EMPTY ((sf_model){NULL, 0})

void sf_model_done(sf_model *model);
sf_model sf_model_copy(const sf_model *model);

/* A null value deletes. */
void sf_model_put(sf_model *model, sf_bytes key, sf_bytes value, int64_t timestamp);
void sf_model_delete_range(sf_model *model, sf_bytes lower, sf_bytes upper);

/* NULL: not there. */
const sf_model_entry *sf_model_get(const sf_model *model, sf_bytes key);

/* The place of the first entry not below the key; null: 0. */
size_t sf_model_seek(const sf_model *model, sf_bytes key);

#endif
