/* state_db_implementation.h - what an implementation of state_db fills in; others do not look. */
#ifndef SF_STORE_STATE_DB_IMPLEMENTATION_H
#define SF_STORE_STATE_DB_IMPLEMENTATION_H

#include "store/state_db.h"

/* The contracts are those of state_db.h, function by function. */
typedef struct sf_state_db_ops {
    void (*close)(sf_state_db *db);
    void (*memory)(sf_state_db *db, sf_state_memory *used); /* NULL: not known */
    uint64_t (*version)(sf_state_db *db);
    sf_status (*family)(sf_state_db *db, const char *name, sf_state_expired_fn expired, void *user,
                        sf_state_family **family, sf_error *err);
    sf_status (*get)(sf_state_db *db, sf_state_family *family, sf_bytes key, sf_bytes *value,
                     sf_state_pin *pin, sf_error *err);
    sf_state_snapshot *(*snapshot)(sf_state_db *db);
    void (*snapshot_free)(sf_state_db *db, sf_state_snapshot *snapshot);
    sf_state_iterator *(*iterate)(sf_state_db *db, sf_state_family *family, sf_bytes lower,
                                  sf_bytes upper, bool backwards, sf_state_snapshot *snapshot);
    bool (*iterator_next)(sf_state_iterator *iterator, sf_bytes *key, sf_bytes *value,
                          sf_status *status, sf_error *err);
    void (*iterator_free)(sf_state_iterator *iterator);
    sf_state_batch *(*batch_new)(sf_state_db *db);
    void (*batch_free)(sf_state_batch *batch);
    void (*batch_clear)(sf_state_batch *batch);
    void (*batch_put)(sf_state_batch *batch, sf_state_family *family, sf_bytes key, sf_bytes value);
    void (*batch_delete)(sf_state_batch *batch, sf_state_family *family, sf_bytes key);
    void (*batch_delete_range)(sf_state_batch *batch, sf_state_family *family, sf_bytes lower,
                               sf_bytes upper);
    sf_status (*write)(sf_state_db *db, sf_state_batch *batch, sf_error *err);
    sf_status (*ingest)(sf_state_db *db, sf_state_family *family, const sf_state_row *rows,
                        size_t count, sf_error *err); /* NULL: a batch does it */
} sf_state_db_ops;

/* The first member of an implementation's own structs. */
struct sf_state_db {
    const sf_state_db_ops *ops;
};

struct sf_state_iterator {
    const sf_state_db_ops *ops;
};

struct sf_state_batch {
    const sf_state_db_ops *ops;
    size_t count; /* kept by state_db.c */
};

#endif
