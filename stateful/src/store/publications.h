/* publications.h - the table of the stores that may be read by other threads; registry.h reads it,
 * task_stores.c writes it. Any thread. */
#ifndef SF_STORE_PUBLICATIONS_H
#define SF_STORE_PUBLICATIONS_H

#include <stateful/error.h>
#include <stateful/store.h>

#include "store/expiry.h"
#include "store/state_db.h"
#include "store/window_key.h"

typedef struct sf_publications sf_publications;
typedef struct sf_published sf_published;

/* A partition of a store, as readers need it. Counted. */
struct sf_published {
    sf_publications *publications; /* set by _add, with its references */
    unsigned references;           /* under the table's lock */
    uint64_t number;               /* set by _add: no other publication ever had it */
    char *name;                    /* owned */
    sf_store_kind kind;
    sf_window_layout layout; /* window stores */
    int64_t history_ms;      /* versioned stores */
    int32_t partition;
    sf_state_db *db;
    sf_state_family *family;
    sf_state_family *side_family; /* NULL: none */
    const sf_expiry *expiry;      /* NULL: nothing expires */
};

/* ended is called, outside the lock, whenever a publication is gone for good. */
sf_publications *sf_publications_new(void (*ended)(void *user), void *user);
void sf_publications_free(sf_publications *publications);

/* Copies, with a reference for the table. */
sf_published *sf_publications_add(sf_publications *publications, const sf_published *published);

/* Nobody finds it from now on; the table's reference is given back. */
void sf_published_withdraw(sf_published *published);

/* Those of that name ordered by partition, each with a reference; free() the array. */
sf_published **sf_publications_find(sf_publications *publications, const char *name, size_t *count);
void sf_published_unref(sf_published *published);

/* SF_INVALID if it is of another kind. */
sf_status sf_published_check_kind(const sf_published *published, sf_store_kind kind, sf_error *err);

#endif
